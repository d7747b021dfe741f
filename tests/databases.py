"""Postgres databases for tests: one is emptied after each test, because making a new one takes ten times as long.

A database whose schema a test has changed is dropped instead.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text

from sharelm.config import database_address

QUICK = ("fsync", "full_page_writes", "synchronous_commit")
"""What a server needs that outlives a loss of power, which ours does not."""

OTHERS = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
SCHEMA = """
    SELECT sum(hashtext(concat(relname, attname, atttypid, attnotnull, attnum))::bigint),
           (SELECT sum(hashtext(concat(tgname, tgenabled))::bigint) FROM pg_trigger),
           (SELECT sum(hashtext(pg_get_constraintdef(oid))::bigint) FROM pg_constraint)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
"""


class Databases:
    """Copies of one migrated, empty database on one server."""

    def __init__(self, url: str, template: str) -> None:
        self._url = url
        self._template = template
        self._ready: list[str] = []
        self._schema: object = None

    def take(self) -> str:
        """The name of a database as it was migrated."""
        return self._ready.pop() if self._ready else self._made()

    def give_back(self, name: str) -> None:
        if self._is_emptied(name):
            self._ready.append(name)
        else:
            drop(self._url, name)

    def close(self) -> None:
        for name in self._ready:
            drop(self._url, name)

    def _made(self) -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        administer(self._url, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        self._schema = self._schema or self._on(name, lambda connection: tuple(connection.execute(text(SCHEMA)).one()))
        return name

    def _is_emptied(self, name: str) -> bool:
        return self._on(name, self._empty)

    def _empty(self, connection: Connection) -> bool:
        connection.execute(text(OTHERS))
        if tuple(connection.execute(text(SCHEMA)).one()) != self._schema:
            return False
        tables = connection.execute(text(TABLES)).scalars().all()
        connection.execute(text("SET session_replication_role = replica"))  # past the triggers that guard the log
        connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
        return True

    def _on(self, name: str, act: Callable[[Connection], Any]) -> Any:
        engine = create_engine(database_in(self._url, name), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                return act(connection)
        finally:
            engine.dispose()


def database_in(url: str, name: str) -> str:
    return make_url(database_address(url)).set(database=name).render_as_string(hide_password=False)


def administer(url: str, statement: str) -> None:
    engine = create_engine(database_address(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def drop(url: str, name: str) -> None:
    administer(url, f"DROP DATABASE {name} WITH (FORCE)")


def make_quick(url: str) -> None:
    """For a server of our own only."""
    for setting in QUICK:
        administer(url, f"ALTER SYSTEM SET {setting} = off")
    administer(url, "SELECT pg_reload_conf()")
