"""Streams the rows of the next release as Arrow batches, through ADBC: no Python object per cell, memory flat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from sharelm.store.engine import is_sqlite
from sharelm.store.types import to_micros

# NULLs are filled because ADBC takes SQLite's types from the first batch. The conditions are those of store.release.
CANDIDATES = """
SELECT public_id, contributor_id, began_at, source, coalesce(model, '') AS model, coalesce(rating, 0) AS rating,
       coalesce(platform, '') AS platform, coalesce(page_host, '') AS page_host,
       CASE WHEN {is_new} THEN messages ELSE published END AS messages,
       CASE WHEN {is_new} THEN coalesce(content_hash, '') ELSE coalesce(published_hash, '') END AS content_hash
FROM conversation
WHERE withdrawn_at IS NULL AND ({is_new} OR (published IS NOT NULL AND stage <> 'rejected'))
ORDER BY public_id
"""
SCHEMA = pa.schema(
    [
        ("public_id", pa.string()),
        ("contributor_id", pa.int64()),
        ("began_at", pa.int64()),
        ("source", pa.string()),
        ("model", pa.string()),
        ("rating", pa.int64()),
        ("platform", pa.string()),
        ("page_host", pa.string()),
        ("messages", pa.string()),
        ("content_hash", pa.string()),
    ]
)
SQLITE_ROWS_PER_BATCH = 2_000


def stream_candidates(engine: Engine, *, now: datetime) -> Iterator[pa.RecordBatch]:
    """Every row of a release built at `now`, by public id, from one snapshot of the database."""
    query = CANDIDATES.format(is_new=f"(stage IN ('approved', 'released') AND releasable_at <= {to_micros(now)})")
    with _connect(engine) as connection, connection.cursor() as cursor:
        if is_sqlite(engine):
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": SQLITE_ROWS_PER_BATCH})
        cursor.execute(query)
        reader = cursor.fetch_record_batch()
        for batch in reader:
            if batch.num_rows:
                yield batch.cast(SCHEMA)


def _connect(engine: Engine) -> Any:
    if is_sqlite(engine):
        from adbc_driver_sqlite import dbapi as sqlite

        return sqlite.connect(engine.url.database)
    from adbc_driver_postgresql import dbapi as postgres

    return postgres.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
