"""Rows of any number in the order of their ids, with the memory of a handful: scattered over files by ranges of ids, each sorted on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharelm.release.parquet import READ_ROWS, read_shards
from sharelm.release.sorted_rows import KEY

RANGE_BYTES = 24_000_000  # as the columns are before compression: what is sorted at a time
SCATTERED_ROWS = 10_000  # at a time: more in a piece of a range make fewer pieces
SCATTERED_BYTES = 16_000_000
MOST_SAMPLED = 100_000


def sorted_rows(paths: Sequence[Path], batches: Iterable[pa.RecordBatch], scratch: Path) -> Iterator[pa.RecordBatch]:
    """The rows of `batches` (which come from the files `paths`) in the order of `conversation_id`; of one id, as they came.

    `scratch` is an empty folder; it needs as much room as the rows.
    """
    borders = _borders(paths)
    schema = pq.read_schema(paths[0])
    places = [scratch / f"{number:05d}.arrow" for number in range(len(borders) + 1)]
    _scatter(batches, borders, places, schema)
    for place in places:
        yield from _in_order(place)
        place.unlink()


def _borders(paths: Iterable[Path]) -> list[str]:
    """The ids at which a range ends: as many ranges as there are times `RANGE_BYTES` in the files."""
    count = -(-sum(_size(path) for path in paths) // RANGE_BYTES)
    rows = sum(pq.read_metadata(path).num_rows for path in paths)
    step = max(rows // MOST_SAMPLED, 1)
    sample = sorted(one for batch in read_shards(paths, [KEY]) for one in batch[KEY].to_pylist()[::step]) if count > 1 else []
    return sorted({sample[len(sample) * number // count] for number in range(1, count)}) if sample else []


def _size(path: Path) -> int:
    found = pq.read_metadata(path)
    return sum(found.row_group(number).total_byte_size for number in range(found.num_row_groups))


def _scatter(batches: Iterable[pa.RecordBatch], borders: Sequence[str], places: Sequence[Path], schema: pa.Schema) -> None:
    ends = np.array(borders, dtype=object)
    with ExitStack() as stack:
        sinks = [stack.enter_context(pa.OSFile(str(place), "wb")) for place in places]
        compressed = pa.ipc.IpcWriteOptions(compression="lz4")
        writers = [stack.enter_context(pa.ipc.new_stream(sink, schema, options=compressed)) for sink in sinks]
        for table in _larger(batches):
            chosen = np.searchsorted(ends, np.array(table[KEY].to_pylist(), dtype=object), side="right") if borders else np.zeros(len(table), int)
            order = np.argsort(chosen, kind="stable")
            moved = table.take(pa.array(order)).combine_chunks()
            starts = np.searchsorted(chosen[order], np.arange(len(places) + 1))
            for number, writer in enumerate(writers):
                if starts[number] < starts[number + 1]:
                    writer.write_table(moved.slice(starts[number], starts[number + 1] - starts[number]))


def _larger(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= SCATTERED_ROWS or size >= SCATTERED_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
            pa.default_memory_pool().release_unused()
    if waiting:
        yield pa.Table.from_batches(waiting)


def _in_order(place: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(place), "rb") as source:
        table = pa.ipc.open_stream(source).read_all().combine_chunks()
    if table.num_rows:
        order = pc.sort_indices(table[KEY])
        for start in range(0, len(order), READ_ROWS):
            yield from table.take(order.slice(start, READ_ROWS)).combine_chunks().to_batches()
    del table
    pa.default_memory_pool().release_unused()
