"""Connections and transactions on SQLite and Postgres.

SQLite's own busy handler starves waiting writers, so all writers queue at one lock: threads at a `threading.Lock`, processes at a `flock`.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from sqlalchemy import Connection, Engine, event, text

CHECKPOINT_PATIENCE_SECONDS = 600
# The log is emptied by the jobs; in between, a longer one keeps the checkpoint's writes out of the way of uploads.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "wal_autocheckpoint=4000",
    "cache_size=-16000",
)

_guard = threading.Lock()
_thread_locks: dict[str, threading.Lock] = {}
_lock_files: dict[tuple[str, int], IO[bytes]] = {}


def open_engine_options(url: str) -> dict[str, Any]:
    """What Flask-SQLAlchemy passes to `create_engine`; parameters (= what people wrote) never enter an exception text."""
    # The connection that was used last comes first: on SQLite its page cache is still valid, as long as no other one has written.
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 16, "max_overflow": 16, "pool_use_lifo": True}
    if not url.startswith("sqlite"):
        options |= {"pool_pre_ping": True, "pool_recycle": 1800, "connect_args": {"connect_timeout": 5, "prepare_threshold": 2}}
    return options


def prepare_engine(engine: Engine) -> None:
    """Give every SQLite connection of this engine its pragmas; nothing to do on Postgres."""
    if is_sqlite(engine) and not event.contains(engine, "connect", _set_pragmas):
        event.listen(engine, "connect", _set_pragmas)


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection for queries; whatever happens on it is rolled back."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed and durable when the block ends, rolled back when it raises."""
    with write_turn(engine), engine.begin() as connection:
        yield connection


def forget_deleted_text(engine: Engine) -> None:
    """Take erased text out of what lies beside the tables.

    SQLite: the write-ahead log is emptied, retried while a reader holds it; raises TimeoutError after ten minutes.
    Postgres: dead rows are vacuumed, which leaves their bytes in free space until it is used again; that, and the server's own log, are the
    operator's (docs/privacy.md).
    """
    if is_sqlite(engine):
        _truncate_log(engine)
    else:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(
                text(
                    "VACUUM conversation, contact_message, contributor, download_part, export_part, export_candidate, near_duplicate, "
                    "near_duplicate_band, search_block, search_part"
                )
            )


def _truncate_log(engine: Engine) -> None:
    deadline = time.monotonic() + CHECKPOINT_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with write_turn(engine), engine.connect() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        if not busy:
            return
        time.sleep(0.05)
    raise TimeoutError("the write-ahead log could not be emptied: a reader holds it")


@contextmanager
def write_turn(engine: Engine) -> Iterator[None]:
    """The one turn to write on SQLite, among threads and processes; nothing to wait for on Postgres."""
    if not is_sqlite(engine):
        yield
        return
    path = f"{engine.url.database}.lock"
    with _thread_lock(path):
        file = _lock_file(path)
        fcntl.flock(file, fcntl.LOCK_EX)  # freed by the kernel when the process dies
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _thread_lock(path: str) -> threading.Lock:
    with _guard:
        return _thread_locks.setdefault(path, threading.Lock())


def _lock_file(path: str) -> IO[bytes]:
    """One open file per process: a fork would share the lock together with the file."""
    key = path, os.getpid()
    if key not in _lock_files:
        _lock_files[key] = open(path, "ab")  # noqa: SIM115 - stays open, the lock is taken and given back
    return _lock_files[key]


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
