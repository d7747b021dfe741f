"""Tombstones: the public marks of conversations that were in a final release and are withdrawn, or not accepted any more.

They name no person and hold no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Engine, Index, Row, String, Table, delete, literal, select, tuple_, update

from sharelm.store import db
from sharelm.store.contributor import insert_or_ignore
from sharelm.store.conversation import conversation
from sharelm.store.engine import read
from sharelm.store.release import left_out, release, was_left_out
from sharelm.store.types import Instant

WITHDRAWN, REJECTED = "withdrawn", "rejected"  # classes of reasons: by the contributor, by a reviewer
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


class Span(NamedTuple):
    """It was in the first and in the last of these releases, and in those between, but for these."""

    first: str
    last: str
    left_out: frozenset[str] = frozenset()


def insert_tombstones(connection: Connection, row_ids: Sequence[int], *, now: datetime, shown_after: datetime, reason: str = WITHDRAWN) -> None:
    """For those of the conversations that are in a final release. One that was rejected before says from now on what its contributor did."""
    if reason == WITHDRAWN:
        _take_over(connection, row_ids, now=now)
    c, t = conversation.c, tombstone.c
    final = c.first_release.in_(select(release.c.version))
    newest_first = (release.c.created_at.desc(), release.c.version.desc())
    holds_it = ~was_left_out(c.id, release.c.version).correlate(conversation, release)
    last = select(release.c.version).where(holds_it).order_by(*newest_first).limit(1).correlate(conversation).scalar_subquery()
    same = [last, literal(f"{now:%Y-%m-%d}"), literal(reason), literal(shown_after, Instant)]
    names = [t.public_id, t.first_release, t.last_release, t.withdrawn_on, t.reason, t.shown_after]
    for start in range(0, len(row_ids), 500):
        rows = select(c.public_id, c.first_release, *same).where(c.id.in_(row_ids[start : start + 500]), final)
        connection.execute(insert_or_ignore(connection, tombstone).from_select(names, rows))


def delete_tombstone(connection: Connection, public_id: str, *, reason: str | None = None) -> None:
    """Whatever its reason, or only if it is this one."""
    mine = [tombstone.c.public_id == public_id, *([tombstone.c.reason == reason] if reason else [])]
    connection.execute(delete(tombstone).where(*mine))


def _take_over(connection: Connection, row_ids: Sequence[int], *, now: datetime) -> None:
    for start in range(0, len(row_ids), 500):
        ids = select(conversation.c.public_id).where(conversation.c.id.in_(row_ids[start : start + 500]))
        mine = (tombstone.c.public_id.in_(ids), tombstone.c.reason == REJECTED)
        connection.execute(update(tombstone).where(*mine).values(reason=WITHDRAWN, withdrawn_on=f"{now:%Y-%m-%d}"))


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


def select_spans(connection: Connection, public_ids: Sequence[str]) -> set[Span]:
    """In which releases each of these conversations was that was in one, without repetition."""
    t, c = tombstone.c, conversation.c
    found: set[Span] = set()
    for start in range(0, len(public_ids), 500):
        some = public_ids[start : start + 500]
        without: dict[str, list[str]] = {}
        joined = select(c.public_id, left_out.c.version).join_from(conversation, left_out, left_out.c.conversation_id == c.id)
        for public_id, version in connection.execute(joined.where(c.public_id.in_(some))):
            without.setdefault(public_id, []).append(version)
        query = select(t.public_id, t.first_release, t.last_release).where(t.public_id.in_(some))
        found |= {Span(first, last, frozenset(without.get(public_id, ()))) for public_id, first, last in connection.execute(query)}
    return found
