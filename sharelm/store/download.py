"""Downloads of everything that a contributor has here: asked for, prepared by a job, kept for a day in parts, erased by the purge.

The file lies in the database, not on a disk: every process can serve it, and what must go goes in one transaction.
"""

from __future__ import annotations

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
    delete,
    or_,
    select,
    update,
)

from sharelm.store import db
from sharelm.store.lock import lock_until_commit
from sharelm.store.types import BigId, Instant

DOWNLOAD_LASTS = timedelta(hours=24)  # from the moment it is ready
MOST_TRIES = 3
PARTS_AT_ONCE = 40  # erased in one transaction

download = Table(
    "download",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("ready_at", Instant),
    Column("expires_at", Instant, index=True),  # NULL until it is ready or has failed for good
    Column("discarded_at", Instant, index=True),  # from then on nobody gets it, and the purge erases it
    Column("part_count", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("conversation_count", Integer, nullable=False),
    Index("download_of_contributor", "contributor_id", "asked_at"),
)

download_part = Table(
    "download_part",
    db.metadata,
    Column("download_id", BigId, ForeignKey("download.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)


def insert_download(connection: Connection, *, public_id: str, contributor_id: int, now: datetime) -> None:
    """Ask for one; the contributor's earlier ones go. Waits for withdrawals that are just being made: none of them may be missed."""
    lock_until_commit(connection, f"download-{contributor_id}", is_shared=False)
    _discard(connection, contributor_id, now=now)
    values = {"public_id": public_id, "contributor_id": contributor_id, "asked_at": now}
    connection.execute(download.insert().values(**values, tries=0, part_count=0, byte_count=0, conversation_count=0))


def discard_downloads(connection: Connection, *, contributor_id: int, now: datetime) -> None:
    """Whatever was or is being prepared for the contributor is out of date: nobody gets it any more.

    Call it in the transaction of every withdrawal and correction, after the conversations in it are locked or changed.
    """
    lock_until_commit(connection, f"download-{contributor_id}", is_shared=True)
    _discard(connection, contributor_id, now=now)


def select_last(connection: Connection, *, contributor_id: int, now: datetime) -> Row[Any] | None:
    """The contributor's download that is being prepared, ready or has failed; None if there is none any more."""
    d = download.c
    mine = (d.contributor_id == contributor_id, d.discarded_at.is_(None), or_(d.expires_at.is_(None), d.expires_at > now))
    return connection.execute(select(download).where(*mine).order_by(d.asked_at.desc(), d.id.desc()).limit(1)).first()


def select_ready(connection: Connection, *, contributor_id: int, public_id: str, now: datetime) -> Row[Any] | None:
    """The contributor's own finished download; None if it is not there, not theirs, discarded or too old."""
    d = download.c
    served = (d.contributor_id == contributor_id, d.public_id == public_id, d.discarded_at.is_(None), d.ready_at.is_not(None), d.expires_at > now)
    return connection.execute(select(download).where(*served)).first()


def select_part(connection: Connection, download_id: int, number: int) -> bytes | None:
    """None as soon as the download is discarded, also in the middle of it."""
    p = download_part.c
    query = select(p.content).join(download, download.c.id == p.download_id)
    return connection.execute(query.where(p.download_id == download_id, p.number == number, download.c.discarded_at.is_(None))).scalar()


def begin_next(connection: Connection, *, now: datetime) -> Row[Any] | None:
    """The download that waits longest, with one more try counted. What a try that died has left of it goes.

    Only the one process that holds the job's lock may call it: so what has no try left has failed.
    """
    d = download.c
    waiting = (d.expires_at.is_(None), d.discarded_at.is_(None))
    connection.execute(update(download).where(*waiting, d.tries >= MOST_TRIES).values(expires_at=now + DOWNLOAD_LASTS))
    row = connection.execute(select(download).where(*waiting).order_by(d.tries, d.asked_at, d.id).limit(1)).first()
    if row is not None:
        connection.execute(delete(download_part).where(download_part.c.download_id == row.id))
        connection.execute(update(download).where(d.id == row.id).values(tries=d.tries + 1))
    return row


def insert_part(connection: Connection, download_id: int, number: int, content: bytes) -> bool:
    """False if the download was discarded meanwhile."""
    d = download.c
    wanted = select(d.id).where(d.id == download_id, d.discarded_at.is_(None)).with_for_update()
    if connection.execute(wanted).first() is None:
        return False
    connection.execute(download_part.insert().values(download_id=download_id, number=number, content=content))
    return True


def mark_ready(connection: Connection, download_id: int, *, parts: int, size: int, conversations: int, now: datetime) -> bool:
    """False if the download was discarded meanwhile."""
    d = download.c
    values = {"part_count": parts, "byte_count": size, "conversation_count": conversations, "ready_at": now, "expires_at": now + DOWNLOAD_LASTS}
    wanted = (d.id == download_id, d.discarded_at.is_(None))
    return connection.execute(update(download).where(*wanted).values(**values)).rowcount == 1


def erase_some(connection: Connection, *, now: datetime) -> int:
    """Erase some parts of what is discarded or too old, and what has no part left; how many rows went."""
    d, p = download.c, download_part.c
    gone = connection.execute(select(d.id).where(or_(d.discarded_at.is_not(None), d.expires_at <= now)).limit(1).with_for_update()).scalar()
    if gone is None:
        return 0
    numbers = select(p.number).where(p.download_id == gone).limit(PARTS_AT_ONCE)
    erased = connection.execute(delete(download_part).where(p.download_id == gone, p.number.in_(numbers))).rowcount
    return erased or connection.execute(delete(download).where(d.id == gone)).rowcount


def _discard(connection: Connection, contributor_id: int, *, now: datetime) -> None:
    d = download.c
    connection.execute(update(download).where(d.contributor_id == contributor_id, d.discarded_at.is_(None)).values(discarded_at=now))
