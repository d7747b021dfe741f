"""What reviewers did: a log that is only ever added to. Triggers of the database refuse to change or delete an entry.

An entry names a conversation by its public id and says nothing of what stands in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, func, select

from sharelm.store import db
from sharelm.store.types import BigId, Instant

APPROVE = "approve"  # the act of a person who has looked at the conversation

audit_entry = Table(
    "audit_entry",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("reviewer", String(64), nullable=False),  # the name; "operator" for commands
    Column("act", String(32), nullable=False, index=True),
    Column("public_id", String(32), index=True),
    Column("detail", String(500)),
    Column("count", Integer),  # conversations or places that it changed
)


def insert_entry(connection: Connection, entry: Mapping[str, Any], *, now: datetime) -> None:
    """`entry` has `reviewer` and `act`, and what else there is to say of `public_id`, `detail` and `count`."""
    connection.execute(audit_entry.insert().values(**entry, at=now))


def select_entries(connection: Connection, *, limit: int, before: int | None = None, public_id: str | None = None) -> Sequence[Row[Any]]:
    """The newest first, older than the entry `before`."""
    query = select(audit_entry).order_by(audit_entry.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit_entry.c.id < before)
    if public_id is not None:
        query = query.where(audit_entry.c.public_id == public_id)
    return connection.execute(query).all()


def count_since(connection: Connection, acts: Collection[str], *, last: str) -> int:
    """How many conversations had one of these acts since the last entry of the act `last`."""
    newest = select(func.max(audit_entry.c.id)).where(audit_entry.c.act == last).scalar_subquery()
    since = (audit_entry.c.act.in_(acts), audit_entry.c.id > func.coalesce(newest, 0))
    return connection.execute(select(func.count(audit_entry.c.public_id.distinct())).where(*since)).scalar_one()
