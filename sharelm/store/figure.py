"""The counts that figures are made of, and the table that public pages read: it holds only what may be public."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Row, String, Table, Text, case, delete, func, literal, select, text, type_coerce

from sharelm.store import db
from sharelm.store.conversation import IS_COUNTED, conversation
from sharelm.store.release import left_out
from sharelm.store.types import Instant, to_micros

DAY = 86_400_000_000  # microseconds
ROWS_AT_ONCE = 5_000

figure = Table(
    "figure",
    db.metadata,
    Column("name", String(32), primary_key=True),
    Column("counted_at", Instant, nullable=False),
    Column("content", Text, nullable=False),  # JSON
)


def stream_counts(connection: Connection, *, starts: Sequence[datetime]) -> Iterator[Row[Any]]:
    """Counts of what each contributor gave, by period, platform, model and language; the contributor's rows stand together.

    `starts` are the beginnings of periods, the latest first; `period` is the place of the one a conversation was received in,
    and their number for what is older.
    """
    c = conversation.c
    at = type_coerce(c.received_at, BigInteger)
    whens = [(at >= literal(to_micros(start)), literal(place)) for place, start in enumerate(starts)]
    period = case(*whens, else_=literal(len(starts))).label("period")
    keys = (c.contributor_id, period, c.platform, c.model, c.language)
    groups = (c.contributor_id, text("period"), c.platform, c.model, c.language)
    query = select(*keys, *_sums()).where(text(IS_COUNTED)).group_by(*groups).order_by(*groups)
    yield from connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)


def count_withdrawals(connection: Connection) -> tuple[int, int]:
    """Withdrawn conversations, and of how many contributors."""
    c = conversation.c
    row = connection.execute(select(func.count(), func.count(c.contributor_id.distinct())).where(c.withdrawn_at.is_not(None))).one()
    return row[0], row[1]


def select_figure(connection: Connection, name: str) -> tuple[datetime, dict[str, Any]] | None:
    """When it was counted, and what; None before the first count."""
    row = connection.execute(select(figure).where(figure.c.name == name)).first()
    return (row.counted_at, json.loads(row.content)) if row else None


def replace_figures(connection: Connection, figures: Mapping[str, Any], *, now: datetime) -> int:
    """Put new figures in the place of the old ones; how many differ."""
    kept = {row.name: row.content for row in connection.execute(select(figure))}
    new = {name: json.dumps(content, sort_keys=True, ensure_ascii=False) for name, content in figures.items()}
    connection.execute(delete(figure))
    connection.execute(figure.insert(), [{"name": name, "counted_at": now, "content": content} for name, content in new.items()])
    return sum(kept.get(name) != content for name, content in new.items())


def count_own_by(connection: Connection, name: str, *, contributor_id: int) -> Sequence[Row[Any]]:
    """The contributor's counts by one column (`platform`, `model`), most conversations first."""
    column = conversation.c[name]
    query = select(column.label("name"), *_sums()).where(text(IS_COUNTED), conversation.c.contributor_id == contributor_id)
    return connection.execute(query.group_by(column).order_by(func.count().desc(), column)).all()


def count_own_by_day(connection: Connection, *, contributor_id: int, since: datetime) -> dict[int, int]:
    """Conversations of the contributor by days since 1970, from `since` on."""
    c = conversation.c
    day = (type_coerce(c.received_at, BigInteger) // literal(DAY, BigInteger)).label("day")
    query = select(day, func.count()).where(text(IS_COUNTED), c.contributor_id == contributor_id, c.received_at >= since)
    return {row[0]: row[1] for row in connection.execute(query.group_by(text("day")))}


def count_own_by_release(connection: Connection, *, contributor_id: int) -> dict[str, int]:
    """The contributor's conversations by the release that they came out in first."""
    c = conversation.c
    mine = (text(IS_COUNTED), c.contributor_id == contributor_id, c.first_release.is_not(None))
    query = select(c.first_release, func.count()).where(*mine).group_by(c.first_release)
    return {row[0]: row[1] for row in connection.execute(query)}


def count_own_left_out(connection: Connection, *, contributor_id: int) -> dict[str, int]:
    """The contributor's conversations by the later releases that were built without them."""
    c = conversation.c
    mine = (text(IS_COUNTED), c.contributor_id == contributor_id)
    query = select(left_out.c.version, func.count()).join_from(left_out, conversation, c.id == left_out.c.conversation_id)
    return {row[0]: row[1] for row in connection.execute(query.where(*mine).group_by(left_out.c.version))}


def _sums() -> list[Any]:
    """Conversations, answers in them, and thumbs, those for a whole conversation included."""
    c = conversation.c
    return [
        func.count().label("conversations"),
        func.coalesce(func.sum(c.response_count), 0).label("responses"),
        (func.coalesce(func.sum(c.thumbs_up), 0) + func.count(case((c.rating == 1, 1)))).label("up"),
        (func.coalesce(func.sum(c.thumbs_down), 0) + func.count(case((c.rating == -1, 1)))).label("down"),
    ]
