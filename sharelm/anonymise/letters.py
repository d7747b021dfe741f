"""Letters written as a letter and its accents one after the other, put together: `u` and U+0308 are `ü`, as every list and pattern has it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

_APART = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]+")
# How the bytes of U+0300 to U+036F begin; Python finds a byte faster than a class of letters.
_ACCENTS = (b"\xcc", b"\xcd")


class Composed:
    """A text with its letters put together, and where its places are in the text as it was written."""

    def __init__(self, written: str) -> None:
        self.text = self.written = written
        # From each of these places on, until the next one, both texts go on in step.
        self._here, self._written = [0], [0]
        self._begins = [0]  # where the letter begins, in the text as it was written, that ends there
        if not written.isascii():
            data = written.encode(errors="replace")
            if any(begin in data for begin in _ACCENTS):
                self._compose()

    def _compose(self) -> None:
        together: dict[str, str] = {}
        pieces, kept_from, length, written = [], 0, 0, self.text
        for match in _APART.finditer(written):
            start, end = match.span()
            letter = together.get(match[0]) or together.setdefault(match[0], unicodedata.normalize("NFC", match[0]))
            pieces += [written[kept_from:start], letter]
            length += start - kept_from + len(letter)
            kept_from = end
            self._here.append(length)
            self._written.append(end)
            self._begins.append(start)
        self.text = "".join([*pieces, written[kept_from:]])

    @property
    def is_changed(self) -> bool:
        return len(self._here) > 1

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The place in this text of one in the text as it was written; letters that begin or end within it belong to it."""
        return self._here_of(start, is_end=False), self._here_of(end, is_end=True)

    def _here_of(self, at: int, *, is_end: bool) -> int:
        step = bisect_right(self._written, at) - 1
        if step + 1 == len(self._here) or at <= self._begins[step + 1]:
            return self._here[step] + at - self._written[step]
        return self._here[step + 1] if is_end else self._here_of(self._begins[step + 1], is_end=False)

    def region(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text as it was written."""
        if len(self._here) == 1:
            return start, end
        return self._place(start), self._place(end)

    def _place(self, at: int) -> int:
        step = bisect_right(self._here, at) - 1
        return self._written[step] + at - self._here[step]
