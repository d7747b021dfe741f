"""One at a time across processes: a `flock` beside an SQLite file, an advisory lock on Postgres. Both end with their holder."""

from __future__ import annotations

import fcntl
import hashlib
from contextlib import suppress
from typing import IO, Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sharelm.store.engine import is_sqlite


def lock_until_commit(connection: Connection, name: str, *, is_shared: bool) -> None:
    """Wait for a named lock that ends with the transaction; on SQLite every writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
        connection.execute(text(f"SELECT {function}(:key)"), {"key": _lock_key(name)})


class ProcessLock:
    """A named lock that at most one process holds; not reentrant, not for threads of one process to share."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None

    def acquire(self, *, wait: bool) -> bool:
        """True once held; without `wait`, False at once where somebody else holds it."""
        return self._flock(wait=wait) if is_sqlite(self._engine) else self._advise(wait=wait)

    def is_held(self) -> bool:
        """An advisory lock is lost in silence when its connection drops, so it is asked."""
        if self._connection is None:
            return self._file is not None
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._connection is not None:
            with suppress(SQLAlchemyError):  # on a connection that is lost it is free already
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _lock_key(self._name)})
            self._connection.invalidate()  # should the lock have survived, it ends with the connection
            self._connection.close()
        self._file = self._connection = None

    def _flock(self, *, wait: bool) -> bool:
        file = open(f"{self._engine.url.database}.{self._name}.lock", "ab")  # noqa: SIM115 - held until release()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _advise(self, *, wait: bool) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        got: Any = connection.execute(text(f"SELECT {function}(:key)"), {"key": _lock_key(self._name)}).scalar()
        if not wait and not got:
            connection.close()
            return False
        self._connection = connection
        return True


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"sharelm {name}".encode()).digest()[:8], "big", signed=True)
