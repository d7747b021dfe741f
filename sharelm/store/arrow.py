"""Streams the rows of the next release as Arrow batches, through ADBC: no Python object per cell, memory flat."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
from sqlalchemy import Engine

from sharelm.store.engine import is_sqlite
from sharelm.store.release import new_form_stages
from sharelm.store.types import to_micros

# NULLs are filled because ADBC takes SQLite's types from the first batch. Messages come as lines of JSON, so that Arrow can read a batch of them
# where it lies in memory. The conditions are those of store.release.
# A group of near duplicates is named only where two of it go out: else it would tell of somebody else's that is not public.
CANDIDATES = """
WITH grouped AS MATERIALIZED (
    SELECT conversation_id, group_name FROM near_duplicate JOIN conversation ON conversation.id = conversation_id
    WHERE group_name IS NOT NULL AND {is_inside}
), shown AS MATERIALIZED (
    SELECT conversation_id, group_name FROM grouped WHERE group_name IN (SELECT group_name FROM grouped GROUP BY group_name HAVING count(*) > 1)
)
SELECT public_id,
       contributor_id, CASE WHEN contributor_id IN (SELECT id FROM contributor WHERE is_ungrouped) THEN 1 ELSE 0 END AS is_ungrouped,
       began_at, source, coalesce(model, '') AS model, coalesce(language, '') AS language, coalesce(rating, 0) AS rating,
       coalesce(platform, '') AS platform, coalesce(page_host, '') AS page_host,
       '{begins}' || CASE WHEN {is_new} THEN messages ELSE published END || '{ends}' AS messages,
       CASE WHEN {is_new} THEN coalesce(content_hash, '') ELSE coalesce(published_hash, '') END AS content_hash,
       CASE WHEN coalesce(toxic, toxic_found) THEN 1 WHEN NOT coalesce(toxic, toxic_found) THEN 0 ELSE -1 END AS toxic,
       coalesce(group_name, '') AS near_dup_group
FROM conversation LEFT JOIN shown ON conversation_id = conversation.id
WHERE {is_inside}
ORDER BY public_id
"""
LINE = ('{"messages":', "}\n")
"""What stands before and after the messages of a row, as the query gives them."""
INSIDE = "withdrawn_at IS NULL AND ({is_new} OR (published IS NOT NULL AND stage <> 'rejected'))"
SCHEMA = pa.schema(
    [
        ("public_id", pa.string()),
        ("contributor_id", pa.int64()),
        ("is_ungrouped", pa.int64()),
        ("began_at", pa.int64()),
        ("source", pa.string()),
        ("model", pa.string()),
        ("language", pa.string()),
        ("rating", pa.int64()),
        ("platform", pa.string()),
        ("page_host", pa.string()),
        ("messages", pa.string()),
        ("content_hash", pa.string()),
        ("toxic", pa.int64()),
        ("near_dup_group", pa.string()),
    ]
)
# Sorted by an expression: in the order of the index every row would be looked up on a page of its own, three times as long.
FACTS = """
SELECT public_id, contributor_id,
       CASE WHEN contributor_id IN (SELECT id FROM contributor WHERE is_ungrouped) THEN 1 ELSE 0 END AS is_ungrouped,
       CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END AS is_withdrawn,
       CASE WHEN stage = 'rejected' THEN 1 ELSE 0 END AS is_rejected,
       CASE WHEN EXISTS (SELECT 1 FROM consent WHERE consent.contributor_id = conversation.contributor_id
                         AND consent.version = conversation.consent_version) THEN 1 ELSE 0 END AS has_consent,
       coalesce(content_hash, '') AS content_hash, coalesce(published_hash, '') AS published_hash
FROM conversation
ORDER BY public_id || ''
"""
FACTS_SCHEMA = pa.schema(
    [
        ("public_id", pa.string()),
        ("contributor_id", pa.int64()),
        ("is_ungrouped", pa.bool_()),
        ("is_withdrawn", pa.bool_()),
        ("is_rejected", pa.bool_()),
        ("has_consent", pa.bool_()),
        ("content_hash", pa.string()),
        ("published_hash", pa.string()),
    ]
)
POSTGRES_BATCH_BYTES = 3_000_000  # about as the other reader has it; by itself ADBC takes five times as much
SQLITE_READER = Path(__file__).with_name("sqlite_reader.py")
PIPE_BYTES = 1 << 20  # sixteen times the usual, and what everybody may have: the two processes wait for each other less often


def stream_candidates(engine: Engine, *, now: datetime, is_pinned: bool = False) -> Iterator[pa.RecordBatch]:
    """Every row of a release built at `now`, by public id, from one snapshot of the database."""
    stages = ", ".join(f"'{stage}'" for stage in new_form_stages(is_pinned=is_pinned))
    is_new = f"(stage IN ({stages}) AND releasable_at <= {to_micros(now)})"
    query = CANDIDATES.format(is_new=is_new, is_inside=INSIDE.format(is_new=is_new), begins=LINE[0], ends=LINE[1])
    yield from _stream(engine, query, SCHEMA)


def stream_facts(engine: Engine) -> Iterator[pa.RecordBatch]:
    """Of every conversation, by public id: whose it is, whether that person is grouped, whether it was withdrawn or rejected, whether they agreed,
    and the hashes of its newest form and of the one that is out."""
    yield from _stream(engine, FACTS, FACTS_SCHEMA)


def _stream(engine: Engine, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    batches = _read_sqlite(engine, query) if is_sqlite(engine) else _read_postgres(engine, query)
    for batch in batches:
        if batch.num_rows:
            yield batch.cast(schema)


def _read_sqlite(engine: Engine, query: str) -> Iterator[pa.RecordBatch]:
    """In a process of its own: ADBC brings a second SQLite library, and two in one process drop each other's file locks,
    so that closing one deletes the other's write-ahead log."""
    command = [sys.executable, "-P", str(SQLITE_READER), str(engine.url.database), query]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        assert reader.stdout is not None
        with suppress(AttributeError, OSError):  # not Linux, or no room left: a small one does too, more slowly
            fcntl.fcntl(reader.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        try:
            with pa.ipc.open_stream(reader.stdout) as batches:
                yield from batches
        except pa.ArrowInvalid:
            raise OSError("the process that reads the database ended early") from None
        finally:
            reader.stdout.close()
        if reader.wait() != 0:
            raise OSError("the process that reads the database ended early")


def _read_postgres(engine: Engine, query: str) -> Iterator[pa.RecordBatch]:
    from adbc_driver_postgresql import StatementOptions, dbapi

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(POSTGRES_BATCH_BYTES)}
    with dbapi.connect(address) as connection, connection.cursor(adbc_stmt_kwargs=options) as cursor:
        cursor.execute(query)
        yield from cursor.fetch_record_batch()
