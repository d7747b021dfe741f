"""Payment card numbers: an issuer's prefix and length, and a Luhn check digit (ISO/IEC 7812)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.rules import Kind, Region
from sharelm.vocabulary import PiiSpan

_KIND = Kind("CREDIT_CARD", hints=(r"[0-9](?:[ .\-\xa0]?[0-9]){12}",))
_ISSUER, _CARD_WORD = _KIND.words["issuer"], _KIND.words["card_word"]
# Thirteen digits are more often a timestamp or an article number than one of the old Visa cards.
_OLD_VISA = _KIND.words["old_visa"]

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    return _KIND.find(text, {"card": _card})


def has_valid_check_digit(digits: str) -> bool:
    """Luhn: from the right, every second digit doubled and its digits added; the sum ends in 0."""
    doubled = (int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _card(text: str, match: re.Match[str]) -> Region | None:
    before = text[max(0, match.start() - 40) : match.start()]
    return next(((match.start(), match.start() + len(value)) for value in _readings(match) if _is_card(value, before=before)), None)


def _readings(match: re.Match[str]) -> Iterator[str]:
    """A fifth group may belong to the number or be the security code behind it."""
    yield match[0]
    if match[1] and match[0].count(match[1]) == 4:
        yield match[0].rpartition(match[1])[0]


def _is_card(value: str, *, before: str) -> bool:
    digits = "".join(filter(str.isdecimal, value))
    known = _ISSUER.fullmatch(digits) or (_OLD_VISA.fullmatch(digits) and _CARD_WORD.search(before))
    return bool(known) and len(set(digits)) > 1 and has_valid_check_digit(digits)
