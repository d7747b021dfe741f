"""What a long text costs grows with its length: no part of it is read again and again. Counted in steps, since time says more about the machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharelm.anonymise.detectors import languages, person_public, phone_column, phone_number, street_address
from sharelm.anonymise.detectors.person import find as find_persons
from sharelm.anonymise.engine import anonymise_texts
from sharelm.anonymise.propagate import Names
from sharelm.anonymise.rules import Region
from sharelm.anonymise.shell import SpanFilth
from sharelm.anonymise.values import LONGEST, Values
from sharelm.anonymise.windows import FEWEST, MOST, Windows
from sharelm.vocabulary import PiiSpan


class Watched(str):
    """A text that remembers how many characters were looked through for the begin or the end of a line."""

    read = 0

    def rfind(self, *what: object) -> int:
        self.read += self._between(*what[1:])
        return super().rfind(*what)  # type: ignore[arg-type]

    def find(self, *what: object) -> int:
        self.read += self._between(*what[1:])
        return super().find(*what)  # type: ignore[arg-type]

    def _between(self, start: int = 0, end: int | None = None) -> int:
        return (len(self) if end is None else end) - start


def test_a_name_is_not_looked_for_along_an_endless_line() -> None:
    text = Watched("Anna Rossi 12 said so. " * 2_000)
    list(find_persons(text))
    for start in range(0, len(text), 23):
        person_public.is_personal(text, start, start + 10)
    assert text.read < 100 * len(text)


class Counted(Sequence[Region]):
    """Places of code that count how often one of them is looked at."""

    def __init__(self, regions: list[Region]) -> None:
        self._regions, self.looks = regions, 0

    def __len__(self) -> int:
        return len(self._regions)

    def __getitem__(self, at: int) -> Region:  # type: ignore[override]
        self.looks += 1
        return self._regions[at]


def test_many_names_among_many_places_of_code_are_told_apart_by_a_search() -> None:
    text = "Rossi `x` " * 1_000
    code = Counted([(start, start + 3) for start in range(6, len(text), 10)])
    assert len(list(Names(["Anna Rossi"]).find(text, code))) == 1_000
    assert code.looks < 20 * 1_000


def test_only_letters_that_can_make_a_name_ask_for_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    among = languages.Languages.among

    def counted(self: languages.Languages, word: str, at: int) -> frozenset[str]:
        asked.append(word)
        return among(self, word, at)

    monkeypatch.setattr(languages.Languages, "among", counted)
    list(find_persons("For My friend. In Mia we trust. I See it."))
    assert asked == ["Mia"]


def test_addresses_that_read_the_same_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    read = street_address._streets_at

    def counted(*given: object, **named: object) -> object:
        nonlocal looks
        looks += 1
        return read(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(street_address, "_streets_at", counted)
    found = list(street_address.find("I live at 12 Baker Street, London. " * 2_000))
    assert len(found) >= 2_000
    assert looks < FEWEST + 2 * MOST


def test_the_head_of_a_table_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    head = phone_column._HEAD

    class Counted:
        def finditer(self, text: str) -> object:
            read.append(len(text))
            return head.finditer(text)

    monkeypatch.setattr(phone_column, "_HEAD", Counted())
    text = "| Name | Mobile | Phone |\n" + "| none | 301447788 | none |\n" * 500
    assert len(list(phone_number.find(text))) == phone_column._TABLE // 28
    assert read == [len(text)]


def test_whether_anything_follows_a_name_is_not_read_to_the_end() -> None:
    class Cut(str):
        read = 0

        def __getitem__(self, place: object) -> str:
            part = super().__getitem__(place)  # type: ignore[index]
            self.read += len(part)
            return part

    text = Cut("So it is. - Anna\n" * 1_000)
    list(find_persons(text))
    assert text.read < 100 * len(text)


@given(text=st.text(alphabet="ab1", max_size=400), before=st.integers(0, 3), behind=st.integers(1, 3))
def test_what_is_remembered_is_what_would_be_found(text: str, before: int, behind: int) -> None:
    def look(at: int) -> tuple[str, str]:
        return text[max(0, at - before) : at], text[at : at + behind]

    windows = Windows[tuple[str, str]](text, before, behind)
    assert [windows.at(at, partial(look, at)) for at in range(len(text))] == [look(at) for at in range(len(text))]


def test_little_is_remembered_of_a_text_that_never_repeats_itself() -> None:
    windows = Windows[int](" ".join(map(str, range(10_000))), 5, 5)
    for at in range(0, 40_000, 5):
        windows.at(at, lambda: 0)
        assert len(windows._known) <= MOST


def test_a_value_that_is_longer_than_any_that_is_repeated_is_not_carried() -> None:
    long = "1" + "x" * LONGEST
    assert list(Values([(long, "SECRET")]).find(f"{long} {long}")) == []
    assert list(Values([(long[:LONGEST], "SECRET")]).find(f"{long[:LONGEST]} ")) == [PiiSpan(0, LONGEST, "SECRET")]


def test_spans_that_touch_are_gathered_in_one_list() -> None:
    first, *others = (SpanFilth(PiiSpan(at, at + 1, "PERSON"), "x") for at in range(50))
    parts = first.parts
    for other in others:
        first.merge(other)
    assert first.parts is parts
    assert len(parts) == 50


@pytest.mark.parametrize("pattern", ["[AA", ", Anna", "Str. 1 ", "Aa–", "O'Brien`https://"])
def test_what_comes_out_of_a_repeated_text_does_not_change_any_more(pattern: str) -> None:
    (text,) = anonymise_texts([pattern * 400], digest=str).texts
    assert anonymise_texts([text], digest=str).texts == (text,)
