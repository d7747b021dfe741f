"""Which conversations say nearly the same: a MinHash signature of each, its bands to find others by, and the group that it belongs to.

A signature is made of text, with a key: it is erased with the text. Rows of others are changed only by who holds `lock_groups`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    false,
    select,
    text,
    true,
    update,
)

from sharelm.store import db
from sharelm.store.conversation import conversation
from sharelm.store.lock import lock_until_commit
from sharelm.store.types import BigId

IN_GROUP = "group_name IS NOT NULL"
IS_STALE = "is_stale"
MOST_NEIGHBOURS = 800  # entries under shared bands that are looked at: in a flood of copies any of them lead to the group

# No foreign keys: checking one would wait for whoever is changing the conversation, and they for us.
near_duplicate = Table(
    "near_duplicate",
    db.metadata,
    Column("conversation_id", BigId, primary_key=True, autoincrement=False),
    Column("signature", LargeBinary),  # NULL once its text has changed, until it is looked at again
    Column("group_name", String(32)),  # random, and public
    Column("is_stale", Boolean, nullable=False),  # somebody has left the group: what is left may not belong together
    Index("near_duplicate_by_group", "group_name", sqlite_where=text(IN_GROUP), postgresql_where=text(IN_GROUP)),
    Index("near_duplicate_stale", "group_name", sqlite_where=text(IS_STALE), postgresql_where=text(IS_STALE)),
)
near_duplicate_band = Table(
    "near_duplicate_band",
    db.metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation_id", BigId, primary_key=True, autoincrement=False),
    Index("near_duplicate_band_of", "conversation_id"),
)


def lock_groups(connection: Connection) -> None:
    """One at a time decides about groups. To be called before any row of a conversation is locked."""
    lock_until_commit(connection, "near-duplicates", is_shared=False)


def select_groups(connection: Connection, row_ids: Collection[int]) -> set[str]:
    """The groups that some of these conversations are in."""
    n = near_duplicate.c
    query = select(n.group_name).where(n.conversation_id.in_(row_ids), n.group_name.is_not(None)).distinct()
    return {str(name) for name in connection.execute(query).scalars()}


def replace_signatures(connection: Connection, signed: Mapping[int, tuple[bytes | None, Collection[int]]]) -> None:
    """What stands for the present texts of conversations, and their bands; they are in no group until `update_group` says so."""
    _delete_bands(connection, list(signed))
    connection.execute(delete(near_duplicate).where(near_duplicate.c.conversation_id.in_(list(signed))))
    rows = [{"conversation_id": row_id, "signature": signature, "is_stale": False} for row_id, (signature, _) in signed.items()]
    connection.execute(near_duplicate.insert(), rows)
    bands = [{"value": value, "conversation_id": row_id} for row_id, (_, values) in signed.items() for value in set(values)]
    if bands:
        connection.execute(near_duplicate_band.insert(), bands)


def select_neighbours(connection: Connection, row_id: int, bands: Collection[int]) -> Sequence[Row[Any]]:
    """Others that share a band and are not withdrawn, the oldest first: (conversation_id, signature, group_name)."""
    b, n, c = near_duplicate_band.c, near_duplicate.c, conversation.c
    sharing = select(b.conversation_id).where(b.value.in_(bands), b.conversation_id != row_id).limit(MOST_NEIGHBOURS)
    columns: list[Any] = [n.conversation_id, n.signature, n.group_name]
    query = select(*columns).join(conversation, c.id == n.conversation_id)
    alive = (n.conversation_id.in_(sharing), n.signature.is_not(None), c.withdrawn_at.is_(None))
    return connection.execute(query.where(*alive).order_by(n.conversation_id)).all()


def select_members(connection: Connection, group: str, *, limit: int) -> Sequence[Row[Any]]:
    """Who is in a group and not withdrawn, the oldest first: (conversation_id, signature)."""
    n, c = near_duplicate.c, conversation.c
    columns: list[Any] = [n.conversation_id, n.signature]
    query = select(*columns).join(conversation, c.id == n.conversation_id)
    mine = (n.group_name == group, c.withdrawn_at.is_(None))
    rows: Sequence[Row[Any]] = connection.execute(query.where(*mine).order_by(n.conversation_id).limit(limit)).all()
    return rows


def update_group(connection: Connection, row_ids: Collection[int], group: str | None) -> None:
    connection.execute(update(near_duplicate).where(near_duplicate.c.conversation_id.in_(row_ids)).values(group_name=group, is_stale=False))


def merge_groups(connection: Connection, groups: Collection[str], into: str) -> None:
    connection.execute(update(near_duplicate).where(near_duplicate.c.group_name.in_(groups)).values(group_name=into))


def mark_stale(connection: Connection, groups: Collection[str]) -> None:
    connection.execute(update(near_duplicate).where(near_duplicate.c.group_name.in_(groups)).values(is_stale=true()))


def clear_stale(connection: Connection, group: str) -> None:
    connection.execute(update(near_duplicate).where(near_duplicate.c.group_name == group).values(is_stale=false()))


def select_stale_groups(connection: Connection, *, limit: int) -> list[str]:
    n = near_duplicate.c
    query = select(n.group_name).where(text(IS_STALE), n.group_name.is_not(None)).distinct().limit(limit)
    # As text: SQLite uses a partial index only where the condition is written as in it.
    return [str(name) for name in connection.execute(query).scalars()]


def blank_signature(connection: Connection, row_id: int) -> None:
    """The text of a conversation has changed by hand: what was made of the older one goes with it, in the same transaction."""
    _delete_bands(connection, [row_id])
    connection.execute(update(near_duplicate).where(near_duplicate.c.conversation_id == row_id).values(signature=None))


def forget_signatures(connection: Connection, row_ids: Sequence[int]) -> None:
    """Of conversations that are erased. Needs `lock_groups`."""
    n = near_duplicate.c
    for start in range(0, len(row_ids), 500):
        some = row_ids[start : start + 500]
        groups = set(connection.execute(select(n.group_name).where(n.conversation_id.in_(some), n.group_name.is_not(None))).scalars())
        _delete_bands(connection, some)
        connection.execute(delete(near_duplicate).where(n.conversation_id.in_(some)))
        if groups:
            mark_stale(connection, groups)


def has_fellows() -> Any:
    """Whether the conversation of the query around it is in a group with another one."""
    mine, other = near_duplicate.alias("mine"), near_duplicate.alias("other")
    fellow = select(other.c.conversation_id).where(other.c.group_name == mine.c.group_name, other.c.conversation_id != mine.c.conversation_id)
    in_group = select(mine.c.conversation_id).where(mine.c.conversation_id == conversation.c.id, mine.c.group_name.is_not(None), fellow.exists())
    return in_group.correlate(conversation).exists()


def _delete_bands(connection: Connection, row_ids: Collection[int]) -> None:
    connection.execute(delete(near_duplicate_band).where(near_duplicate_band.c.conversation_id.in_(row_ids)))
