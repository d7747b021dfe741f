"""Hyperscan in the gate: one pass for all patterns in a wider form; of long ones their literals come first, and the rest is made at need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

from sharelm.anonymise.entry import Entry, Possible
from sharelm.anonymise.widen import BEYOND_ASCII, widen, widen_apart

LONG_PATTERN = 3_000  # characters; with longer ones, one database for all takes a minute to make

MOST_WORDS = 200  # in one pattern
MOST_REMEMBERED = 1_000
"""Of what follows from the patterns that were met, which says nothing of any text."""

Scan = Callable[[bytes], list[tuple[int, int]]]
"""Which of its patterns are in the data, by their places in the list that it was made from, and where each ends."""


class Scanner:
    """Raises ImportError where hyperscan is not installed, or does not know the processor."""

    def __init__(self, entries: frozenset[Entry], *, few: frozenset[Entry]) -> None:
        """`few` are those of the entries that most texts are asked about, for which a smaller database is enough."""
        import hyperscan

        self._hyperscan = hyperscan
        self._few = few
        wider = {entry: widen(entry.source, entry.pattern.flags) for entry in entries if not entry.head and not entry.is_told_by_needs}
        self._wider = {entry: it for entry, it in wider.items() if entry.literals is not None and sum(map(len, it)) > LONG_PATTERN}
        self._long: dict[Entry, Scan | None] = dict.fromkeys(self._wider)
        self._making = threading.Lock()
        self._all_of_them = self._database(entries, wider)
        self._few_of_them = self._database(few, wider)

    def __call__(self, text: str, entries: frozenset[Entry]) -> Possible:
        data = text.encode(errors="replace")
        database = self._few_of_them if entries <= self._few else self._all_of_them
        met = database.scan(data)
        numbers = frozenset([number for number, _ in met])
        possible, asked = database.told(entries, numbers)
        if asked:
            possible = possible.union(entry for entry in asked if self._scan_long(entry)(data))
        if numbers.isdisjoint(database.heads):
            return Possible(possible, {})
        ends: dict[Entry, list[int]] = {}
        for number, end in met:
            if number in database.heads:
                ends.setdefault(database.heads[number], []).append(end)
        is_ascii = len(data) == len(text)
        return Possible(possible, {entry: sorted(places) if is_ascii else _in_characters(data, places) for entry, places in ends.items()})

    def _database(self, entries: frozenset[Entry], wider: Mapping[Entry, Sequence[str]]) -> _Database:
        ahead = [(pattern, entry) for entry in entries if entry.head for pattern in widen_apart(entry.head, entry.pattern.flags)]
        short = [(pattern, entry) for entry in wider.keys() & entries if entry not in self._long for pattern in wider[entry]]
        first = [(pattern, entry) for entry in self._long.keys() & entries for pattern in _any_of(entry.literals or ())]
        every = [*ahead, *short, *first]
        return _Database(
            self._scan_of([pattern for pattern, _ in every], all_ends_of=len(ahead)),
            [entry for _, entry in every],
            heads={number: entry for number, (_, entry) in enumerate(ahead)},
            first=len(ahead) + len(short),
        )

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


class _Database:
    """One pass for these patterns, each of an entry; from `first` on they are literals of long ones."""

    def __init__(self, scan: Scan, owners: Sequence[Entry], *, heads: Mapping[int, Entry], first: int) -> None:
        self.scan = scan
        self.heads = heads
        self._owners = owners
        self._first = first
        self.told = lru_cache(maxsize=MOST_REMEMBERED)(self._told)

    def _told(self, entries: frozenset[Entry], numbers: frozenset[int]) -> tuple[frozenset[Entry], Sequence[Entry]]:
        """What may match a text in which these patterns are, of those asked about; and which of them more has to be asked for."""
        met = {self._owners[number] for number in numbers if number < self._first}
        met.update(entry for entry in entries if entry.is_told_by_needs and entry.needs in met)
        literal = {self._owners[number] for number in numbers if number >= self._first}
        return entries & met, [entry for entry in literal & entries if entry.needs is None or entry.needs in met]


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
