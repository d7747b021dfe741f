"""JSON as a stream of elements, each a conversation or an entry of a log: never more than one of them in memory.

A file is a list of elements, one object, one object after the other (JSON Lines), or an object with the list in `history` (Chatbot UI).
"""

from __future__ import annotations

import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

import ijson

from sharelm.ingest.exports.archive import BOM, MAX_BYTES, MAX_RATIO, SMALL_ENOUGH
from sharelm.ingest.exports.depth import DepthGuard
from sharelm.ingest.exports.draft import NotAnExport

BLOCK = 262_144
MAX_ELEMENT_BYTES = 50_000_000
LIST_IN_OBJECT = "history"
DAMAGES = (ijson.JSONError, zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, ValueError, OverflowError)


class Source:
    """The bytes of one file, counted: what all files give together, and what is held for one element, has a limit."""

    def __init__(self, open_file: Callable[[], IO[bytes]], budget: Budget) -> None:
        self._open = open_file
        self._budget = budget
        self._file: IO[bytes] | None = None
        self._begins = True
        self._depth = DepthGuard()
        self.held = 0
        self._last_depth = 0
        self.deepest = 0  # that anything goes which was read since the last element, or with it

    def begin_element(self) -> None:
        self.held, self.deepest = 0, self._last_depth

    def read(self, size: int = -1) -> bytes:
        """An empty answer only at the end. Asked for nothing, ijson looks for the type: bytes."""
        if size == 0:
            return b""
        if self._file is None:
            self._file = self._open()
        block = self._file.read(BLOCK)
        if self._begins:
            block, self._begins = block.removeprefix(BOM), False
        self.held += len(block)
        if self.held > MAX_ELEMENT_BYTES:
            raise NotAnExport("too-large")
        self._budget.take(len(block))
        self._last_depth = self._depth.look(block)
        self.deepest = max(self.deepest, self._last_depth)
        return block


class Budget:
    """How much may still be unpacked, whatever the list of files said; `tell` hears how much it was so far."""

    def __init__(self, size: int, tell: Callable[[int], None]) -> None:
        self._most = min(MAX_BYTES, max(SMALL_ENOUGH, MAX_RATIO * size))
        self._tell = tell
        self.taken = 0

    def take(self, count: int) -> None:
        self.taken += count
        if self.taken > self._most:
            raise NotAnExport("too-large" if self._most == MAX_BYTES else "bomb")
        self._tell(self.taken)


def elements(open_file: Callable[[], IO[bytes]], budget: Budget) -> Iterator[tuple[Any, int]]:
    """Each with a depth that it does not exceed. Raises NotAnExport where the JSON breaks off or goes too far."""
    try:
        prefix = _prefix(open_file)
        source = Source(open_file, budget)
        # yajl takes all of a text in one piece, so its memory is bound by what is held for an element.
        # Floats would mean machine numbers too, and a longer one the end of the file.
        for element in ijson.items(source, prefix, multiple_values=prefix != "item", use_float=False, buf_size=BLOCK):
            yield element, source.deepest
            source.begin_element()
    except DAMAGES:
        raise NotAnExport("damaged") from None


def _prefix(open_file: Callable[[], IO[bytes]]) -> str:
    """Where the elements are, by the first signs of the file and, in an object, by the names on its first level."""
    source = Source(open_file, Budget(MAX_BYTES, lambda _: None))
    for path, event, _ in ijson.parse(source, multiple_values=True, buf_size=BLOCK):
        if path == "" and event == "start_array":
            return "item"
        if (path, event) == (LIST_IN_OBJECT, "start_array"):
            return f"{LIST_IN_OBJECT}.item"
        if path == "" and event == "end_map":
            return ""
        if path == "" and event not in {"start_map", "map_key"}:
            raise NotAnExport("unknown")
    raise NotAnExport("empty-file")


def depth_within(element: Any, most: int) -> bool:
    """Whether nothing is nested more deeply, without recursion."""
    level = [element]
    for _ in range(most):
        level = [*itertools.chain.from_iterable(_inner(one) for one in level)]
        if not level:
            return True
    return False


def _inner(value: Any) -> list[Any]:
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in held if isinstance(one, dict | list)]
