"""Who is logged in: one row per login, the random token as a digest only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Table, delete, select

from sharelm.store import db
from sharelm.store.types import BigId, Instant

login_session = Table(
    "login_session",
    db.metadata,
    Column("token_digest", LargeBinary(32), primary_key=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False, index=True),
)


def insert_session(connection: Connection, token_digest: bytes, *, contributor_id: int, expires_at: datetime) -> None:
    connection.execute(login_session.insert().values(token_digest=token_digest, contributor_id=contributor_id, expires_at=expires_at))


def select_session_owner(connection: Connection, token_digest: bytes, *, now: datetime) -> int | None:
    """The contributor who is logged in under this token; None if it has expired or never was."""
    live = (login_session.c.token_digest == token_digest, login_session.c.expires_at > now)
    return connection.execute(select(login_session.c.contributor_id).where(*live)).scalar()


def delete_session(connection: Connection, token_digest: bytes) -> None:
    connection.execute(delete(login_session).where(login_session.c.token_digest == token_digest))


def delete_sessions_of(connection: Connection, *, contributor_id: int) -> None:
    connection.execute(delete(login_session).where(login_session.c.contributor_id == contributor_id))


def delete_expired_sessions(connection: Connection, *, now: datetime) -> int:
    return connection.execute(delete(login_session).where(login_session.c.expires_at <= now)).rowcount
