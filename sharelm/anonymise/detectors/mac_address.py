"""MAC addresses in the three usual spellings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

_MAC = re.compile(
    # Not in the middle of a longer row of pairs, such as a fingerprint; `mac:aa:bb...` is a label, not a row.
    r"(?:(?<![\w:\-.])|(?<=[G-Zg-z ][:\-])|(?<=mac:)|(?<=MAC:))"
    r"(?:[0-9A-Fa-f]{2}([:\-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w]|[:\-]\w)"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?!\w|\.\w))"
)


def find(text: str) -> Iterator[PiiSpan]:
    for match in _MAC.finditer(text):
        if _is_somebodys(match[0]):
            yield PiiSpan(match.start(), match.end(), "MAC_ADDRESS")


def _is_somebodys(value: str) -> bool:
    """Not the null or broadcast address; and with a letter, unless colons say that it is no list of numbers."""
    digits = value.replace(":", "").replace("-", "").replace(".", "").lower()
    return len(set(digits)) > 1 and (":" in value or not digits.isdecimal())
