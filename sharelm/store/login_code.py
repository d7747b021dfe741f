"""One-time codes that open one's data in place of the user ID: kept as digests only, for a minute."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Table, delete, select

from sharelm.store import db
from sharelm.store.types import BigId, Instant

login_code = Table(
    "login_code",
    db.metadata,
    Column("code_digest", LargeBinary(32), primary_key=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False, index=True),
)


def insert_code(connection: Connection, code_digest: bytes, *, contributor_id: int, expires_at: datetime) -> None:
    connection.execute(login_code.insert().values(code_digest=code_digest, contributor_id=contributor_id, expires_at=expires_at))


def has_live_code(connection: Connection, code_digest: bytes, *, now: datetime) -> bool:
    live = (login_code.c.code_digest == code_digest, login_code.c.expires_at > now)
    return connection.execute(select(login_code.c.contributor_id).where(*live)).first() is not None


def take_code(connection: Connection, code_digest: bytes, *, now: datetime) -> int | None:
    """Whose code it was; None if it has expired, was used or never was. Of two who take it at the same time one gets it."""
    live = (login_code.c.code_digest == code_digest, login_code.c.expires_at > now)
    return connection.execute(delete(login_code).where(*live).returning(login_code.c.contributor_id)).scalar()


def delete_codes_of(connection: Connection, *, contributor_id: int) -> None:
    connection.execute(delete(login_code).where(login_code.c.contributor_id == contributor_id))


def delete_expired_codes(connection: Connection, *, now: datetime) -> int:
    return connection.execute(delete(login_code).where(login_code.c.expires_at <= now)).rowcount
