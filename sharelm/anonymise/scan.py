"""Hyperscan in the gate: one pass for all patterns in a wider form; of long ones their literals come first, and the rest is made at need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence

from sharelm.anonymise.entry import Entry, Possible
from sharelm.anonymise.widen import BEYOND_ASCII, widen

LONG_PATTERN = 3_000  # characters; with longer ones, one database for all takes a minute to make

MOST_WORDS = 200  # in one pattern

Scan = Callable[[bytes], list[tuple[int, int]]]
"""Which of its patterns are in the data, by their places in the list that it was made from, and where each ends."""


class Scanner:
    """Raises ImportError where hyperscan is not installed, or does not know the processor."""

    def __init__(self, entries: Collection[Entry]) -> None:
        import hyperscan

        self._hyperscan = hyperscan
        heads = [entry for entry in entries if entry.head]
        wider = {entry: widen(entry.source, entry.pattern.flags) for entry in entries if entry not in heads}
        long = [entry for entry in wider if entry.literals is not None and sum(map(len, wider[entry])) > LONG_PATTERN]
        self._wider = {entry: wider[entry] for entry in long}
        self._long: dict[Entry, Scan | None] = dict.fromkeys(long)
        short = [(pattern, entry) for entry in wider if entry not in self._long for pattern in wider[entry]]
        ahead = [(pattern, entry) for entry in heads for pattern in widen(entry.head, entry.pattern.flags, is_whole=False)]
        first = [(pattern, entry) for entry in long for pattern in _any_of(entry.literals or ())]
        every = [*ahead, *short, *first]
        self._short = len(ahead) + len(short)
        self._owners = [entry for _, entry in every]
        self._scan = self._scan_of([pattern for pattern, _ in every], all_ends_of=len(ahead))
        self._making = threading.Lock()

    def __call__(self, text: str, entries: frozenset[Entry]) -> Possible:
        data = text.encode(errors="replace")
        possible: set[Entry] = set()
        asked: set[Entry] = set()
        ends: dict[Entry, list[int]] = {}
        for number, end in self._scan(data):
            entry = self._owners[number]
            (possible if number < self._short else asked).add(entry)
            if entry.head:
                ends.setdefault(entry, []).append(end)
        for entry in asked & entries:
            if (entry.needs is None or entry.needs in possible) and self._scan_long(entry)(data):
                possible.add(entry)
        is_ascii = len(data) == len(text)
        return Possible(entries & possible, {entry: sorted(met) if is_ascii else _in_characters(data, met) for entry, met in ends.items()})

    def _scan_long(self, entry: Entry) -> Scan:
        scan = self._long[entry]
        if scan is None:
            with self._making:
                scan = self._long[entry] = self._scan_of(self._wider[entry])
        return scan

    def _scan_of(self, expressions: Sequence[str], *, all_ends_of: int = 0) -> Scan:
        """What tells for each pattern once that it is there; of the first ones wherever one of them ends."""
        hyperscan = self._hyperscan
        database = hyperscan.Database()
        encoded = [expression.encode() for expression in expressions]
        flags = [hyperscan.HS_FLAG_UTF8 | (hyperscan.HS_FLAG_SINGLEMATCH if number >= all_ends_of else 0) for number in range(len(encoded))]
        try:
            database.compile(expressions=encoded, ids=list(range(len(encoded))), elements=len(encoded), flags=flags)
        except hyperscan.ArchitectureError as error:
            raise ImportError("hyperscan") from error
        threads = threading.local()

        def scan(data: bytes) -> list[tuple[int, int]]:
            try:
                scratch = threads.scratch
            except AttributeError:  # two threads in one scratch are errors by the thousand
                scratch = threads.scratch = hyperscan.Scratch(database)
            met: list[tuple[int, int]] = []
            database.scan(data, match_event_handler=lambda number, _, end, *__: met.append((number, end)), scratch=scratch)
            return met

        return scan


def _in_characters(data: bytes, places: Sequence[int]) -> list[int]:
    """Places in UTF-8 as places in the text."""
    found, at, before = [], 0, 0
    for place in sorted(set(places)):
        at += len(data[before:place].decode())
        before = place
        found.append(at)
    return found


def _any_of(words: Collection[str]) -> list[str]:
    """Many words in few patterns, since every pattern that is met is called out once."""
    each = sorted(map(_in_any_case, words))
    return ["|".join(each[start : start + MOST_WORDS]) for start in range(0, len(each), MOST_WORDS)]


def _in_any_case(word: str) -> str:
    """Letters beyond ASCII stand for all of these, since not everybody means the same by their other case."""
    return "".join(f"[{char}{char.upper()}]" if char.isascii() and char.isalpha() else _sign(char) for char in word)


def _sign(char: str) -> str:
    return f"\\x{ord(char):02x}" if char.isascii() else f"[{BEYOND_ASCII}]"
