"""US social security numbers: area, group and serial number in the ranges that are given out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

_DASHED = re.compile(r"(?<![\w.])(?<!\w-)(\d{3})-(\d{2})-(\d{4})(?!\w|[.\-]\d)")
# Without dashes nine digits can be anything, so the words have to stand before them.
_NAMED = re.compile(
    r"\b(?:ssn|social(?: security(?: (?:number|num|no\.?|#))?)?)\b[^\w\n]{0,4}(?:(?:is|was|number|no)[^\w\n]{1,4}){0,2}"
    r"(?P<value>(\d{3})[ .]?(\d{2})[ .]?(\d{4}))(?!\w|[.\-]\d)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[PiiSpan]:
    for match in _DASHED.finditer(text):
        if is_given_out(match[1], match[2], match[3]):
            yield PiiSpan(match.start(), match.end(), "US_SSN")
    for match in _NAMED.finditer(text):
        if is_given_out(match[2], match[3], match[4]):
            yield PiiSpan(match.start("value"), match.end("value"), "US_SSN")


def is_given_out(area: str, group: str, serial: str) -> bool:
    """After the Social Security Administration's rules: no part is all zeros, the area is neither 666 nor 900 to 999."""
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
