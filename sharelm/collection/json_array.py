"""The values of one large JSON array, read piece by piece."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

PIECE = 1 << 20  # bytes
LARGEST_VALUE = 64_000_000  # characters: a value that does not end by then is broken
BLANKS = " \t\r\n"


def read_array(file: IO[bytes]) -> Iterator[Any]:
    """Each value of the array; where the text stops being JSON, the exception that says so, and nothing after it."""
    window = _Window(file)
    try:
        window.skip(BLANKS)
        window.place += 1  # the bracket
        while (sign := window.skip(BLANKS + ",")) != "]":
            if not sign:
                raise json.JSONDecodeError("The array does not end", "", 0)
            yield window.take_value()
    except (ValueError, RecursionError) as error:
        yield error


class _Window:
    """The part of a long text that is looked at: `text` from `place` on."""

    def __init__(self, file: IO[bytes]) -> None:
        self.text, self.place, self.is_last = "", 0, False
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8-sig")()

    def skip(self, signs: str) -> str:
        """The first sign that is none of these, and the window stands at it; "" at the end of the file."""
        while True:
            while self.place < len(self.text) and self.text[self.place] in signs:
                self.place += 1
            if self.place < len(self.text) or self.is_last:
                return self.text[self.place : self.place + 1]
            self._grow()

    def take_value(self) -> Any:
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self.text, self.place)
                if end < len(self.text) or self.is_last:
                    self.place = end
                    return value
            except json.JSONDecodeError:
                if self.is_last or len(self.text) - self.place > LARGEST_VALUE:
                    raise
            self._grow()

    def _grow(self) -> None:
        """By as much again as there is, so that a long value is tried a few times only."""
        rest = self.text[self.place :]
        piece = self._file.read(max(PIECE, len(rest)))
        self.is_last = not piece
        self.text, self.place = rest + self._decoder.decode(piece, final=self.is_last), 0
