"""Entries: their alternatives are sorted without changing what matches, and only those that the gate lets through look."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise.alternatives import alternatives, any_of, factored
from sharelm.anonymise.entry import Entry, Look, only
from sharelm.anonymise.gate import TRIGGERS, Gate, hyperscan_gate, judge
from tests.anonymise.test_gate import MIXED, PROSE, TEXTS

ENTRIES = [entry for trigger in TRIGGERS.values() for entry in trigger.entries]
AS_WRITTEN = {entry: re.compile(entry.source, entry.pattern.flags) for entry in ENTRIES}


def matches(pattern: re.Pattern[str], text: str) -> list[tuple[tuple[int, int], dict[str, str]]]:
    return [(match.span(), match.groupdict()) for match in pattern.finditer(text)]


def test_sorting_changes_no_match_in_the_detectors_own_tables() -> None:
    for text in TEXTS:
        for entry, as_written in AS_WRITTEN.items():
            assert matches(entry.pattern, text) == matches(as_written, text)


@settings(max_examples=100, deadline=None)
@given(text=MIXED | PROSE)
def test_sorting_changes_no_match(text: str) -> None:
    for entry, as_written in AS_WRITTEN.items():
        assert matches(entry.pattern, text) == matches(as_written, text)


def test_literals_and_hints_are_there_wherever_it_matches() -> None:
    for text in TEXTS:
        for changed in (text, text.upper(), text.title(), f"é{text}é"):
            if judge(changed) is not None:
                assert all(entry.can_match(changed, changed.lower()) for entry in ENTRIES if entry.pattern.search(changed)), changed


def found_at_one_look(text: str) -> dict[Entry, list[tuple[tuple[int, int], dict[str, str]]]]:
    with only(Look(text, frozenset(ENTRIES))):
        return {entry: [(match.span(), match.groupdict()) for match in entry.finditer(text)] for entry in ENTRIES}


def test_looking_in_lower_case_first_finds_the_same() -> None:
    for text in TEXTS:
        for changed in (text, text.upper(), text.title()):
            if judge(changed) is not None:
                assert found_at_one_look(changed) == {entry: matches(entry.pattern, changed) for entry in ENTRIES}


@settings(max_examples=100, deadline=None)
@given(text=MIXED | PROSE)
def test_looking_in_lower_case_first_finds_the_same_anywhere(text: str) -> None:
    if judge(text) is not None:
        assert found_at_one_look(text) == {entry: matches(entry.pattern, text) for entry in ENTRIES}


HEADED = [entry for entry in ENTRIES if entry.head]
HEADS = ["my address is ", "Come back to ", "i live in ", "wohne in ", "l’adresse est : ", "habite à ", "moved to", "the corner of ", "sent them to "]
AROUND = [" ", "\n", "the ", "12 ", "5", "Roma", "é", "😀", "x" * 69, "x" * 50, "come ", "back ", "address"]


@pytest.fixture(scope="module")
def gate() -> Gate:
    pytest.importorskip("hyperscan")
    return hyperscan_gate()


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.sampled_from(HEADS) | st.sampled_from(AROUND), max_size=12).map("".join))
def test_where_its_head_ends_says_where_it_can_match(gate: Gate, text: str) -> None:
    verdict = judge(text, gate)
    assert verdict is not None
    with only(Look(text, verdict.entries, verdict.ends)):
        found = {entry: [(match.span(), match.groupdict()) for match in entry.finditer(text)] for entry in HEADED}
    assert found == {entry: matches(entry.pattern, text) if "5" in text or "1" in text else [] for entry in HEADED}


def test_it_is_tried_only_where_its_head_ends() -> None:
    (told,) = HEADED
    text = "my address is Rua 5, my address is Rua 7"
    assert len(list(told.finditer(text))) == 2
    with only(Look(text, frozenset({told}), {told: [14]})):
        assert [match.start() for match in told.finditer(text)] == [3]


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        (r"a\|b|[|)]c", [r"a\|b", "[|)]c"]),
        ("(?i:a|b)|c(d|e)f", ["(?i:a|b)", "c(d|e)f"]),
        (r"[(\[{]|[]|]|[^]|]x", [r"[(\[{]", "[]|]", "[^]|]x"]),
    ],
)
def test_it_cuts_a_pattern_only_where_no_bracket_is_open(pattern: str, parts: list[str]) -> None:
    assert alternatives(pattern) == parts


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("account|card|claim|dog|eel|fish", "account|c(?:ard|laim)|dog|eel|fish"),
        ("a|b|c", "a|b|c"),
        ("ab|c?d|ac|e|f|g", "ab|c?d|ac|e|f|g"),
        ("ab|ac|(?:my )?car|e|f|g", "a(?:b|c)|my car|car|e|f|g"),
        ("(?P<x>a|b)|aa|ab|e|f|g", "(?P<x>a|b)|a(?:a|b)|e|f|g"),
    ],
)
def test_it_sorts_long_lists_by_their_first_letter(pattern: str, expected: str) -> None:
    assert factored(pattern) == expected


def test_the_longest_of_the_words_that_stand_there_is_found() -> None:
    pattern = re.compile(any_of({"pass", "passport", "port", "a.b", "é"}))
    assert pattern.findall("passports, passé: a.b axb") == ["passport", "pass", "é", "a.b"]


def test_only_those_that_are_let_through_look() -> None:
    first, second = Entry("a"), Entry("a")
    with only(Look("aa", frozenset({first}))):
        assert [len(list(entry.finditer("aa"))) for entry in (first, second)] == [2, 0]
    with only(None):
        assert len(list(second.finditer("aa"))) == 2
    assert len(list(second.finditer("aa"))) == 2
