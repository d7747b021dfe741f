"""Near duplicates among millions, with flat memory: MinHash of whole batches, and groups of those that are alike. Pure.

As in `near_duplicate`, two are alike where they share four fifths of their runs of four words. The numbers are other ones, and without a key:
they are made for one release, of what it publishes, and not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from sharelm.quality.near_duplicate import ALIKE, BANDS, FACTORS, NUMBERS, WORDS_IN_RUN, words_of

MOST_KNOWN = 200_000  # words whose numbers are kept; then it begins anew
PAIRS_AT_ONCE = 20_000
ROWS_AT_ONCE = 100_000
RUNS_AT_ONCE = 1 << 16  # small enough for the processor's own memory
NOTHING = np.uint32(0xFFFFFFFF)
"""In every place of the numbers of a conversation without a word."""
_ODD = np.frombuffer(b"".join(hashlib.blake2b(bytes([n]), digest_size=8).digest() for n in range(NUMBERS)), dtype="<u8") | np.uint64(1)
_SHIFT = np.uint64(32)


class Rows(Protocol):
    """An array of two dimensions, in memory or not."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: Any, /) -> Any: ...


class _Numbers(dict[str, int]):
    """A number for each word, told once."""

    def __missing__(self, word: str) -> int:
        number = self[word] = int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest(), "little")
        return number


class Signer:
    """Numbers that stand for what conversations say, as many rows of `NUMBERS` as there are conversations."""

    def __init__(self) -> None:
        self._known = _Numbers()

    def sign(self, conversations: Iterable[Sequence[str]]) -> np.ndarray:
        numbers = [self._numbers(words_of(texts)) for texts in conversations]
        signed = np.full((len(numbers), NUMBERS), NOTHING, dtype=np.uint32)
        for start, end in _handfuls([len(one) for one in numbers]):
            _least(numbers[start:end], signed[start:end])
        return signed

    def _numbers(self, words: Sequence[str]) -> np.ndarray:
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        return np.fromiter(map(self._known.__getitem__, words), dtype=np.uint64, count=len(words))


def group(signed: Rows, equal: Sequence[np.ndarray]) -> np.ndarray:
    """For each row the smallest number of a row that it is like, also through others: its own where there is none before it.

    `signed` may lie on the disk. Rows with the same number in one of the columns `equal` belong together whatever they are like; 0 says nothing.
    """
    labels = np.arange(len(signed), dtype=np.int64)
    for column in equal:
        order = np.argsort(column, kind="stable")
        order = order[column[order] != 0]
        same = column[order[1:]] == column[order[:-1]]
        _join(labels, order[1:][same], order[:-1][same])
    for band in range(BANDS):
        for one, other in _candidates(_band(signed, band)):
            _join_alike(labels, signed, one, other)
    return labels


def _handfuls(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rows of which the runs are `RUNS_AT_ONCE` together, or one that has more."""
    start = size = 0
    for place, length in enumerate(lengths):
        if size and size + length > RUNS_AT_ONCE:
            yield start, place
            start, size = place, 0
        size += length
    if start < len(lengths):
        yield start, len(lengths)


def _least(numbers: Sequence[np.ndarray], signed: np.ndarray) -> None:
    """Into each row of `signed` the least of what each of the functions makes of its runs; rows without a word stay as they are."""
    kept = [place for place, one in enumerate(numbers) if len(one)]
    if not kept:
        return
    runs, starts = _runs([numbers[place] for place in kept])
    made = np.empty_like(runs)
    for number in range(NUMBERS):
        np.multiply(runs, _ODD[number], out=made)
        signed[kept, number] = np.minimum.reduceat(made, starts) >> _SHIFT


def _runs(numbers: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The runs of all rows one after the other, and where each row's begin. A row of fewer words than a run has one that is shorter."""
    lengths = np.array([len(one) for one in numbers])
    ends = np.cumsum(lengths)
    flat = np.concatenate([*numbers, np.zeros(WORDS_IN_RUN - 1, dtype=np.uint64)])
    left = np.repeat(ends, lengths) - np.arange(ends[-1])  # words from here to the row's end
    runs = np.zeros(ends[-1], dtype=np.uint64)
    for place in range(WORDS_IN_RUN):
        runs += np.where(left > place, flat[place : len(runs) + place], np.uint64(0)) * FACTORS[place]
    counts = np.maximum(lengths - WORDS_IN_RUN + 1, 1)
    begins = np.zeros(len(runs), dtype=bool)
    begins[ends - lengths] = True  # also of rows that are shorter
    runs = runs[(left >= WORDS_IN_RUN) | begins]
    return runs ^ (runs >> _SHIFT), np.cumsum(counts) - counts


def _band(signed: Rows, band: int) -> np.ndarray:
    """One number for the part of the signature that is this band; 0 where there is no word."""
    width = NUMBERS // BANDS
    found = np.zeros(len(signed), dtype=np.uint64)
    for start in range(0, len(signed), ROWS_AT_ONCE):
        part = np.asarray(signed[start : start + ROWS_AT_ONCE, band * width : (band + 1) * width])
        values = np.zeros(len(part), dtype=np.uint64)
        for place in range(width):
            values = (values ^ part[:, place]) * _ODD[place]
            values ^= values >> _SHIFT
        found[start : start + len(part)] = np.where((part == NOTHING).all(axis=1), np.uint64(0), values)
    return found


def _candidates(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of rows with the same value: neighbours, and each with the first of them. Not all with all: a flood of copies would take for ever."""
    order = np.argsort(values, kind="stable")
    order = order[values[order] != 0]
    if not len(order):
        return
    sorted_values = values[order]
    begins = np.concatenate([[True], sorted_values[1:] != sorted_values[:-1]])
    first = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
    yield order[1:][~begins[1:]], order[:-1][~begins[1:]]
    yield order[~begins], first[~begins]


def _join_alike(labels: np.ndarray, signed: Rows, one: np.ndarray, other: np.ndarray) -> None:
    for start in range(0, len(one), PAIRS_AT_ONCE):
        mine, theirs = one[start : start + PAIRS_AT_ONCE], other[start : start + PAIRS_AT_ONCE]
        apart = labels[mine] != labels[theirs]
        mine, theirs = mine[apart], theirs[apart]
        alike = (np.asarray(signed[mine]) == np.asarray(signed[theirs])).mean(axis=1) >= ALIKE
        _join(labels, mine[alike], theirs[alike])


def _join(labels: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
    """Rows that belong together get one label, the smallest of their groups'."""
    while len(one):
        mine, theirs = labels[one], labels[other]
        apart = mine != theirs
        one, other, mine, theirs = one[apart], other[apart], mine[apart], theirs[apart]
        np.minimum.at(labels, np.maximum(mine, theirs), np.minimum(mine, theirs))
        while not np.array_equal(labels, shorter := labels[labels]):
            labels[:] = shorter
