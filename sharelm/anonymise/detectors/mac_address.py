"""MAC addresses in the three usual spellings, not in the middle of a longer row of pairs, such as a fingerprint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.rules import Kind, Region
from sharelm.vocabulary import PiiSpan

_KIND = Kind("MAC_ADDRESS", hints=(r"[:\-.](?<=[0-9A-Fa-f]{2}[:\-.])[0-9A-Fa-f]{2}(?:[:\-]|[0-9A-Fa-f]{2}\.)",))

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    return _KIND.find(text, {"mac": _mac})


def _mac(_: str, match: re.Match[str]) -> Region | None:
    return match.span() if _is_somebodys(match[0]) else None


def _is_somebodys(value: str) -> bool:
    """Not the null or broadcast address; and with a letter, unless colons say that it is no list of numbers."""
    digits = value.replace(":", "").replace("-", "").replace(".", "").lower()
    return len(set(digits)) > 1 and (":" in value or not digits.isdecimal())
