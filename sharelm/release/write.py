"""Write the files of a release: Parquet by streaming, then the card and the manifest. The same rows give the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharelm.release.rows import RELEASE, Publisher, publish_rows

ROW_GROUP_ROWS = 10_000
ROW_GROUP_BYTES = 32_000_000  # of message JSON: long conversations make smaller groups, so that memory stays flat
RUN_ROWS = 250  # row groups and shards are made of whole runs
CONFIG = "default"
SPLIT = "train"
WRITER = {"compression": "zstd", "compression_level": 3, "use_content_defined_chunking": True, "write_page_index": True}


@dataclass
class Written:
    """What was written: files as (path within the release, rows), and the counts for the card."""

    files: list[tuple[str, int]] = field(default_factory=list)
    contributors: set[str] = field(default_factory=set)  # their pseudonyms
    ungrouped_count: int = 0  # rows without one
    message_count: int = 0
    redacted_count: int = 0
    licences: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)

    @property
    def row_count(self) -> int:
        return sum(rows for _, rows in self.files)

    def count(self, batch: pa.RecordBatch) -> None:
        self.contributors.update(pc.unique(batch["user_id"].drop_null()).to_pylist())
        self.ungrouped_count += batch["user_id"].null_count
        self.message_count += pc.sum(pc.list_value_length(batch["conversation"])).as_py() or 0
        self.redacted_count += pc.sum(pc.struct_field(batch["conversation_metadata"], "redacted")).as_py() or 0
        for column, counter in (("license", self.licences), ("model_name", self.models)):
            for value in pc.value_counts(batch[column]).to_pylist():
                counter[value["values"] or ""] += value["counts"]


def write_parquet(folder: Path, batches: Iterable[pa.RecordBatch], publisher: Publisher, *, rows_per_shard: int) -> Written:
    """Write `default/train-00000-of-000NN.parquet` into `folder`; every shard but the last has `rows_per_shard` rows."""
    written = Written()
    (folder / CONFIG).mkdir(parents=True, exist_ok=True)
    shards = [(path, rows) for path, rows in _write_shards(folder / CONFIG, batches, publisher, rows_per_shard, written)]
    for number, (path, rows) in enumerate(shards):
        name = f"{SPLIT}-{number:05d}-of-{len(shards):05d}.parquet"
        os.replace(path, folder / CONFIG / name)
        written.files.append((f"{CONFIG}/{name}", rows))
    return written


def write_manifest(folder: Path, facts: dict[str, Any], files: Iterable[tuple[str, int | None]]) -> str:
    """Write `manifest.json` with size and SHA-256 of every file; its own SHA-256."""
    entries = [_entry(folder, name, rows) for name, rows in files]
    text = json.dumps({**facts, "files": entries}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Nothing is announced before it is on the disk."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _write_shards(
    folder: Path, batches: Iterable[pa.RecordBatch], publisher: Publisher, rows_per_shard: int, written: Written
) -> Iterator[tuple[Path, int]]:
    writer: pq.ParquetWriter | None = None
    path, rows = folder, 0
    for number, group in enumerate(_row_groups(batches, rows_per_shard)):
        if writer is None:
            path, rows = folder / f".part-{number:05d}", 0
            writer = pq.ParquetWriter(path, RELEASE, **WRITER)
        batch = publish_rows(group, publisher)
        writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
        written.count(batch)
        rows += batch.num_rows
        if rows >= rows_per_shard:
            writer.close()
            writer = None
            yield path, rows
    if writer is not None:
        writer.close()
        yield path, rows


def _row_groups(batches: Iterable[pa.RecordBatch], rows_per_shard: int) -> Iterator[pa.Table]:
    """Regroup the stream by rows and bytes alone, so that the size of the driver's batches leaves no mark in the files."""
    waiting: list[pa.RecordBatch] = []
    rows = size = in_shard = 0
    for run in _runs(batches):
        length = run["messages"].nbytes
        most = min(ROW_GROUP_ROWS, rows_per_shard - in_shard)
        if waiting and (rows + run.num_rows > most or size + length > ROW_GROUP_BYTES):
            yield pa.Table.from_batches(waiting)
            in_shard = (in_shard + rows) % rows_per_shard
            waiting, rows, size = [], 0, 0
        waiting.append(run)
        rows, size = rows + run.num_rows, size + length
    if waiting:
        yield pa.Table.from_batches(waiting)


def _runs(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Runs of exactly RUN_ROWS rows, the last one shorter."""
    rest: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest.append(batch)
        count += batch.num_rows
        if count >= RUN_ROWS:
            table = pa.Table.from_batches(rest).combine_chunks()
            whole = count - count % RUN_ROWS
            for start in range(0, whole, RUN_ROWS):
                yield table.slice(start, RUN_ROWS).to_batches()[0]
            rest = table.slice(whole).to_batches()
            count -= whole
    if count:
        yield pa.Table.from_batches(rest).combine_chunks().to_batches()[0]


def _entry(folder: Path, name: str, rows: int | None) -> dict[str, Any]:
    path = folder / name
    entry: dict[str, Any] = {"path": name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
    return entry if rows is None else {**entry, "rows": rows}
