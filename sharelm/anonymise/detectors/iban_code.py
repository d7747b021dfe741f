"""Bank account numbers after ISO 13616: a country's length and two check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

# From the IBAN registry of SWIFT.
_COUNTRIES_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FK FI FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTHS = {country: length for length, countries in _COUNTRIES_BY_LENGTH.items() for country in countries.split()}
_REST = {length: re.compile(rf"(?:[ \-\u00a0]?[A-Za-z0-9]){{{length - 4}}}(?![A-Za-z0-9])") for length in _COUNTRIES_BY_LENGTH}
_HEAD = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})\d{2}(?=[ \-\u00a0]?[A-Za-z0-9]{2})", re.ASCII)


def find(text: str) -> Iterator[PiiSpan]:
    end = 0
    for head in _HEAD.finditer(text):
        length = _LENGTHS.get(head[1].upper())
        rest = _REST[length].match(text, head.end()) if length and head.start() >= end else None
        if rest and has_valid_check_digits(head[0] + rest[0]):
            end = rest.end()
            yield PiiSpan(head.start(), end, "IBAN_CODE")


def has_valid_check_digits(value: str) -> bool:
    """The first four characters moved to the end and letters read as 10 to 35, the number leaves 1 when divided by 97."""
    compact = "".join(filter(str.isalnum, value))
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1
