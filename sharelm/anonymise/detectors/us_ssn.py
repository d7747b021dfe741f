"""US social security numbers: area, group and serial number in the ranges that are given out.

Without dashes nine digits can be anything, so the words have to stand beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.rules import Kind, Region
from sharelm.vocabulary import PiiSpan

_KIND = Kind("US_SSN", hints=(r"-(?<=[0-9]{3}-)[0-9]{2}-[0-9]{4}", "", r"[0-9]{4}(?![0-9])"))

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    return _KIND.find(text, {"ssn": _ssn})


def is_given_out(area: str, group: str, serial: str) -> bool:
    """After the Social Security Administration's rules: no part is all zeros, the area is neither 666 nor 900 to 999."""
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def _ssn(_: str, match: re.Match[str]) -> Region | None:
    return match.span(1) if is_given_out(match[2], match[3], match[4]) else None
