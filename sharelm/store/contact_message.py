"""What contributors wrote to the operator, until it is answered or old.

The writer is kept as the digest of the user ID, known or not, so that withdrawing everything takes the messages along.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Row, String, Table, Text, delete, select, update

from sharelm.store import db
from sharelm.store.types import BigId, Instant

contact_message = Table(
    "contact_message",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("user_digest", LargeBinary(32), nullable=False, index=True),
    Column("received_at", Instant, nullable=False, index=True),
    Column("reply_to", String(255)),
    Column("message", Text, nullable=False),
)


def insert_message(connection: Connection, user_digest: bytes, *, message: str, reply_to: str | None, now: datetime) -> None:
    connection.execute(contact_message.insert().values(user_digest=user_digest, received_at=now, reply_to=reply_to, message=message))


def select_messages(connection: Connection) -> Sequence[Row[Any]]:
    """All that wait for an answer, the oldest first; without who wrote them."""
    shown: list[Any] = [contact_message.c[name] for name in ("id", "received_at", "reply_to", "message")]
    rows: Sequence[Row[Any]] = connection.execute(select(*shown).order_by(contact_message.c.id)).all()
    return rows


def delete_message(connection: Connection, message_id: int) -> bool:
    return connection.execute(delete(contact_message).where(contact_message.c.id == message_id)).rowcount == 1


def update_writer(connection: Connection, user_digest: bytes, *, new_digest: bytes) -> None:
    connection.execute(update(contact_message).where(contact_message.c.user_digest == user_digest).values(user_digest=new_digest))


def delete_messages_of(connection: Connection, user_digest: bytes) -> None:
    connection.execute(delete(contact_message).where(contact_message.c.user_digest == user_digest))


def delete_old_messages(connection: Connection, *, before: datetime) -> int:
    return connection.execute(delete(contact_message).where(contact_message.c.received_at < before)).rowcount
