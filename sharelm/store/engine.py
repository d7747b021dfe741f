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
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, text

from sharelm.store.group_commit import GroupCommit, Write

CHECKPOINT_PATIENCE_SECONDS = 600
# The log is emptied by the jobs; in between, a longer one keeps the checkpoint's writes out of the way of uploads.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "busy_timeout=10000", "wal_autocheckpoint=8000")

_guard = threading.Lock()
_thread_locks: dict[str, threading.Lock] = {}
_lock_files: dict[tuple[str, int], IO[bytes]] = {}
_group_commits: WeakKeyDictionary[Engine, GroupCommit] = WeakKeyDictionary()
_autocommit_engines: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def open_engine_options(url: str) -> dict[str, Any]:
    """What Flask-SQLAlchemy passes to `create_engine`; parameters (= what people wrote) never enter an exception text."""
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 16, "max_overflow": 16}
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
    with _write_turn(engine), engine.begin() as connection:
        yield connection


def write_one(engine: Engine, statement: Write) -> bool:
    """Run exactly one statement, durable when it returns: on SQLite together with those of other threads, on Postgres in autocommit."""
    if is_sqlite(engine):
        return _group_commit(engine).run(statement)
    with _autocommit(engine).connect() as connection:
        return statement(connection)


def forget_deleted_text(engine: Engine) -> None:
    """Take erased text out of what lies beside the tables.

    SQLite: the write-ahead log is emptied, retried while a reader holds it; raises TimeoutError after ten minutes.
    Postgres: dead rows are vacuumed; the server's own log is the operator's to recycle.
    """
    if is_sqlite(engine):
        _truncate_log(engine)
    else:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM conversation"))


def _truncate_log(engine: Engine) -> None:
    deadline = time.monotonic() + CHECKPOINT_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with _write_turn(engine), engine.connect() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        if not busy:
            return
        time.sleep(0.05)
    raise TimeoutError("the write-ahead log could not be emptied: a reader holds it")


@contextmanager
def _write_turn(engine: Engine) -> Iterator[None]:
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


def _group_commit(engine: Engine) -> GroupCommit:
    found = _group_commits.get(engine)
    if found is None:
        with _guard:
            found = _group_commits.setdefault(engine, GroupCommit(lambda: write(engine)))
    return found


def _autocommit(engine: Engine) -> Engine:
    """The same database through connections that stay in autocommit, so that nothing is switched back and forth."""
    found = _autocommit_engines.get(engine)
    if found is None:
        with _guard:
            found = _autocommit_engines.get(engine) or _make_autocommit(engine)
            _autocommit_engines[engine] = found
    return found


def _make_autocommit(engine: Engine) -> Engine:
    url = engine.url.render_as_string(hide_password=False)
    options = open_engine_options(url) | {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "pool_pre_ping": False}
    made = create_engine(engine.url, **options)
    prepare_engine(made)
    event.listen(engine, "engine_disposed", lambda _: made.dispose())
    return made


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
