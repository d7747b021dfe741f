"""The release that waits for approval, if any: one at a time, served to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, Row, String, Table, delete, or_, select, update

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
    Column("approved_by", String(64)),  # a reviewer who wants it final; the job makes it so
    Column("approved_at", Instant),
    Column("refusal", String(2000)),  # why it was not made final, in a sentence of ours
)


def select_candidate(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(candidate)).first()


def mark_approved(connection: Connection, version: str, *, manifest_sha256: str, by: str, now: datetime) -> bool:
    """False where another one waits by now, or it is approved already."""
    c = candidate.c
    same = (c.version == version, c.manifest_sha256 == manifest_sha256, c.approved_at.is_(None))
    return connection.execute(update(candidate).where(*same).values(approved_by=by, approved_at=now, refusal=None)).rowcount == 1


def mark_refused(connection: Connection, version: str, refusal: str) -> None:
    values = {"approved_by": None, "approved_at": None, "refusal": refusal[:2000]}
    connection.execute(update(candidate).where(candidate.c.version == version).values(**values))


def replace_candidate(connection: Connection, values: dict[str, Any]) -> None:
    delete_candidate(connection)
    connection.execute(candidate.insert().values(**values))


def delete_candidate(connection: Connection) -> None:
    connection.execute(delete(candidate))


def select_gone_since(connection: Connection, since: datetime) -> Sequence[str]:
    """Public ids of what was withdrawn since then, or from which something was taken out by hand."""
    c = conversation.c
    return connection.execute(select(c.public_id).where(or_(c.withdrawn_at >= since, c.corrected_at >= since))).scalars().all()
