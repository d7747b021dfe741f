"""Exports that contributors sent of their own history: the file in parts until it is read, what was found in it until they have chosen.

All of it is raw text. It lies in the database, so that every process can read it and what must go goes in one transaction; the purge erases it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    SmallInteger,
    String,
    Table,
    Text,
    delete,
    func,
    or_,
    select,
    update,
)

from sharelm.store import db
from sharelm.store.lock import lock_until_commit
from sharelm.store.types import BigId, Instant

EXPORT_LASTS = timedelta(hours=24)  # from the moment it has arrived, and again from the moment it is read
ARRIVING_LASTS = timedelta(hours=1)
MOST_TRIES = 3
PARTS_AT_ONCE = 10  # erased in one transaction
CANDIDATES_AT_ONCE = 500
OUR_FAULT = "our-fault"

own_export = Table(
    "own_export",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("arrived_at", Instant),  # NULL while its parts are being stored
    Column("ready_at", Instant),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("discarded_at", Instant, index=True),  # from then on nobody sees it, and the purge erases it
    Column("tries", SmallInteger, nullable=False),
    Column("part_count", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("percent", SmallInteger, nullable=False),
    Column("problem", String(32)),  # a word of ours that stands for a sentence; it has failed
    Column("platform", String(64)),
    Column("found", Integer, nullable=False),
    Column("skipped", Text),  # JSON: how many by reason
    Index("own_export_of_contributor", "contributor_id", "asked_at"),
)

export_part = Table(
    "export_part",
    db.metadata,
    Column("export_id", BigId, ForeignKey("own_export.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

export_candidate = Table(
    "export_candidate",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("export_id", BigId, ForeignKey("own_export.id"), nullable=False),
    Column("conversation_id", String(200), nullable=False),
    Column("client_digest", LargeBinary(32), nullable=False, index=True),  # as the contribution that it may become has it
    Column("at", Instant, nullable=False),  # its newest message; 1970 where the export does not say
    Column("message_count", Integer, nullable=False),  # that are shown
    Column("character_count", Integer, nullable=False),
    Column("is_chosen", SmallInteger, nullable=False),
    Column("model", String(200)),
    # Long texts last.
    Column("facts", Text, nullable=False),  # JSON of the conversation without what was said
    Column("texts", Text, nullable=False),  # what was said, message by message
    Index("export_candidate_once", "export_id", "conversation_id", unique=True),
    Index("export_candidate_listed", "export_id", "at", "id"),
)


def insert_export(connection: Connection, *, public_id: str, contributor_id: int, byte_count: int, now: datetime) -> int:
    """One whose parts come next. Waits for a withdrawal of everything that is just being made."""
    lock_until_commit(connection, f"exports-{contributor_id}", is_shared=False)
    values = {"public_id": public_id, "contributor_id": contributor_id, "asked_at": now, "expires_at": now + ARRIVING_LASTS}
    counts = {"tries": 0, "part_count": 0, "byte_count": byte_count, "percent": 0, "found": 0}
    return int(connection.execute(own_export.insert().values(**values, **counts).returning(own_export.c.id)).scalar_one())


def insert_part(connection: Connection, export_id: int, number: int, content: bytes) -> bool:
    """False if the export was discarded meanwhile."""
    if not is_wanted(connection, export_id):
        return False
    connection.execute(export_part.insert().values(export_id=export_id, number=number, content=content))
    return True


def mark_arrived(connection: Connection, export_id: int, *, part_count: int, now: datetime) -> bool:
    values = {"part_count": part_count, "arrived_at": now, "expires_at": now + EXPORT_LASTS}
    return _update_wanted(connection, export_id, values)


def count_kept_bytes(connection: Connection, *, contributor_id: int, now: datetime) -> int:
    """Of all the exports that the contributor has here at present."""
    e = own_export.c
    kept = (e.contributor_id == contributor_id, e.discarded_at.is_(None), e.expires_at > now)
    return int(connection.execute(select(func.coalesce(func.sum(e.byte_count), 0)).where(*kept)).scalar_one())


def select_own(connection: Connection, public_id: str, *, contributor_id: int, now: datetime) -> Row[Any] | None:
    """The contributor's own export; None if it is not there, not theirs, discarded or too old."""
    e = own_export.c
    mine = (e.contributor_id == contributor_id, e.public_id == public_id, e.discarded_at.is_(None), e.arrived_at.is_not(None), e.expires_at > now)
    return connection.execute(select(own_export).where(*mine)).first()


def select_all_own(connection: Connection, *, contributor_id: int, now: datetime) -> list[Row[Any]]:
    """The contributor's exports, the newest first."""
    e = own_export.c
    mine = (e.contributor_id == contributor_id, e.discarded_at.is_(None), e.arrived_at.is_not(None), e.expires_at > now)
    return list(connection.execute(select(own_export).where(*mine).order_by(e.asked_at.desc(), e.id.desc())).all())


def state_of(row: Row[Any]) -> str:
    return "failed" if row.problem else "ready" if row.ready_at else "reading"


def skipped_in(row: Row[Any]) -> dict[str, int]:
    return dict(json.loads(row.skipped)) if row.skipped else {}


def has_waiting(connection: Connection) -> bool:
    return connection.execute(select(own_export.c.id).where(*_waiting()).limit(1)).first() is not None


def begin_next(connection: Connection, *, now: datetime) -> Row[Any] | None:
    """The export that waits longest, with one more try counted. Call `erase_candidates` first: a try that died may have left some.

    Only the one process that holds the job's lock may call it: so what has no try left has failed.
    """
    e = own_export.c
    failed = {"problem": OUR_FAULT, "expires_at": now + EXPORT_LASTS}
    connection.execute(update(own_export).where(*_waiting(), e.tries >= MOST_TRIES).values(**failed))
    row = connection.execute(select(own_export).where(*_waiting()).order_by(e.tries, e.asked_at, e.id).limit(1)).first()
    if row is not None:
        connection.execute(update(own_export).where(e.id == row.id).values(tries=e.tries + 1))
    return row


def select_part(connection: Connection, export_id: int, number: int) -> bytes | None:
    """None as soon as the export is discarded."""
    p, e = export_part.c, own_export.c
    query = select(p.content).join(own_export, e.id == p.export_id)
    return connection.execute(query.where(p.export_id == export_id, p.number == number, e.discarded_at.is_(None))).scalar()


def update_percent(connection: Connection, export_id: int, percent: int) -> bool:
    """False if the export was discarded meanwhile."""
    return _update_wanted(connection, export_id, {"percent": percent})


def mark_ready(connection: Connection, export_id: int, *, platform: str | None, found: int, skipped: Mapping[str, int], now: datetime) -> bool:
    values = {"platform": platform, "found": found, "skipped": json.dumps(skipped), "ready_at": now, "expires_at": now + EXPORT_LASTS, "percent": 100}
    return _update_wanted(connection, export_id, values)


def mark_failed(connection: Connection, export_id: int, problem: str, *, now: datetime) -> bool:
    return _update_wanted(connection, export_id, {"problem": problem, "expires_at": now + EXPORT_LASTS})


def select_read(connection: Connection) -> int | None:
    """An export whose file is not needed any more and still there."""
    e = own_export.c
    query = select(e.id).join(export_part, export_part.c.export_id == e.id).where(or_(e.ready_at.is_not(None), e.problem.is_not(None)))
    return connection.execute(query.limit(1)).scalar()


def select_failed_with_candidates(connection: Connection) -> int | None:
    e = own_export.c
    query = select(e.id).join(export_candidate, export_candidate.c.export_id == e.id).where(e.problem.is_not(None))
    return connection.execute(query.limit(1)).scalar()


def erase_parts(connection: Connection, export_id: int) -> int:
    """Some parts of the file; how many went."""
    numbers = select(export_part.c.number).where(export_part.c.export_id == export_id).limit(PARTS_AT_ONCE)
    return connection.execute(delete(export_part).where(export_part.c.export_id == export_id, export_part.c.number.in_(numbers))).rowcount


def erase_candidates(connection: Connection, export_id: int) -> int:
    """Some of what was found in it; how many went."""
    some = select(export_candidate.c.id).where(export_candidate.c.export_id == export_id).limit(CANDIDATES_AT_ONCE)
    return connection.execute(delete(export_candidate).where(export_candidate.c.id.in_(some))).rowcount


def discard(connection: Connection, public_id: str, *, contributor_id: int, now: datetime) -> bool:
    """Nobody sees the contributor's own export any more, and the purge erases it; False if it is not there or not theirs."""
    e = own_export.c
    mine = (e.contributor_id == contributor_id, e.public_id == public_id, e.discarded_at.is_(None), e.arrived_at.is_not(None), e.expires_at > now)
    return connection.execute(update(own_export).where(*mine).values(discarded_at=now)).rowcount == 1


def discard_all(connection: Connection, *, contributor_id: int, now: datetime) -> None:
    """Whatever the contributor sent goes, also what is just arriving or being read."""
    lock_until_commit(connection, f"exports-{contributor_id}", is_shared=False)
    e = own_export.c
    connection.execute(update(own_export).where(e.contributor_id == contributor_id, e.discarded_at.is_(None)).values(discarded_at=now))


def erase_some(connection: Connection, *, now: datetime) -> int:
    """Erase some of what is discarded or too old, and what has nothing left; how many rows went."""
    e = own_export.c
    gone = connection.execute(select(e.id).where(or_(e.discarded_at.is_not(None), e.expires_at <= now)).limit(1).with_for_update()).scalar()
    if gone is None:
        return 0
    erased = erase_parts(connection, gone) or erase_candidates(connection, gone)
    return erased or connection.execute(delete(own_export).where(e.id == gone)).rowcount


def _waiting() -> tuple[Any, ...]:
    e = own_export.c
    return (e.arrived_at.is_not(None), e.ready_at.is_(None), e.problem.is_(None), e.discarded_at.is_(None))


def is_wanted(connection: Connection, export_id: int) -> bool:
    """Locked until the transaction ends."""
    e = own_export.c
    return connection.execute(select(e.id).where(e.id == export_id, e.discarded_at.is_(None)).with_for_update()).first() is not None


def _update_wanted(connection: Connection, export_id: int, values: Mapping[str, Any]) -> bool:
    wanted = (own_export.c.id == export_id, own_export.c.discarded_at.is_(None))
    return connection.execute(update(own_export).where(*wanted).values(**values)).rowcount == 1
