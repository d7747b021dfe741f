"""The Parquet file of one shard, written as a stream; it exists under its name only when it is whole.

Row groups are cut by the rows themselves, so the same rows give the same bytes. Level 1 of zstd: two thirds of the time of the level of
releases for a tenth more bytes, of what only this machine reads.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 10_000
GROUP_BYTES = 16_000_000  # of a batch in memory: long conversations make smaller groups
READ_ROWS = 1_000
# No statistics and no dictionary for texts that are all different: both would be built and thrown away.
WRITER: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
LONG = ("content",)
ALL_DIFFERENT = (*LONG, "conversation_id", "content_hash")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a config: its path within the collection's folder, and what is in it."""

    path: str
    rows: int
    bytes: int
    sha256: str


class ShardWriter:
    """Writes `path` beside its place first; nothing at all where no row comes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = self.rows = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        for start in range(0, batch.num_rows, READ_ROWS):
            piece = batch.slice(start, READ_ROWS)
            if self._waiting and (self._waiting_rows + piece.num_rows > GROUP_ROWS or self._waiting_bytes + piece.nbytes > GROUP_BYTES):
                self._end_group()
            self._waiting.append(piece)
            self._waiting_rows += piece.num_rows
            self._waiting_bytes += piece.nbytes

    def close(self) -> Part | None:
        if self._waiting:
            self._end_group()
        if self._writer is None:
            return None
        self._writer.close()
        put_in_place(self._draft, self._path)
        return part_of(self._path, self.rows)

    def give_up(self) -> None:
        self._draft.unlink(missing_ok=True)

    def _end_group(self) -> None:
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            names = leaf_names(self._schema)
            coded, told = ([name for name in names if not name.endswith(ends)] for ends in (ALL_DIFFERENT, LONG))
            self._writer = pq.ParquetWriter(self._draft, self._schema, use_dictionary=coded, write_statistics=told, **WRITER)
        group = pa.Table.from_batches(self._waiting, schema=self._schema)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        self._writer.write_table(group, row_group_size=GROUP_ROWS)
        self.rows += group.num_rows
        pa.default_memory_pool().release_unused()


def part_of(path: Path, rows: int) -> Part:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(f"{path.parent.name}/{path.name}", rows, path.stat().st_size, digest)


def put_in_place(draft: Path, path: Path) -> None:
    """On the disk before it has its name: a machine that stops leaves no half file."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(draft, path)


def read_batches(path: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
        yield from file.iter_batches(batch_size=READ_ROWS, columns=columns, use_threads=False)


def leaf_names(schema: pa.Schema) -> list[str]:
    """The columns of a file as Parquet names them, such as `conversation.list.element.role`."""
    sink = pa.BufferOutputStream()
    pq.ParquetWriter(sink, schema).close()
    found = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [found.column(place).path for place in range(len(found))]
