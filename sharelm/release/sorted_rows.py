"""Streams of rows in the order of their ids, read side by side: what stands under an id here and there, without holding either in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.layout import DEFAULT, SPLITS
from sharelm.release.parquet import read_shards, shards

KEY = "conversation_id"


class Sorted:
    """A stream of batches in the order of `conversation_id`, read up to a given id at a time."""

    def __init__(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        self._batches = iter(batches)
        self._schema = schema
        self._head: pa.RecordBatch | None = None

    def last_at_hand(self) -> str | None:
        """The last id of the batch that comes next; None at the end."""
        while self._head is None or not self._head.num_rows:
            self._head = next(self._batches, None)
            if self._head is None:
                return None
        last: str = self._head[KEY][-1].as_py()
        return last

    def up_to(self, last: str) -> pa.Table:
        """All rows that are left with an id up to this one."""
        pieces = []
        while (end := self.last_at_hand()) is not None and self._head is not None:
            if end <= last:
                pieces.append(self._head)
                self._head = None
                continue
            count = pc.sum(pc.less_equal(self._head[KEY], last)).as_py() or 0
            pieces.append(self._head.slice(0, count))
            self._head = self._head.slice(count)
            break
        return pa.Table.from_batches(pieces, schema=self._schema)

    def rest(self) -> Iterator[pa.RecordBatch]:
        while self.last_at_hand() is not None and self._head is not None:
            head, self._head = self._head, None
            yield head


def merged(streams: Iterable[Iterable[pa.RecordBatch]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of several sorted streams as one sorted stream."""
    left = [Sorted(stream, schema) for stream in streams]
    while ends := [end for stream in left if (end := stream.last_at_hand()) is not None]:
        found = [table for stream in left if (table := stream.up_to(min(ends))).num_rows]
        if len(found) == 1:
            yield from found[0].to_batches()
            continue
        table = pa.concat_tables(found).combine_chunks()
        yield from table.take(pc.sort_indices(table[KEY])).to_batches()


def read_rows(folder: Path, schema: pa.Schema, config: str = DEFAULT, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """All rows of a config in the order of their ids, whatever their split."""
    return merged([read_shards(shards(folder, config, split), columns) for split in SPLITS], schema)


def without(batches: Iterable[pa.RecordBatch], gone: Sorted) -> Iterator[pa.RecordBatch]:
    """The rows whose ids are not among the others."""
    for batch in batches:
        if batch.num_rows:
            ids = gone.up_to(batch[KEY][-1].as_py())[KEY]
            yield batch.filter(pc.invert(pc.is_in(batch[KEY], ids.combine_chunks()))) if len(ids) else batch


def only(batches: Iterable[pa.RecordBatch], wanted: Sorted) -> Iterator[pa.RecordBatch]:
    """The rows whose ids are among the others."""
    for batch in batches:
        if batch.num_rows:
            yield batch.filter(pc.is_in(batch[KEY], wanted.up_to(batch[KEY][-1].as_py())[KEY].combine_chunks()))
