"""What people wrote to the operator, until it is answered or old.

A contributor is kept as the digest of the user ID, known or not, so that withdrawing everything takes the messages along; of others nothing is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Row, String, Table, Text, delete, func, select, update

from sharelm.store import db
from sharelm.store.types import BigId, Instant
from sharelm.vocabulary import Report

contact_message = Table(
    "contact_message",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("user_digest", LargeBinary(32), index=True),  # NULL: from the form, without a login
    Column("received_at", Instant, nullable=False, index=True),
    Column("kind", String(16), nullable=False, server_default=Report.OTHER.value),
    Column("about", String(255)),
    Column("reply_to", String(255)),
    Column("message", Text, nullable=False),
)


def insert_message(
    connection: Connection, user_digest: bytes | None, *, message: str, kind: Report, about: str | None, reply_to: str | None, now: datetime
) -> None:
    values = {"message": message, "kind": kind.value, "about": about or None, "reply_to": reply_to or None}
    connection.execute(contact_message.insert().values(user_digest=user_digest, received_at=now, **values))


def select_messages(connection: Connection, *, kinds: Collection[str] = (), limit: int | None = None) -> Sequence[Row[Any]]:
    """Those that wait for an answer, the newest first; without who wrote them. No `kinds` means all."""
    shown: list[Any] = [contact_message.c[name] for name in ("id", "received_at", "kind", "about", "reply_to", "message")]
    query = select(*shown).order_by(contact_message.c.id.desc()).limit(limit)
    rows: Sequence[Row[Any]] = connection.execute(query.where(contact_message.c.kind.in_(kinds)) if kinds else query).all()
    return rows


def count_messages(connection: Connection) -> dict[str, int]:
    """How many wait, by kind."""
    query = select(contact_message.c.kind, func.count()).group_by(contact_message.c.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def delete_message(connection: Connection, message_id: int) -> bool:
    return connection.execute(delete(contact_message).where(contact_message.c.id == message_id)).rowcount == 1


def update_writer(connection: Connection, user_digest: bytes, *, new_digest: bytes) -> None:
    connection.execute(update(contact_message).where(contact_message.c.user_digest == user_digest).values(user_digest=new_digest))


def delete_messages_of(connection: Connection, user_digest: bytes) -> None:
    connection.execute(delete(contact_message).where(contact_message.c.user_digest == user_digest))


def delete_old_messages(connection: Connection, *, before: datetime) -> int:
    return connection.execute(delete(contact_message).where(contact_message.c.received_at < before)).rowcount
