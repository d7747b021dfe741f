"""The rows of one file as batches of the two configs: whole columns where the source can, one by one where it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from sharelm.collection.columns import batch_of, pair_batch, release_batch
from sharelm.collection.fields import plain_of
from sharelm.collection.found import Found, Item, LeftOut, Pair, obstacle_of, obstacle_of_pair
from sharelm.collection.inputs import DAMAGED, is_parquet, read_rows, read_text
from sharelm.collection.parquet import read_groups
from sharelm.collection.source import Row, Source
from sharelm.release.layout import DEFAULT, PAIRS

FLUSH_ROWS = 1_000
FLUSH_CHARACTERS = 8_000_000
BAD_ROW = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What reading a row that is not as it should be may raise."""

Batches = Iterator[tuple[str, pa.RecordBatch]]


@dataclass
class Tally:
    """What became of the rows; the counts of a shard, and added up those of a source."""

    rows_in: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    bad_rows: Counter[str] = field(default_factory=Counter)
    pairs_left_out: Counter[str] = field(default_factory=Counter)
    withheld: int = 0  # rows that only a gated edition of the source has


@dataclass(frozen=True)
class Reading:
    """One file that is read: the source, the file's name, what the rows need to know beside, and where they are counted."""

    source: Source
    file: PurePath
    aside: Mapping[str, Any]
    tally: Tally


def read_batches_of(path: Path, groups: tuple[int, ...], reading: Reading) -> Batches:
    """Pairs of a config and a batch of its schema. What is wrong with a row is counted by type in the tally, never told."""
    source = reading.source
    if is_parquet(path):
        for number, batch in read_groups(path, groups, source.columns):
            yield from _columns(batch, number, reading)
        return
    aside = {**reading.aside, **(source.prepare(_values(path, source)) if source.prepare else {})}
    yield from _one_by_one((Row(value, number, reading.file, aside) for number, value in enumerate(_values(path, source))), reading)


def _values(path: Path, source: Source) -> Iterator[Any]:
    if source.rows is None:
        yield from read_rows(path)
        return
    try:
        yield from source.rows(read_text(path))
    except DAMAGED as error:
        yield error


def _columns(batch: pa.RecordBatch, number: int, reading: Reading) -> Batches:
    source, tally = reading.source, reading.tally
    rest: Iterable[int] = range(batch.num_rows)
    found = source.read_batch(batch) if source.read_batch else None
    if found is not None:
        rest, rows = found.rest, len(found.columns["conversation_id"])
        tally.left_out.update(found.left_out)
        tally.rows_in += batch.num_rows - len(found.rest)
        if rows:
            constant = {"source": pa.repeat(source.name, rows), "license": pa.repeat(source.licence, rows)}
            yield DEFAULT, release_batch({**constant, **found.columns}, rows)
    values = (Row(batch.slice(place, 1).to_pylist()[0], number + place, reading.file, reading.aside) for place in rest)
    yield from _one_by_one(values, reading)


def _one_by_one(rows: Iterable[Row], reading: Reading) -> Batches:
    waiting = _Waiting(reading.source)
    for row in rows:
        reading.tally.rows_in += 1
        for item in _items(row, reading):
            waiting.add(item)
        if waiting.is_full:
            yield from waiting.take()
    yield from waiting.take()


def _items(row: Row, reading: Reading) -> Iterator[Found | Pair]:
    """What the row gives; if anything in it is wrong, nothing of it."""
    tally = reading.tally
    try:
        if isinstance(row.value, Exception):
            raise row.value
        items = [_plain(item) for item in reading.source.read_row(row)]
    except (*BAD_ROW, *DAMAGED) as error:
        tally.bad_rows[type(error).__name__] += 1
        return
    for item in items:
        reason = _reason(item)
        if isinstance(item, Found | Pair) and reason is None:
            yield item
        elif reason is not None:
            is_pair = isinstance(item, Pair) or (isinstance(item, LeftOut) and item.is_pair)
            (tally.pairs_left_out if is_pair else tally.left_out)[reason] += 1


def _plain(item: Item) -> Item:
    return replace(item, extra=plain_of(item.extra)) if isinstance(item, Found) and item.extra else item


def _reason(item: Item) -> str | None:
    if isinstance(item, LeftOut):
        return item.reason
    return obstacle_of(item.messages) if isinstance(item, Found) else obstacle_of_pair(item)


class _Waiting:
    """Rows that are not yet columns."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: list[Found] = []
        self._pairs: list[Pair] = []
        self._characters = 0

    def add(self, item: Found | Pair) -> None:
        if isinstance(item, Found):
            self._found.append(item)
            said = item.messages
        else:
            self._pairs.append(item)
            said = [*item.prompt, *item.chosen, *item.rejected]
        self._characters += sum(len(content) for _, content in said)

    @property
    def is_full(self) -> bool:
        return len(self._found) + len(self._pairs) >= FLUSH_ROWS or self._characters >= FLUSH_CHARACTERS

    def take(self) -> Batches:
        if self._found:
            yield DEFAULT, batch_of(self._found, self._source.name, self._source.licence)
        if self._pairs:
            yield PAIRS, pair_batch(self._pairs, self._source.name, self._source.licence)
        self._found, self._pairs, self._characters = [], [], 0
