"""Parquet files of a release, written and read as streams. The same rows give the same bytes, however they come in batches.

Row groups and shards are cut by the rows themselves: by their number and the bytes of their texts, and by how large the file has become.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sharelm.release.columns import row_sizes

ROW_GROUP_ROWS = 5_000
ROW_GROUP_BYTES = 8_000_000  # of text: long conversations make smaller groups, so that memory stays flat
SHARD_BYTES = 300_000_000  # a shard ends with the row group that passes this
READ_ROWS = 2_000
WRITER: dict[str, Any] = {"compression": "zstd", "compression_level": 3, "use_content_defined_chunking": True, "write_page_index": True}


class PartWriter:
    """Writes one kind of rows as `<folder>/<stem>-00000-of-000NN.parquet`; nothing at all where no row comes.

    Compresses in `pool`, one row group at a time, so that the next one is made meanwhile.
    """

    def __init__(self, folder: Path, stem: str, schema: pa.Schema, *, pool: ThreadPoolExecutor, shard_bytes: int = SHARD_BYTES) -> None:
        self._folder, self._stem, self._schema, self._pool, self._shard_bytes = folder, stem, schema, pool, shard_bytes
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self._shards: list[tuple[Path, int]] = []
        self._writer: pq.ParquetWriter | None = None
        self._sink: pa.NativeFile | None = None
        self._task: Future[None] | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        sums = np.cumsum(row_sizes(batch))
        start = 0
        while start < batch.num_rows:
            before = int(sums[start - 1]) if start else 0
            fit = int(np.searchsorted(sums, before + ROW_GROUP_BYTES - self._bytes, side="right")) - start
            taken = min(fit, ROW_GROUP_ROWS - self._rows, batch.num_rows - start)
            if taken <= 0 and self._rows:
                self._end_group()
                continue
            taken = max(taken, 1)  # a row that is larger than a group is a group
            self._waiting.append(batch.slice(start, taken))
            self._rows += taken
            self._bytes += int(sums[start + taken - 1]) - before
            start += taken

    def close(self) -> list[tuple[str, int]]:
        """The files by their names, and the rows of each."""
        if self._rows:
            self._end_group()
        self._wait()
        self._end_shard()
        named = []
        for number, (path, rows) in enumerate(self._shards):
            name = f"{self._stem}-{number:05d}-of-{len(self._shards):05d}.parquet"
            os.replace(path, self._folder / name)
            named.append((name, rows))
        return named

    def _end_group(self) -> None:
        waiting, self._waiting, self._rows, self._bytes = self._waiting, [], 0, 0
        self._wait()
        self._task = self._pool.submit(self._write, waiting)

    def _wait(self) -> None:
        if self._task is not None:
            self._task.result()

    def _write(self, waiting: list[pa.RecordBatch]) -> None:
        # In one piece: how the rows came in batches must leave no mark.
        group = pa.Table.from_batches(waiting, schema=self._schema).combine_chunks()
        waiting.clear()  # not held twice while it is compressed
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f".{self._stem}-{len(self._shards):05d}"
            self._shards.append((path, 0))
            self._sink = pa.OSFile(str(path), "wb")
            self._writer = pq.ParquetWriter(self._sink, self._schema, **WRITER)
        self._writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        pa.default_memory_pool().release_unused()  # else every thread keeps what its largest group needed
        path, rows = self._shards[-1]
        self._shards[-1] = path, rows + group.num_rows
        if self._sink is not None and self._sink.tell() >= self._shard_bytes:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._writer is not None and self._sink is not None:
            self._writer.close()
            self._sink.close()
        self._writer = self._sink = None


def shards(folder: Path, config: str, split: str) -> list[Path]:
    """The files of one split, in order."""
    return sorted((folder / config).glob(f"{split}-*.parquet"))


def read_shards(paths: Iterable[Path], columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of the files in their order; no more of them is in memory than a row group, compressed, and a batch of it."""
    for path in paths:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for group in range(file.num_row_groups):  # one by one: a batch of long conversations would else be made of many groups
                yield from file.iter_batches(batch_size=READ_ROWS, row_groups=[group], columns=columns, use_threads=False)
