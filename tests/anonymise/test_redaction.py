"""The rules that the extension and the server share: golden texts, patterns that both engines read alike, and labels that arrive."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sharelm.anonymise.conversation import Reading
from sharelm.anonymise.detectors import DETECTORS
from sharelm.anonymise.engine import anonymise_texts
from sharelm.anonymise.rules import FILE, compiled
from tests.anonymise.local import SERVER_ONLY, redact
from tests.anonymise.texts import GOLDEN, conversations

RULES = json.loads(FILE.read_text(encoding="utf-8"))
PATTERNS = [
    *RULES["text"].values(),
    *(rule["pattern"] for kind in RULES["kinds"] for rule in kind["rules"]),
    *(word.replace("%d", "1") for kind in RULES["kinds"] for word in kind["words"].values()),
]
IN_ANY_CASE = [rule["pattern"] for kind in RULES["kinds"] for rule in kind["rules"] if rule.get("ignore_case")]


@pytest.mark.parametrize("golden", GOLDEN, ids=[golden["name"] for golden in GOLDEN])
def test_golden_texts_come_out_as_written_down(golden: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert redact(golden["given"]) == golden["expected"]
    # Only the server sees the whole conversation, and carries what it found through all of it.
    monkeypatch.setattr(Reading, "_carry_values", lambda _: None)
    assert list(anonymise_texts(golden["given"], digest=str).texts) == golden["expected"]


def test_the_server_finds_no_more_of_these_kinds_in_what_left_the_device() -> None:
    for texts in conversations(300, seed=7):
        counts = anonymise_texts(redact(texts), digest=str).counts
        # A key that only the server sees can have an address glued to it, which shows when the key is gone.
        assert set(counts) <= SERVER_ONLY or "CREDENTIAL" in counts


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_mean_the_same_in_both_engines(pattern: str) -> None:
    compiled(pattern)
    bare = re.sub(r"\[:\w+:\]", "", pattern).replace(r"[\s\S]", "")
    assert not re.search(r"\\[wWbBsSpPAZ]", bare), "means something else in JavaScript, or beyond ASCII"
    assert not re.search(r"\(\?(?!:|=|!|<=|<!)", bare), "is written differently in JavaScript"
    assert not re.search(r"(?<!\\)\.(?![^\[]*\])", re.sub(r"\\.", "", bare)), "a dot stops at other line ends in JavaScript"
    assert not re.search(r"(?<!\\)\$(?![^\[]*\])", re.sub(r"\\.", "", bare)), "matches before a last line end in Python"


@pytest.mark.parametrize("pattern", IN_ANY_CASE)
def test_patterns_for_any_case_are_written_in_lower_case(pattern: str) -> None:
    assert not re.search(r"[A-Z]", re.sub(r"\[:\w+:\]", "", pattern))


def test_the_kinds_stand_in_the_same_order_on_both_sides() -> None:
    here = [detector.entity_type for detector in DETECTORS if detector.entity_type not in SERVER_ONLY]
    assert [kind["type"] for kind in RULES["kinds"]] == here
    assert [kind["in_code"] for kind in RULES["kinds"]] == [detector.in_code for detector in DETECTORS if detector.entity_type in here]


def test_the_classes_hold_letters_of_many_scripts_and_no_punctuation() -> None:
    word = compiled("[[:word:]]")
    assert all(word.fullmatch(sign) for sign in "aZ09_éßøłğşčžйЖωשبकกあカ中한ｱＡ１𝒶𠀀\u0308")
    assert not any(word.fullmatch(sign) for sign in " \n.,;:!?-+'\"()[]<>«»“”…–—·،؛。、，！？￥€😀\u2028\u00a0")


def test_labels_that_arrive_stay_and_numbers_go_on_from_the_highest() -> None:
    first = anonymise_texts(["[EMAIL_ADDRESS_1] and [EMAIL_ADDRESS_3], [HIDDEN_1]", "bob@example.org"], digest=str)
    assert first.texts == ("[EMAIL_ADDRESS_1] and [EMAIL_ADDRESS_3], [HIDDEN_1]", "[EMAIL_ADDRESS_4]")
    second = anonymise_texts(["carol@example.org, bob@example.org"], digest=str, known=first.known, taken=first.texts)
    assert second.texts == ("[EMAIL_ADDRESS_5], [EMAIL_ADDRESS_4]",)
    third = anonymise_texts(["[EMAIL_ADDRESS_9]", "dan@example.org"], digest=str, known=second.known, taken=[*first.texts, *second.texts])
    assert third.texts == ("[EMAIL_ADDRESS_9]", "[EMAIL_ADDRESS_10]")


def test_a_number_that_only_a_person_writes_is_not_counted_on_from() -> None:
    assert anonymise_texts(["[EMAIL_ADDRESS_999999] [EMAIL_ADDRESS_01] a@example.org"], digest=str).texts == (
        "[EMAIL_ADDRESS_999999] [EMAIL_ADDRESS_01] [EMAIL_ADDRESS_2]",
    )
