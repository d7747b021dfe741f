"""Tombstones: the public marks of withdrawn conversations that were in a final release. They name no person and hold no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Index, Row, String, Table, delete, literal, select, tuple_

from sharelm.store import db
from sharelm.store.contributor import insert_or_ignore
from sharelm.store.conversation import conversation
from sharelm.store.engine import read
from sharelm.store.release import release
from sharelm.store.types import Instant

WITHDRAWN = "withdrawn"  # the class of reasons: by the contributor
BATCH = 1_000

tombstone = Table(
    "tombstone",
    db.metadata,
    Column("public_id", String(32), primary_key=True),
    Column("first_release", String(64), nullable=False),
    Column("last_release", String(64), nullable=False),
    Column("withdrawn_on", String(10), nullable=False),  # the day, as 2026-11-21: no time of day is published
    Column("reason", String(32), nullable=False),
    Column("shown_after", Instant, nullable=False),  # while it can be undone nobody sees it
    Index("tombstone_by_day", "withdrawn_on", "public_id"),
)


def insert_tombstones(connection: Connection, row_ids: Sequence[int], *, now: datetime, shown_after: datetime) -> None:
    """For those of the conversations that are in a final release: until now they were in every later one too."""
    c, t = conversation.c, tombstone.c
    last = connection.execute(select(release.c.version).order_by(release.c.created_at.desc(), release.c.version.desc()).limit(1)).scalar()
    if last is None:
        return
    final = c.first_release.in_(select(release.c.version))
    same = [literal(last), literal(f"{now:%Y-%m-%d}"), literal(WITHDRAWN), literal(shown_after, Instant)]
    names = [t.public_id, t.first_release, t.last_release, t.withdrawn_on, t.reason, t.shown_after]
    for start in range(0, len(row_ids), 500):
        rows = select(c.public_id, c.first_release, *same).where(c.id.in_(row_ids[start : start + 500]), final)
        connection.execute(insert_or_ignore(connection, tombstone).from_select(names, rows))


def delete_tombstone(connection: Connection, public_id: str) -> None:
    connection.execute(delete(tombstone).where(tombstone.c.public_id == public_id))


def select_in_batches(engine: Engine, *, now: datetime) -> Iterator[Sequence[Row[Any]]]:
    """All that are public, by day and id. Each batch is a short read: a slow reader must not hold up the erasing (store.engine)."""
    t = tombstone.c
    query = select(tombstone).where(t.shown_after <= now).order_by(t.withdrawn_on, t.public_id).limit(BATCH)
    after = ("", "")
    while True:
        with read(engine) as connection:
            rows = connection.execute(query.where(tuple_(t.withdrawn_on, t.public_id) > after)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = (rows[-1].withdrawn_on, rows[-1].public_id)


def select_by_id(engine: Engine, *, now: datetime) -> Iterator[Sequence[Row[Any]]]:
    """The same in the order of their ids, for a file."""
    t = tombstone.c
    query = select(tombstone).where(t.shown_after <= now).order_by(t.public_id).limit(BATCH)
    after = ""
    while True:
        with read(engine) as connection:
            rows = connection.execute(query.where(t.public_id > after)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = rows[-1].public_id


def select_spans(connection: Connection, public_ids: Sequence[str]) -> set[tuple[str, str]]:
    """The first and the last release of each of these conversations that was in one, without repetition."""
    t = tombstone.c
    found: set[tuple[str, str]] = set()
    for start in range(0, len(public_ids), 500):
        query = select(t.first_release, t.last_release).where(t.public_id.in_(public_ids[start : start + 500])).distinct()
        found |= {(row.first_release, row.last_release) for row in connection.execute(query)}
    return found
