"""The connections that uploads are written through, past SQLAlchemy, whose share of a single INSERT would be half of it.

On SQLite one for the process: its page cache stays valid as long as nobody else writes. On Postgres one for each thread, in autocommit:
the server itself commits in groups.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any
from weakref import WeakKeyDictionary

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


class Writer:
    """Writes one statement or a group; a connection that failed is closed and made anew."""

    def __init__(self, engine: Engine) -> None:
        self._connect = engine.raw_connection
        self._turn: Callable[[], AbstractContextManager[None]] = lambda: write_turn(engine)
        self._send = _send_to_sqlite if is_sqlite(engine) else _send_to_postgres
        self._connection: Any = None
        self._driver: Any = None
        event.listen(engine, "engine_disposed", lambda _: self._close())

    def run(self, statement: Statement) -> int:
        return self.write_all([statement])[0]

    def write_all(self, statements: Sequence[Statement]) -> list[int]:
        with self._turn():
            try:
                if self._connection is None:
                    self._open()
                return self._send(self._driver, statements)
            except BaseException:
                self._close()
                raise

    def _open(self) -> None:
        self._connection = self._connect()
        self._driver = self._connection.driver_connection
        self._connection.detach()  # ours alone: the pool forgets it

    def _close(self) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            with suppress(Exception):  # it is broken already; closing it takes back what was not committed
                connection.close()


def _send_to_sqlite(connection: Any, statements: Sequence[Statement]) -> list[int]:
    row_counts = [connection.execute(statement.sql, statement.parameters).rowcount for statement in statements]
    connection.commit()
    return row_counts


def _send_to_postgres(connection: Any, statements: Sequence[Statement]) -> list[int]:
    """Each statement is its own transaction: no BEGIN, no COMMIT, one round trip."""
    if not connection.autocommit:
        connection.autocommit = True
    return [connection.execute(statement.sql, statement.parameters).rowcount for statement in statements]
