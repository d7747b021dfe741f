"""The connections that uploads are written through: what is stored is what was given, and a connection that broke is made anew."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy import create_engine, text

from sharelm.store.engine import is_sqlite, read, write
from sharelm.store.group_commit import Statement
from sharelm.store.writer import write_one

VALUES = [7, -1, "plain", "日本語 🙂 it's $1 and ?", b"\x00\xff bytes", None]


@pytest.fixture
def engine(app):
    kind = "BLOB" if is_sqlite(app.server.engine) else "BYTEA"
    with write(app.server.engine) as connection:
        connection.execute(text(f"CREATE TABLE noted (place INTEGER UNIQUE, below INTEGER, word VARCHAR(20), longer TEXT, raw {kind}, empty TEXT)"))
    return app.server.engine


def put(engine, values):
    places = ", ".join("?" if is_sqlite(engine) else f"${place}" for place in range(1, 7))
    return write_one(engine, Statement(f"INSERT INTO noted VALUES ({places}) ON CONFLICT DO NOTHING", values))


def rows(engine):
    with read(engine) as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM noted ORDER BY place"))]


def test_every_kind_of_value_is_stored_as_it_was_given(engine):
    assert put(engine, VALUES) is True
    stored = [bytes(value) if isinstance(value, memoryview) else value for value in rows(engine)[0]]
    assert stored == VALUES


def test_a_row_that_is_there_already_is_not_written(engine):
    assert put(engine, VALUES) is True
    assert put(engine, [VALUES[0], 2, "other", "", b"", None]) is False
    assert [row[1] for row in rows(engine)] == [-1]


def test_a_refused_statement_raises_the_drivers_error_and_the_next_one_is_written(engine):
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
        write_one(engine, Statement("INSERT INTO nowhere VALUES (1)", []))
    assert put(engine, VALUES) is True


def test_a_value_that_does_not_fit_is_refused_not_cut(engine):
    if is_sqlite(engine):
        return  # SQLite knows no lengths
    with pytest.raises(psycopg.errors.StringDataRightTruncation) as refused:
        put(engine, [1, 1, "far too long for twenty characters", "", b"", None])
    assert "too long" not in str(refused.value)  # errors never quote
    with pytest.raises(psycopg.DataError):
        put(engine, [1, 1, "a\x00b", "", b"", None])
    assert rows(engine) == []


def test_a_lost_connection_is_an_outage_and_the_next_write_has_a_new_one(engine):
    if is_sqlite(engine):
        return  # a file is not lost
    assert put(engine, VALUES) is True
    administrator = create_engine(engine.url)
    with administrator.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )
    administrator.dispose()
    with pytest.raises(psycopg.OperationalError):
        put(engine, [8, *VALUES[1:]])
    assert put(engine, [8, *VALUES[1:]]) is True
    assert [row[0] for row in rows(engine)] == [7, 8]
