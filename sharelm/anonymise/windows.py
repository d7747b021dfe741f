"""Places of one text that read the same as one before, and so need no second look: what costs most in a text that repeats itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

FEWEST = 40
"""Places of a text that are looked at before any is remembered: most texts have fewer, and none that read the same."""
MOST = 64
"""That are remembered at once: this is for texts that say one thing again and again, and must not take memory with the text."""


class Windows(Generic[T]):
    """What was found at places of one text, by what stands around them. Lives during one call."""

    def __init__(self, text: str, before: int, behind: int) -> None:
        """What is found may depend on so many characters before and behind a place, and on nothing else."""
        self._text, self._before, self._behind = text, before, behind
        self._places = 0
        self._known: dict[tuple[str, str], T] = {}

    def at(self, place: int, look: Callable[[], T]) -> T:
        """What `look` finds there, told by how far it is from the place."""
        self._places += 1
        if self._places <= FEWEST:
            return look()
        key = self._text[max(0, place - self._before) : place], self._text[place : place + self._behind]
        if key not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = look()
        return self._known[key]
