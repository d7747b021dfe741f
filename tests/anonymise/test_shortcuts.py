"""Whatever looks only where something can be finds what looking everywhere finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise import propagate, spans
from sharelm.anonymise.detectors import (
    id_number,
    ip_address,
    languages,
    national_id,
    person_runs,
    phone_number,
    street_address,
    street_candidate,
    url,
)
from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.street_words import BEFORE_NAME_IN_FRENCH
from sharelm.anonymise.gate import judge
from sharelm.anonymise.rules import TEXT
from sharelm.anonymise.words import FEW, places_of
from tests.anonymise.test_gate import MIXED, PROSE, TEXTS

SIGNS = st.text(alphabet="aAwW:/.@1900x-+( )[]`~<>_\nNÄéſK", max_size=40)
ANYTHING = MIXED | PROSE | SIGNS
NAMES = ["anna", "rossi", "zoe", "анна", "li", "de"]
WRITTEN = [*NAMES, "Anna", "ROSSI", "Zoë", "zoë", "Анна", "Annas", "x_anna", "2rossi", "İ"]


def check(text: str) -> None:
    assert [match.span() for match in url._links(text)] == [match.span() for match in url._LINK.finditer(text)]
    assert spans.mask_placeholders(text) == spans.PLACEHOLDER.sub(lambda match: "<" * len(match[0]), text)
    assert [match.span() for match in spans._fences(text)] == [match.span() for match in TEXT["fence"].finditer(text)]
    everywhere = {match.start() for match in national_id._CANDIDATE.finditer(text) if national_id._end_of_number(text, match)}
    assert {span.start for span in national_id.find(text)} == everywhere
    words = [word.lower() for word in languages._WORD.findall(text)]
    assert not text.isascii() or words == languages._WORD_IN_ASCII.findall(text.lower())
    v6 = ip_address.ENTRIES[1]
    places = sorted({place for colon in ip_address._COLONS.finditer(text) for place in range(max(0, colon.start() - 4), colon.start() + 1)})
    assert [match.span() for match in v6.find_at(text, places)] == [match.span() for match in v6.pattern.finditer(text)]
    numbers = list(street_candidate._NUMBER.finditer(text))
    assert judge(text) is None or [number.span() for number in numbers] == [n.span() for n in street_candidate._NUMBER_IN_ASCII.finditer(text)]
    for number in numbers:
        behind = street_candidate._WORDS_BEHIND.match(text, number.end())
        first = behind["words"].split(" ")[0].lower() if behind else ""
        is_never_first = first.strip(".,") in street_candidate._NEVER_FIRST and first not in BEFORE_NAME_IN_FRENCH
        assert street_candidate._is_never_first(text, number.end()) == (behind is None or is_never_first)


@pytest.mark.parametrize("between", [1, 39, 40, 41, 60, 200])
def test_a_street_is_found_behind_many_numbers_without_a_word(between: int) -> None:
    """The hundred characters beside the letters are read."""
    text = "1 " * 300 + "12 Baker Street" + " 1" * between + "\nHauptstr. 5, " + "1 " * between + "71 Harper Road"
    found = [text[span.start : span.end] for span in street_address.find(text)]
    assert [any(street in one for one in found) for street in ("12 Baker Street", "Hauptstr. 5", "71 Harper Road")] == [True] * 3


@pytest.mark.parametrize("before", ["", "\n", "a" * 40, "```\n" + "a" * 40, "~~~\n" + " " * 16, "~~~\n" + " " * 17, "> " * 9])
def test_a_fence_is_seen_only_at_the_beginning_of_its_line(before: str) -> None:
    check(f"{before}~~~ and ```\n{before}```python\n")


def test_they_do_so_in_the_detectors_own_tables() -> None:
    for text in TEXTS:
        check(text)
        check(f"é{text.upper()}")


@settings(max_examples=300, deadline=None)
@given(text=ANYTHING)
def test_they_do_so_anywhere(text: str) -> None:
    check(text)


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.sampled_from(WRITTEN) | SIGNS, max_size=12).map(" ".join))
def test_names_are_found_one_by_one_as_they_are_word_by_word(text: str) -> None:
    first = dict.fromkeys(NAMES, 1)
    words = [(match.start(), match.end()) for match in re.finditer(r"[^\W\d_]+", text) if propagate._key(match[0]) in first]
    assert [(start, end) for start, end, _ in propagate._places_of(text, first)] == words


@pytest.mark.parametrize("count", [1, FEW + 1])
def test_few_words_and_many_are_found_at_the_same_places(count: int) -> None:
    words = ["anna", *(f"w{i}" for i in range(count - 1))]
    assert list(places_of(words, "anna annas anna-anna _anna", re.compile(r"\w+"), lambda sign: sign.isalnum() or sign == "_")) == [
        (0, "anna"),
        (11, "anna"),
        (16, "anna"),
    ]


@pytest.mark.parametrize("text", ["(303) 334-7090", "1 (303) 334-7090", "(11) 91234-5678", "(0117) 4960478", "06 58 95 46 94", "833.719.3994x1887"])
def test_a_number_is_tried_wherever_one_of_the_forms_begins(text: str) -> None:
    begins = {begin.start() for begin in phone_number._BEGINS_FORM.finditer(text)}
    assert phone_number._BY_FORM.match(text)
    assert 0 in begins


@pytest.mark.parametrize("shape", sorted(national_id._SHAPES))
def test_every_form_of_a_national_number_has_what_the_gate_looks_for(shape: str) -> None:
    (sign,) = national_id.ENTRIES
    assert sign.pattern.search(shape)
    assert not sign.pattern.search("in 34 days, 12:15, 20 %")


@settings(max_examples=300, deadline=None)
@given(value=st.from_regex(re.compile(id_number._VALUE.pattern, re.ASCII)))
def test_every_number_of_a_customer_has_what_the_gate_looks_for(value: str) -> None:
    match = id_number._VALUE.search(value)
    assert match is None or not id_number._is_number(value, match) or id_number._ENOUGH.search(value)


@pytest.mark.parametrize("value", [f"a1{'b' * 16}234", f"12{'-BBB' * 6}-34", "KX7P2Q", "12.3.4"])
def test_a_customer_s_number_is_looked_for_as_far_as_it_reaches(value: str) -> None:
    text = f"customer number: here is {value}"
    assert [text[span.start : span.end] for span in id_number.find(text)] == [value]
    assert not id_number._ENOUGH.search("in 34 days, at 7.30 or at 12:15")


@pytest.mark.parametrize(
    ("text", "names"), [("The I'm Anna", ["Anna"]), ("THE Anna", ["Anna"]), ("J. Rossi", ["J", "Rossi"]), ("A Rossi", ["Rossi"])]
)
def test_words_that_begin_no_name_are_skipped_as_they_are_written(text: str, names: list[str]) -> None:
    assert [word.text for run in person_runs.runs(text, Languages(text)) for word in run] == names
    assert {word.lower() for word in person_runs._breakers()} <= person_runs._breakers()
