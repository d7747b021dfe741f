"""Dates of birth where they are said to be some; what an encyclopaedia says, and other dates, stay."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import date_of_birth

HITS = [
    ("I was born on 14 March 1979", ["14 March 1979"]),
    ("DOB: 01/02/1980", ["01/02/1980"]),
    ("D.O.B. 1980-02-01", ["1980-02-01"]),
    ("my birthday is March 3rd", ["March 3rd"]),
    ("What is your date of birth? It's 7/8/1990", ["7/8/1990"]),
    ("She was born on 10/10/1975.", ["10/10/1975"]),
    ("ich bin geboren am 3. Mai 1980 in Ulm", ["3. Mai 1980"]),
    ("Geburtsdatum: 03.05.1980", ["03.05.1980"]),
    ("née le 12 juin 1990", ["12 juin 1990"]),
    ("date de naissance : 12/06/1990", ["12/06/1990"]),
    ("fecha de nacimiento: 12/03/1985", ["12/03/1985"]),
    ("nací el 3 de mayo de 1985", ["3 de mayo de 1985"]),
    ("nata a Roma il 12/04/1977", ["12/04/1977"]),
    ("data de nascimento: 12/04/1977", ["12/04/1977"]),
    ("geboortedatum 12-04-1977", ["12-04-1977"]),
    ("data urodzenia: 12.04.1977", ["12.04.1977"]),
]

NEAR_MISSES = [
    "Einstein was born on 14 March 1879 in Ulm.",
    "Barack Obama was born on August 4, 1961.",
    "the meeting is on 14 March 2024",
    "born in 1979",
    "2024-01-31 12:30",
    "birthday cake for 12 people",
    "a newborn star of 10 solar masses",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_dates_of_birth(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_other_dates(text: str) -> None:
    assert found(text) == []


def found(text: str) -> list[str]:
    spans = list(date_of_birth.find(text))
    assert {span.entity_type for span in spans} <= {"DATE_OF_BIRTH"}
    return [text[start:end] for start, end in sorted({(span.start, span.end) for span in spans})]
