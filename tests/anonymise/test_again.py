"""The second look reads only what stands around the replaced places, and finds what reading all of it would."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise.again import AROUND, REACH
from sharelm.anonymise.conversation import Reading
from sharelm.anonymise.engine import anonymise_texts, replace_places
from sharelm.anonymise.rules import Region
from sharelm.vocabulary import PiiSpan, Role
from tests.anonymise.test_gate import GLUE, TEXTS

FILLER = "The weather was fine yesterday, so we walked along the river and talked about nothing in particular. "
FILLERS = [FILLER * 4, FILLER.lower() * 4, "\n\n" + FILLER * 9, "```\nrun(a)\n```\n" + FILLER * 4, "`a` " * 90, "x" * 700]
LONG = st.lists(st.sampled_from(TEXTS) | st.sampled_from(GLUE) | st.sampled_from(FILLERS), max_size=10).map("".join)


def seen(text: str, replaced: list[Region] | None = None) -> list[PiiSpan]:
    reading = Reading([text], [Role.USER])
    reading.look(names=False, beside=[replaced])
    (spans,) = reading.spans()
    return spans


def once_replaced(text: str) -> tuple[str, list[Region]]:
    places = [(span.start, span.end, f"[{span.entity_type}_1]") for span in seen(text)]
    changed = replace_places(text, places)
    ends = [len(replace_places(text[:end], places[: number + 1])) for number, (_, end, _) in enumerate(places)]
    return changed, [(end - len(placeholder), end) for end, (_, _, placeholder) in zip(ends, places, strict=True)]


def test_every_two_of_the_detectors_own_texts_are_seen_as_a_whole_look_sees_them() -> None:
    for first, second in zip(TEXTS, reversed(TEXTS), strict=True):
        text, replaced = once_replaced(f"{FILLER * 9}{first} {second} {FILLER * 9}")
        assert not replaced or seen(text, replaced) == seen(text), text


@settings(max_examples=300, deadline=None)
@given(text=LONG)
def test_it_finds_what_a_whole_look_finds(text: str) -> None:
    changed, replaced = once_replaced(text)
    assert not replaced or seen(changed, replaced) == seen(changed)


def test_what_comes_to_light_beside_a_placeholder_is_found() -> None:
    text = f"{FILLER * 20}You can reach them at info45@example.org or under 555-0145. {FILLER * 20}"
    (found,) = anonymise_texts([text], digest=str).texts
    assert "at [EMAIL_ADDRESS_1] or under [PHONE_NUMBER_1]. " in found


@pytest.mark.parametrize(("between", "is_found"), [(REACH - 2, True), (REACH + 2, False), (AROUND + 2, False)])
@pytest.mark.parametrize("is_behind", [True, False])
def test_it_looks_so_far_and_no_further(between: int, is_found: bool, is_behind: bool) -> None:
    gap = "\n" + "-" * (between - 2) + "\n"
    text = f"[PERSON_1]{gap}555-01-1234 {FILLER * 9}" if is_behind else f"{FILLER * 9}555-01-1234{gap}[PERSON_1]"
    place = text.index("[PERSON_1]")
    assert [span.entity_type for span in seen(text, [(place, place + 10)])] == (["US_SSN"] if is_found else [])
    assert [span.entity_type for span in seen(text)] == ["US_SSN"]


@pytest.mark.parametrize("text", ["so [PERSON_1] came" + FILLER.lower() * 9 + "and anna rossi", "A [PERSON_1]" + "." * 900 + "my name is Zoe\u0308"])
def test_it_reads_all_of_a_message_whose_letters_are_not_what_they_seem(text: str) -> None:
    place = text.index("[PERSON_1]")
    assert seen(text, [(place, place + 10)]) == seen(text) != []


REASONS = [
    f"{FILLER * 9}my phone in the old town is 555014512 {'-' * 180} [PERSON_1] {FILLER * 9}",
    f"{FILLER * 9}https://www.facebook.com/{'a' * 400} {'-' * 180} [PERSON_1] {FILLER * 9}",
    f"{FILLER * 9}555-01-1234 {'-' * 180} [PERSON_1] {'-' * 300} [PERSON_2] {'-' * 300} [PERSON_1] 555-01-1234 {FILLER * 9}",
]


@pytest.mark.parametrize("text", REASONS)
def test_it_reads_far_enough_for_the_reasons_of_what_it_finds(text: str) -> None:
    replaced = [match.span() for match in re.finditer(r"\[PERSON_\d\]", text)]
    assert seen(text, replaced) == seen(text) != []


PHONES = "| Phone | Site | Notes |\n|---|---|---|\n"
ROW = "| none | none | painted white, with a window and a door |\n"
FAR_REASONS = [
    f"{PHONES}{ROW * 9}| none | [URL_1] | x |\n| 301447788 | none | y |\n{FILLER * 9}",
    f"| [PERSON_1] phone | Notes |\n|---|---|\n{'| none | painted white |' * 12}\n| 301447788 | y |\n{FILLER * 9}",
    f"In London and all over England. {FILLER * 12}\n020 7946 0958,[CREDIT_CARD_1]\n{FILLER * 4}",
    f"Harry Potter was in the news. {FILLER * 9}Harry said no and wrote to [EMAIL_ADDRESS_1]. {FILLER * 4}",
    f"    # {'this is a long comment ' * 18}as Anna Rossi said to [EMAIL_ADDRESS_1]\n{FILLER * 4}",
]


@pytest.mark.parametrize("text", FAR_REASONS)
def test_it_sees_what_has_its_reasons_far_away_as_a_whole_look_sees_it(text: str) -> None:
    replaced = [match.span() for match in re.finditer(r"\[[A-Z_]+_1\]", text)]
    assert seen(text, replaced) == seen(text)


def test_of_what_has_its_reasons_far_away_something_is_found() -> None:
    kinds = [[span.entity_type for span in seen(text)] for text in FAR_REASONS]
    assert kinds == [["PHONE_NUMBER"], ["PHONE_NUMBER"], ["PHONE_NUMBER"], [], []]
