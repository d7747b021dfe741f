"""A pattern that a detector begins with. Where the gate has seen that it cannot match a text, it is not tried there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sharelm.anonymise.alternatives import factored
from sharelm.anonymise.literals import literals


class Entry:
    """A compiled pattern, told from others by what it is, not by what it says; `source` is what was written.

    `literals` are what the gate looks for first, in lower case where `folds`.
    """

    __slots__ = ("folds", "literals", "pattern", "source")

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source = source
        self.pattern = re.compile(factored(source), flags)
        self.folds = bool(flags & re.IGNORECASE) or "(?i" in source
        self.literals = literals(source, flags, folds=self.folds)

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        possible = _possible.get()
        return self.pattern.finditer(text, start, end) if possible is None or self in possible else iter(())

    def can_match(self, text: str, lower: str) -> bool:
        """Whether its literals are there; `lower` is the text in lower case."""
        there = lower if self.folds else text
        return self.literals is None or any(word in there for word in self.literals)


_possible: ContextVar[frozenset[Entry] | None] = ContextVar("possible", default=None)


@contextmanager
def only(possible: frozenset[Entry] | None) -> Iterator[None]:
    """Within it, no other entry finds anything; None lets all of them look."""
    before = _possible.set(possible)
    try:
        yield
    finally:
        _possible.reset(before)
