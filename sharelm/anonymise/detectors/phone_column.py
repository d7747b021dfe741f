"""Columns of phone numbers: tables with a head that says so."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

_CELL_BEFORE = re.compile(r"\|[ \t]*\(?\Z")
_HEAD = re.compile(r"\|[^|\n]{0,20}(?:phone|tel|mobile|cell|handy|t[ée]l[ée]fono?)[^|\n]{0,12}(?=\|)", re.IGNORECASE)
_TABLE = 600


class Columns:
    """Of one text. The heads are looked for once: a table has many more cells."""

    def __init__(self, text: str) -> None:
        self._text = text

    def hold(self, at: int) -> bool:
        """Whether a cell begins before this place, below the head of such a column."""
        if not _CELL_BEFORE.search(self._text, max(0, at - 100), at):
            return False
        before = bisect_left(self._heads, (at,)) - 1
        return before >= 0 and self._heads[before][1] >= at - _TABLE

    @cached_property
    def _heads(self) -> list[tuple[int, int]]:
        """Where each ends and where it begins."""
        return [(match.end(), match.start()) for match in _HEAD.finditer(self._text)]
