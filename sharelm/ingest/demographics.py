"""Voluntary facts about a person, made coarse on arrival: an age band, a country, a gender."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from sharelm.errors import Refused
from sharelm.vocabulary import Demographics

AGE_BANDS = ((18, "18-24"), (25, "25-34"), (35, "35-44"), (45, "45-54"), (55, "55-64"), (65, "65+"))
ADULT = 18
NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ"}
OLDEST = 120
LANGUAGES_OF_COUNTRY_NAMES = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "sv", "tr", "ru", "uk", "ar", "he", "hi", "zh", "ja", "ko")
OTHER_NAMES = {"uk": "GB", "u.k.": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "usa": "US", "u.s.a.": "US",
               "u.s.": "US", "america": "US", "united states of america": "US", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ",
               "uae": "AE", "korea": "KR", "south korea": "KR", "turkey": "TR", "ivory coast": "CI", "burma": "MM"}  # fmt: skip


def read_demographics(*, age: str | float | None, gender: str | None, location: str | None) -> Demographics:
    """What may be kept of what a person told. Unreadable answers count as no answer."""
    return Demographics(age_band=age_band(read_age(age)), country=country_of(location or ""), gender=tidy_gender(gender))


def read_age(age: str | float | None) -> int | None:
    """Whole years, if it begins with them: 17.5 and `17 years` are 17."""
    found = re.match(r"\s*(-?\d{1,3})(?!\d)", str(age)) if age is not None else None
    years = int(found[1]) if found else None
    return years if years is not None and years <= OLDEST else None


def refuse_minor(age: str | float | None) -> None:
    """Raises Refused with 403 for an age below 18."""
    years = read_age(age)
    if years is not None and years < ADULT:
        raise Refused("Nothing is taken of people under 18.", status=403, title="For adults only")


def age_band(years: int | None) -> str | None:
    """The band of the Stack Overflow and PRISM surveys; None below 18."""
    bands = [band for low, band in AGE_BANDS if years is not None and years >= low]
    return bands[-1] if bands else None


def country_of(place: str) -> str | None:
    """ISO 3166 alpha-2 code of the country that a free-text place names, in any of the usual languages; None if it names none."""
    if re.fullmatch(r"\s*[A-Z]{2}\s*", place) and place.strip() in _countries().values():
        return place.strip()
    parts = [_fold(part) for part in (place, *reversed(re.split(r"[,;/()]", place)))]
    codes = (_countries().get(part) for part in parts if part)
    return next((code for code in codes if code), None)


def tidy_gender(gender: str | None) -> str | None:
    text = " ".join((gender or "").split()).lower()
    return text if text.isprintable() and 0 < len(text) <= 64 else None


@cache
def country_names(language: str = "en") -> tuple[tuple[str, str], ...]:
    """(code, name) of every country in the order of the names in this language."""
    from babel import Locale

    named = [(code, name) for code, name in Locale(language).territories.items() if _is_country(code)]
    return tuple(sorted(named, key=lambda pair: _fold(pair[1])))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES


@cache
def _countries() -> dict[str, str]:
    from babel import Locale  # its data takes a moment to load, and most uploads name no place

    names = dict(OTHER_NAMES)
    for language in LANGUAGES_OF_COUNTRY_NAMES:
        territories = Locale(language).territories
        names |= {_fold(name): code for code, name in territories.items() if _is_country(code)}
    return names


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())
