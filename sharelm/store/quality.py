"""What the quality checks read, and where they write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, text, update

from sharelm.store.conversation import IS_UNCHECKED, conversation

UNCOUNTED_SOURCE = "export"  # one's own export comes all at once


def select_unchecked(connection: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Anonymised conversations whose present form nobody has looked at, with their text."""
    c = conversation.c
    columns: list[Any] = [c[name] for name in ("id", "change", "contributor_id", "received_at", "source", "language", "content_hash", "messages")]
    # As text: SQLite uses a partial index only where the condition is written as in it.
    return connection.execute(select(*columns).where(text(IS_UNCHECKED)).order_by(c.id).limit(limit)).all()


def count_given_before(connection: Connection, row: Row[Any], *, within: timedelta, most: int) -> int:
    """How many the contributor gave in the time before this one; not more than `most` are counted."""
    c = conversation.c
    received: datetime = row.received_at
    mine = (c.contributor_id == row.contributor_id, c.received_at > received - within, c.received_at <= received)
    given = select(c.id).where(*mine, c.source != UNCOUNTED_SOURCE, c.id != row.id).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(given)).scalar_one()


def write_checked(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    """Unless the conversation has changed or was withdrawn since it was read."""
    c = conversation.c
    same = (
        c.id == row.id,
        c.change == row.change,
        c.marks.is_(None),
        c.withdrawn_at.is_(None),
        c.content_hash.is_not_distinct_from(row.content_hash),
    )
    return connection.execute(update(conversation).where(*same).values(**values)).rowcount == 1
