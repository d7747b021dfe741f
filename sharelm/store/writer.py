"""The connections that uploads are written through, past SQLAlchemy, whose share of a single INSERT would be half of it.

On SQLite one for the process: its page cache stays valid as long as nobody else writes. On Postgres one for each thread, in autocommit:
the server itself commits in groups.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from sqlalchemy import Engine, event

from sharelm.store.engine import is_sqlite, write_turn
from sharelm.store.group_commit import GroupCommit, Statement

_guard = threading.Lock()
_shared: WeakKeyDictionary[Engine, GroupCommit] = WeakKeyDictionary()
_of_thread = threading.local()


def write_one(engine: Engine, statement: Statement) -> bool:
    """Run one statement, durable when it returns; whether it wrote a row. Raises the driver's own errors."""
    writer = _shared_writer(engine) if is_sqlite(engine) else _own_writer(engine)
    return writer.run(statement) == 1


def _shared_writer(engine: Engine) -> GroupCommit:
    found = _shared.get(engine)
    if found is None:
        with _guard:
            found = _shared.setdefault(engine, GroupCommit(Writer(engine).write_all))
    return found


def _own_writer(engine: Engine) -> Writer:
    if not hasattr(_of_thread, "writers"):
        _of_thread.writers = WeakKeyDictionary()
    found: Writer | None = _of_thread.writers.get(engine)
    if found is None:
        found = _of_thread.writers[engine] = Writer(engine)
    return found


class Link(Protocol):
    """One connection of a driver. `send` gives the row count of each statement, durable when it returns."""

    def send(self, statements: Sequence[Statement]) -> list[int]: ...


class SqliteLink:
    """All statements in one transaction."""

    def __init__(self, driver: Any) -> None:
        self._driver: sqlite3.Connection = driver

    def send(self, statements: Sequence[Statement]) -> list[int]:
        row_counts = [self._driver.execute(statement.sql, statement.parameters).rowcount for statement in statements]
        self._driver.commit()
        return row_counts


class PostgresLink:
    """Each statement is its own transaction and one round trip: no BEGIN, no COMMIT, prepared once for the connection.

    Written with libpq's own calls: psycopg's cursors cost as much as the rest of the write.
    """

    def __init__(self, driver: Any) -> None:
        self._libpq: pq.abc.PGconn = driver.pgconn
        self._prepared: dict[str, bytes] = {}
        driver.autocommit = True

    def send(self, statements: Sequence[Statement]) -> list[int]:
        return [self._send(statement) for statement in statements]

    def _send(self, statement: Statement) -> int:
        name = self._prepared.get(statement.sql) or self._prepare(statement.sql)
        values: list[Any] = [_as_bytes(value) for value in statement.parameters]
        # Text is sent as binary: with its length, so that nothing in it can end it early. Numbers go as digits.
        formats = [pq.Format.TEXT if isinstance(value, int) else pq.Format.BINARY for value in statement.parameters]
        return self._checked(self._libpq.exec_prepared(name, values, formats)).command_tuples or 0

    def _prepare(self, sql: str) -> bytes:
        name = b"write_%d" % len(self._prepared)
        self._checked(self._libpq.prepare(name, sql.encode()))
        self._prepared[sql] = name
        return name

    def _checked(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status == pq.ExecStatus.COMMAND_OK:
            return result
        state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        if self._libpq.status != pq.ConnStatus.OK or not state:
            raise psycopg.OperationalError("the connection to the database is lost")
        raise psycopg.errors.lookup(state)(f"the database refused to write (SQLSTATE {state})")


def _as_bytes(value: str | bytes | int | None) -> bytes | None:
    if isinstance(value, int):
        return b"%d" % value
    return value.encode() if isinstance(value, str) else value


class Writer:
    """Writes one statement or a group; a connection that failed is closed and made anew."""

    def __init__(self, engine: Engine) -> None:
        self._connect = engine.raw_connection
        self._turn: Callable[[], AbstractContextManager[None]] = lambda: write_turn(engine)
        self._kind = SqliteLink if is_sqlite(engine) else PostgresLink
        self._connection: Any = None
        self._link: Link | None = None
        event.listen(engine, "engine_disposed", lambda _: self._close())

    def run(self, statement: Statement) -> int:
        return self.write_all([statement])[0]

    def write_all(self, statements: Sequence[Statement]) -> list[int]:
        with self._turn():
            try:
                link = self._link or self._open()
                return link.send(statements)
            except BaseException:
                self._close()
                raise

    def _open(self) -> Link:
        self._connection = self._connect()
        self._link = link = self._kind(self._connection.driver_connection)
        self._connection.detach()  # ours alone: the pool forgets it
        return link

    def _close(self) -> None:
        connection, self._connection, self._link = self._connection, None, None
        if connection is not None:
            with suppress(Exception):  # it is broken already; closing it takes back what was not committed
                connection.close()
