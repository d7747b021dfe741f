"""A pattern that a detector begins with. Where the gate has seen that it cannot match a text, it is not tried there."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from sharelm.anonymise.alternatives import factored
from sharelm.anonymise.literals import literals

MOST_LITERALS = 60
"""To look for more takes Python longer than to try the pattern."""
_BEGINS_A_WORD = re.compile(r"(?<!\w)")
_IN_ONE_CASE = re.compile(r"\\.|\(\?P|\(\?-i:|[^\W\d_]", re.DOTALL)


class Entry:
    """A compiled pattern, told from others by what it is, not by what it says; `source` is what was written.

    `literals` are what the gate looks for first, in lower case where it `folds`. Where there are none that tell much, `hint` is a pattern
    that matches in every text in which the other does, and that Python can skip to: one that begins with few signs. `needs` is an entry
    without which a match is of no use. `head` is what the source begins with, where the gate is to tell the places at which that ends.
    """

    def __init__(self, source: str, flags: int = 0, *, hint: str = "", needs: Entry | None = None, head: str = "") -> None:
        self.source = source
        self.hint = re.compile(hint) if hint else None
        self.needs = needs
        self.head = head
        self.pattern = re.compile(factored(source), flags)
        self.folds = bool(flags & re.IGNORECASE) or "(?i" in source
        self.literals = literals(source, flags, folds=self.folds)

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        look = _look.get()
        if look is None or look.text != text:
            return self.pattern.finditer(text, start, end)
        if self not in look.possible:
            return iter(())
        if self in look.ends and not start:
            return self.find_at(text, self._places_before(text, look.ends[self]))
        if self.pattern.flags & (re.IGNORECASE | re.ASCII) != re.IGNORECASE or len(look.lower) != len(text):
            return self.pattern.finditer(text, start, end)
        return self._find_in_lower(look, start, end)

    def is_possible(self, text: str) -> bool:
        """Whether the gate let it through to this text, as far as it was asked."""
        look = _look.get()
        return look is None or look.text != text or self in look.possible

    def find_at(self, text: str, places: Iterable[int]) -> Iterator[re.Match[str]]:
        """The same, where it is known at which places it can match."""
        end = 0
        if not self.is_possible(text):
            return
        for place in places:
            match = self.pattern.match(text, place) if place >= end else None
            if match:
                yield match
                end = match.end()

    @cached_property
    def is_told_by_needs(self) -> bool:
        """Whether the gate can tell no more of it than of what it needs."""
        return self.needs is not None and self.hint is not None and self.hint.pattern == self.needs.source

    @cached_property
    def is_told_by_literals(self) -> bool:
        return self.folds and self.hint is None and self.literals is not None and len(self.literals) <= MOST_LITERALS

    def can_match(self, text: str, lower: str) -> bool:
        """Whether its literals and its hint are there; `lower` is the text in lower case."""
        if self.hint is not None and not self.hint.search(text):
            return False
        there = lower if self.folds else text
        return self.literals is None or len(self.literals) > MOST_LITERALS or any(word in there for word in self.literals)

    def _places_before(self, text: str, ends: Sequence[int]) -> Iterator[int]:
        """Where it can begin, if its head ends at these places, which are sorted."""
        place = 0
        for end in ends:
            if self._behind_head.match(text, end):
                first = max(place, end - self._longest_head)
                if self.head.startswith(_BEGINS_A_WORD.pattern):
                    yield from (begin.start() for begin in _BEGINS_A_WORD.finditer(text, first, end - 1))
                else:
                    yield from range(first, end)
                place = max(place, end)

    @cached_property
    def _behind_head(self) -> re.Pattern[str]:
        return re.compile(self.source.removeprefix(self.head), self.pattern.flags)

    @cached_property
    def _longest_head(self) -> int:
        from re import _parser  # type: ignore[attr-defined]  # the tree of a pattern, which the standard library shows nowhere else

        return int(_parser.parse(self.head, self.pattern.flags).getwidth()[1])

    def _find_in_lower(self, look: Look, start: int, end: int) -> Iterator[re.Match[str]]:
        """The same matches: Python tries a pattern much faster where its letters mean one case only."""
        while place := self._in_lower.search(look.lower, start, end):
            match = self.pattern.match(look.text, place.start(), end)
            start = place.start() + 1
            if match:
                yield match
                start = max(start, match.end())

    @cached_property
    def _in_lower(self) -> re.Pattern[str]:
        """Matches in a text in lower case wherever the pattern matches in the text itself."""
        return re.compile(factored(_IN_ONE_CASE.sub(_lower, self.source)), self.pattern.flags & ~re.IGNORECASE)


class Possible(NamedTuple):
    """Entries that may match a text; where their heads end in it, of those of which that is known."""

    entries: frozenset[Entry]
    ends: Mapping[Entry, Sequence[int]]


def _lower(match: re.Match[str]) -> str:
    return "(?:" if match[0] == "(?-i:" else match[0] if match[0][0] in "\\(" else match[0].lower()


@dataclass(frozen=True)
class Look:
    """At one text: what may match it, and how it reads in lower case. No letter in it is ASCII in another case only, no digit of another script."""

    text: str
    possible: Collection[Entry]
    ends: Mapping[Entry, Sequence[int]] = field(default_factory=dict)
    """Where the heads of some of them end, in order."""

    @cached_property
    def lower(self) -> str:
        return self.text.lower()


_look: ContextVar[Look | None] = ContextVar("look", default=None)


def digits_are_ascii(text: str) -> bool:
    """Whether the gate has seen that there are no others in this text."""
    look = _look.get()
    return look is not None and look.text == text


@contextmanager
def only(look: Look | None) -> Iterator[None]:
    """Within it, no other entry finds anything in that text; None lets all of them look."""
    before = _look.set(look)
    try:
        yield
    finally:
        _look.reset(before)
