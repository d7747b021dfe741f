"""Bank account numbers after ISO 13616: a country's length and two check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.rules import Kind, Region, compiled
from sharelm.vocabulary import PiiSpan

_KIND = Kind("IBAN_CODE", hints=(r"[0-9](?<=[A-Za-z]{2}[0-9])[0-9][ \-\xa0]?[A-Za-z0-9]{2}",))
# From the IBAN registry of SWIFT.
_LENGTHS = {country: int(length) for length, countries in _KIND.facts["lengths"].items() for country in countries.split()}
_REST = {
    length: compiled(_KIND.facts["words"]["rest"].replace("%d", str(length - 4))) for value in set(_LENGTHS.values()) for length in (value, value - 1)
}

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    return _KIND.find(text, {"iban": _iban})


def has_valid_check_digits(value: str) -> bool:
    """The first four characters moved to the end and letters read as 10 to 35, the number leaves 1 when divided by 97."""
    compact = "".join(filter(str.isalnum, value))
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _iban(text: str, head: re.Match[str]) -> Region | None:
    length = _LENGTHS.get(head[1].upper(), 0)
    # One digit short, with check digits that are right: what generators of test data make for Britain.
    for rest in (_REST[length].match(text, head.end()), _REST[length - 1].match(text, head.end())) if length else ():
        if rest and has_valid_check_digits(head[0] + rest[0]):
            return head.start(), rest.end()
    return None
