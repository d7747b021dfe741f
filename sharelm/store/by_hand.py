"""What contributors change by hand in their conversations, and the reasons that they gave with a rating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from sharelm.store.conversation import TEXTS, conversation, update_conversation
from sharelm.store.near_duplicate import blank_signature


def write_by_hand(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> None:
    """Store what a contributor changed in a conversation of their own, whose row is locked; what a job makes of the older form is void.

    Everything that is changed by hand in stored messages goes through here.
    """
    update_conversation(connection, row.id, {**values, "change": row.change + 1, "claimed_at": None, "marks": None})
    blank_signature(connection, row.id)


def select_new_reasons(connection: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Conversations with reasons that are not anonymised yet, and what anonymising them needs."""
    c = conversation.c
    taken: list[Any] = [c[name] for name in ("id", "public_id", "corrections", "reasons", "new_reasons", "anonymiser_version", *TEXTS)]
    waiting = (c.new_reasons.is_not(None), c.withdrawn_at.is_(None))
    return connection.execute(select(*taken).where(*waiting).order_by(c.id).limit(limit)).all()


def write_reasons(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    """Store the anonymised reasons of a row that was read before, unless they, the labels or what is hidden have changed meanwhile."""
    c = conversation.c
    read_then = (c[name].is_not_distinct_from(getattr(row, name)) for name in ("corrections", "reasons", "new_reasons", "placeholders"))
    unchanged = (c.id == row.id, c.withdrawn_at.is_(None), *read_then)
    return connection.execute(update(conversation).where(*unchanged).values(**values)).rowcount == 1


def select_corrected(connection: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Conversations in which something was taken out by hand while the database's log may still hold it."""
    c = conversation.c
    taken: list[Any] = [c.id, c.corrected_at]
    query = select(*taken).where(c.corrected_at.is_not(None))
    rows: Sequence[Row[Any]] = connection.execute(query.order_by(c.corrected_at).limit(limit)).all()
    return rows


def clear_corrected(connection: Connection, rows: Sequence[Row[Any]]) -> int:
    """To be called when the database's log was emptied after these rows were read; one that was corrected again keeps its mark. How many."""
    c = conversation.c
    same = or_(*(and_(c.id == row.id, c.corrected_at == row.corrected_at) for row in rows))
    return connection.execute(update(conversation).where(same).values(corrected_at=None)).rowcount
