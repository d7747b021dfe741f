"""The release that waits for approval, if any: one at a time, served to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, Row, String, Table, delete, or_, select

from sharelm.store import db
from sharelm.store.conversation import conversation
from sharelm.store.types import Instant

candidate = Table(
    "release_candidate",
    db.metadata,
    Column("version", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),  # what was ready then is in it
    Column("row_count", Integer, nullable=False),
    Column("contributor_count", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
)


def select_candidate(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(candidate)).first()


def replace_candidate(connection: Connection, values: dict[str, Any]) -> None:
    delete_candidate(connection)
    connection.execute(candidate.insert().values(**values))


def delete_candidate(connection: Connection) -> None:
    connection.execute(delete(candidate))


def select_gone_since(connection: Connection, since: datetime) -> Sequence[str]:
    """Public ids of what was withdrawn since then, or from which something was taken out by hand."""
    c = conversation.c
    return connection.execute(select(c.public_id).where(or_(c.withdrawn_at >= since, c.corrected_at >= since))).scalars().all()
