"""Reviewers, who decide what is released, and their logins: apart from contributors, who have neither names nor passwords."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Row, String, Table, delete, select, update

from sharelm.store import db
from sharelm.store.types import BigId, Instant

reviewer = Table(
    "reviewer",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),  # argon2id; empty: may not log in any more, and the log keeps the name
    Column("created_at", Instant, nullable=False),
)

reviewer_session = Table(
    "reviewer_session",
    db.metadata,
    Column("token_digest", LargeBinary(32), primary_key=True),
    Column("reviewer_id", BigId, ForeignKey("reviewer.id"), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False, index=True),
)


def insert_reviewer(connection: Connection, name: str, *, password_hash: str, now: datetime) -> None:
    connection.execute(reviewer.insert().values(name=name, password_hash=password_hash, created_at=now))


def select_reviewer(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(reviewer).where(reviewer.c.name == name)).first()


def select_reviewers(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(reviewer).order_by(reviewer.c.name)).all()


def update_password(connection: Connection, reviewer_id: int, password_hash: str) -> None:
    """A new password, or none with an empty hash; every login under the old one ends."""
    connection.execute(update(reviewer).where(reviewer.c.id == reviewer_id).values(password_hash=password_hash))
    connection.execute(delete(reviewer_session).where(reviewer_session.c.reviewer_id == reviewer_id))


def insert_session(connection: Connection, token_digest: bytes, *, reviewer_id: int, expires_at: datetime) -> None:
    connection.execute(reviewer_session.insert().values(token_digest=token_digest, reviewer_id=reviewer_id, expires_at=expires_at))


def select_session_reviewer(connection: Connection, token_digest: bytes, *, now: datetime) -> tuple[int, str] | None:
    """Who is logged in under this token: (id, name)."""
    live = (reviewer_session.c.token_digest == token_digest, reviewer_session.c.expires_at > now)
    query = select(reviewer.c.id, reviewer.c.name).join(reviewer_session, reviewer_session.c.reviewer_id == reviewer.c.id)
    found = connection.execute(query.where(*live)).first()
    return (found.id, found.name) if found else None


def delete_session(connection: Connection, token_digest: bytes) -> None:
    connection.execute(delete(reviewer_session).where(reviewer_session.c.token_digest == token_digest))


def delete_expired_sessions(connection: Connection, *, now: datetime) -> int:
    return connection.execute(delete(reviewer_session).where(reviewer_session.c.expires_at <= now)).rowcount
