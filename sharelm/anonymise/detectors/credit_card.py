"""Payment card numbers: an issuer's prefix and length, and a Luhn check digit (ISO/IEC 7812)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

_CARD = re.compile(
    r"(?<![\w.])(?<!\d-)(?:"
    r"\d{4}([ .\-\u00a0])\d{4}\1\d{4}\1\d{4}(?:\1\d{3}(?!\d))?"
    r"|\d{4}([ .\-\u00a0])\d{6}\2\d{4,5}"
    r"|\d{13,19}"
    r")(?!\w|[.\-]\d)"
)
_ISSUER = re.compile(
    r"4(?:\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d{2})\d{12}"  # Discover
    r"|62\d{14,17}"  # UnionPay
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|3(?:0[0-5]|[689]\d)\d{11}"  # Diners Club
    r"|(?:50|5[6-8]|6[37])\d{14,17}"  # Maestro
)
# Thirteen digits are more often a timestamp or an article number than one of the old Visa cards.
_OLD_VISA = re.compile(r"4\d{12}")
_CARD_WORD = re.compile(r"\b(?:card|visa|credit|debit|cc)\b", re.IGNORECASE)


def find(text: str) -> Iterator[PiiSpan]:
    for match in _CARD.finditer(text):
        for value in _readings(match):
            if _is_card(value, before=text[max(0, match.start() - 40) : match.start()]):
                yield PiiSpan(match.start(), match.start() + len(value), "CREDIT_CARD")
                break


def has_valid_check_digit(digits: str) -> bool:
    """Luhn: from the right, every second digit doubled and its digits added; the sum ends in 0."""
    doubled = (int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _readings(match: re.Match[str]) -> Iterator[str]:
    """A fifth group may belong to the number or be the security code behind it."""
    yield match[0]
    if match[1] and match[0].count(match[1]) == 4:
        yield match[0].rpartition(match[1])[0]


def _is_card(value: str, *, before: str) -> bool:
    digits = "".join(filter(str.isdecimal, value))
    known = _ISSUER.fullmatch(digits) or (_OLD_VISA.fullmatch(digits) and _CARD_WORD.search(before))
    return bool(known) and len(set(digits)) > 1 and has_valid_check_digit(digits)
