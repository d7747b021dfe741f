"""The first rows of a release, for people who want to see what is in it before they fetch it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLUMNS = ("conversation_id", "conversation", "model_name", "conversation_metadata.language", "content_hash")


def first_rows(file: Path, *, most: int) -> list[dict[str, Any]]:
    """At most `most` rows of a file of `default`, as Python objects; reads no more of the file than they take."""
    import pyarrow.parquet as pq  # here, because the pages are loaded by every command and pyarrow takes long

    with pq.ParquetFile(file) as rows:
        batch = next(rows.iter_batches(batch_size=most, columns=list(COLUMNS)), None)
    return batch.to_pylist() if batch is not None else []
