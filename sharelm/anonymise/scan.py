"""Hyperscan in the gate: one pass for all patterns in a wider form; of long ones their literals come first, and the rest is made at need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence

from sharelm.anonymise.entry import Entry
from sharelm.anonymise.widen import BEYOND_ASCII, widen

LONG_PATTERN = 3_000  # characters; with longer ones, one database for all takes a minute to make

MOST_WORDS = 20  # in one pattern

Scan = Callable[[bytes], list[int]]
"""Which of its patterns are in the data, by their places in the list that it was made from."""


class Scanner:
    """Raises ImportError where hyperscan is not installed, or does not know the processor."""

    def __init__(self, entries: Collection[Entry]) -> None:
        import hyperscan

        self._hyperscan = hyperscan
        wider = {entry: widen(entry.source, entry.pattern.flags) for entry in entries}
        long = [entry for entry in entries if sum(map(len, wider[entry])) > LONG_PATTERN]
        self._wider = {entry: wider[entry] for entry in long}
        self._long: dict[Entry, Scan | None] = dict.fromkeys(long)
        short = [(pattern, entry) for entry in entries if entry not in self._long for pattern in wider[entry]]
        first = [(pattern, entry) for entry in long for pattern in _any_of(entry.literals or ())]
        self._short = len(short)
        self._owners = [entry for _, entry in [*short, *first]]
        self._scan = self._scan_of([pattern for pattern, _ in [*short, *first]])
        self._making = threading.Lock()

    def __call__(self, text: str, entries: frozenset[Entry]) -> frozenset[Entry]:
        data = text.encode(errors="replace")
        possible: set[Entry] = set()
        asked = {entry for entry in self._long if entry.literals is None}
        for number in self._scan(data):
            (possible if number < self._short else asked).add(self._owners[number])
        possible.update(entry for entry in asked & entries if self._scan_long(entry)(data))
        return entries & possible

    def _scan_long(self, entry: Entry) -> Scan:
        scan = self._long[entry]
        if scan is None:
            with self._making:
                scan = self._long[entry] = self._scan_of(self._wider[entry])
        return scan

    def _scan_of(self, expressions: Sequence[str]) -> Scan:
        hyperscan = self._hyperscan
        database = hyperscan.Database()
        encoded = [expression.encode() for expression in expressions]
        flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_UTF8
        try:
            database.compile(expressions=encoded, ids=list(range(len(encoded))), elements=len(encoded), flags=flags)
        except hyperscan.ArchitectureError as error:
            raise ImportError("hyperscan") from error
        threads = threading.local()

        def scan(data: bytes) -> list[int]:
            if not hasattr(threads, "scratch"):  # two threads in one scratch are errors by the thousand
                threads.scratch = hyperscan.Scratch(database)
            met: list[int] = []
            database.scan(data, match_event_handler=lambda number, *_: met.append(number), scratch=threads.scratch)
            return met

        return scan


def _any_of(words: Collection[str]) -> list[str]:
    """Many words in few patterns, since every pattern that is met is called out once."""
    each = sorted(map(_in_any_case, words))
    return ["|".join(each[start : start + MOST_WORDS]) for start in range(0, len(each), MOST_WORDS)]


def _in_any_case(word: str) -> str:
    """Letters beyond ASCII stand for all of these, since not everybody means the same by their other case."""
    return "".join(f"[{char}{char.upper()}]" if char.isascii() and char.isalpha() else _sign(char) for char in word)


def _sign(char: str) -> str:
    return f"\\x{ord(char):02x}" if char.isascii() else f"[{BEYOND_ASCII}]"
