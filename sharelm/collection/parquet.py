"""Parquet files of a source: only the columns that are used, row groups as pieces of work, flat memory whatever their size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sharelm.errors import ShareLMError

READ_ROWS = 2_000
SHARD_ROWS = 100_000
WRAPPERS = {"list", "array", "bag", "element", "item", "array_element"}  # levels that only say: this is a list
SHARD_BYTES = 512_000_000  # before compression


def group_runs(path: Path) -> list[tuple[int, ...]]:
    """The row groups in pieces of work that end as soon as they are large enough. Raises ShareLMError."""
    runs: list[tuple[int, ...]] = []
    run: list[int] = []
    rows = size = 0
    try:
        meta = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        raise ShareLMError(f"{path.name} is no whole Parquet file: fetch it again.") from None
    for number in range(meta.num_row_groups):
        group = meta.row_group(number)
        run.append(number)
        rows, size = rows + group.num_rows, size + group.total_byte_size
        if rows >= SHARD_ROWS or size >= SHARD_BYTES:
            runs.append(tuple(run))
            run, rows, size = [], 0, 0
    return [*runs, tuple(run)] if run else runs


def read_groups(path: Path, groups: Sequence[int], wanted: Sequence[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Batches, and the place in the file of the first row of each."""
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
        number = sum(file.metadata.row_group(before).num_rows for before in range(min(groups, default=0)))
        columns = leaf_columns(file, wanted) or None
        for batch in file.iter_batches(batch_size=READ_ROWS, row_groups=list(groups), columns=columns, use_threads=False):
            yield number, batch
            number += batch.num_rows


def leaf_columns(file: pq.ParquetFile, wanted: Sequence[str]) -> list[str]:
    """The file's own names of the wanted columns, however its writer called the entries of lists."""
    paths = [file.schema.column(place).path for place in range(len(file.schema))]
    return [path for path in paths if any(_is_within(path.split("."), name.split(".")) for name in wanted)]


def _is_within(path: list[str], name: list[str]) -> bool:
    """`conversation.role` names `conversation.list.element.role` and what is below it, not `conversation.list.element.header.role`."""
    if path[0] != name[0]:
        return False
    within = [part for place, part in enumerate(path) if not (place and part in WRAPPERS)]
    return within[: len(name)] == name
