"""The first rows of a release, for people who want to see what is in it before they fetch it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

COLUMNS = ("conversation_id", "conversation", "model_name", "conversation_metadata.language", "content_hash")


def first_rows(files: Iterable[Path], *, most: int) -> list[dict[str, Any]]:
    """At most `most` rows of the files of `default`, as Python objects; reads no more of them than they take."""
    rows: list[dict[str, Any]] = []
    for file in files:
        if len(rows) < most:
            rows += _first_rows(file, most - len(rows))
    return rows


def _first_rows(file: Path, most: int) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq  # here, because the pages are loaded by every command and pyarrow takes long

    with pq.ParquetFile(file, pre_buffer=False) as rows:
        batch = next(rows.iter_batches(batch_size=most, columns=list(COLUMNS)), None)
    return batch.to_pylist() if batch is not None else []
