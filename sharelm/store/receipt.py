"""Receipts of withdrawals, and which conversations each one is about.

A receipt's address ends in a token that is not kept: `seed` and a key of the server make it again, `token_digest` finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    delete,
    exists,
    func,
    select,
    text,
    update,
)

from sharelm.store import db
from sharelm.store.contributor import insert_or_ignore
from sharelm.store.conversation import conversation
from sharelm.store.types import BigId, Instant

receipt = Table(
    "receipt",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("receipt_id", String(32), nullable=False, unique=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False, index=True),
    Column("seed", LargeBinary(32), nullable=False),
    Column("token_digest", LargeBinary(32), nullable=False, unique=True),
    Column("is_everything", Boolean, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Column("signed", Text),  # the JSON that its holder keeps; NULL until all is erased
    Index("receipt_to_sign", "asked_at", sqlite_where=text("erased_at IS NULL"), postgresql_where=text("erased_at IS NULL")),
)

receipt_conversation = Table(
    "receipt_conversation",
    db.metadata,
    Column("conversation_id", BigId, ForeignKey("conversation.id"), primary_key=True),
    Column("receipt_id", BigId, ForeignKey("receipt.id"), nullable=False, index=True),
)


def insert_receipt(connection: Connection, row_ids: Sequence[int], **values: Any) -> None:
    """A new receipt about these conversations; one that another receipt is about already stays with that one."""
    receipt_row = connection.execute(receipt.insert().values(**values).returning(receipt.c.id)).scalar_one()
    insert_entries(connection, receipt_row, row_ids)


def insert_entries(connection: Connection, receipt_row: int, row_ids: Sequence[int]) -> None:
    entries = [{"conversation_id": row_id, "receipt_id": receipt_row} for row_id in row_ids]
    if entries:
        connection.execute(insert_or_ignore(connection, receipt_conversation), entries)


def select_receipt(connection: Connection, token_digest: bytes) -> Row[Any] | None:
    return connection.execute(select(receipt).where(receipt.c.token_digest == token_digest)).first()


def select_own_receipt(connection: Connection, receipt_id: str, *, contributor_id: int) -> Row[Any] | None:
    """The contributor's own receipt; None if it is not there or not theirs."""
    mine = (receipt.c.receipt_id == receipt_id, receipt.c.contributor_id == contributor_id)
    return connection.execute(select(receipt).where(*mine)).first()


def select_progress(connection: Connection, receipt_row: int) -> Row[Any]:
    """How many conversations a receipt is about, how many of them are erased, and until when the first can be taken back."""
    entry, c = receipt_conversation.c, conversation.c
    counts = (func.count().label("number"), func.count(c.erased_at).label("erased"), func.min(c.erase_after).label("undo_until"))
    query = select(*counts).join_from(receipt_conversation, conversation, c.id == entry.conversation_id)
    return connection.execute(query.where(entry.receipt_id == receipt_row)).one()


def select_last_of_everything(connection: Connection, *, contributor_id: int) -> Row[Any] | None:
    """The contributor's latest receipt for a withdrawal of everything."""
    mine = select(receipt).where(receipt.c.contributor_id == contributor_id, receipt.c.is_everything)
    return connection.execute(mine.order_by(receipt.c.id.desc()).limit(1)).first()


def select_seeds(connection: Connection, row_ids: Sequence[int]) -> dict[int, bytes]:
    """The seeds of the receipts that are about these conversations, by conversation."""
    entry = receipt_conversation.c
    query = select(entry.conversation_id, receipt.c.seed).join(receipt, receipt.c.id == entry.receipt_id)
    return {row.conversation_id: row.seed for row in connection.execute(query.where(entry.conversation_id.in_(row_ids)))} if row_ids else {}


def select_public_ids(connection: Connection, receipt_row: int) -> list[str]:
    """What a receipt is about, sorted."""
    query = select(conversation.c.public_id).join(receipt_conversation, receipt_conversation.c.conversation_id == conversation.c.id)
    return list(connection.execute(query.where(receipt_conversation.c.receipt_id == receipt_row).order_by(conversation.c.public_id)).scalars())


def select_due(connection: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Receipts that are not signed yet and whose conversations are all erased, oldest first."""
    entry = receipt_conversation.c
    left = exists().where(entry.receipt_id == receipt.c.id, entry.conversation_id == conversation.c.id, conversation.c.erased_at.is_(None))
    query = select(receipt).where(receipt.c.erased_at.is_(None), ~left)
    return connection.execute(query.order_by(receipt.c.asked_at).limit(limit)).all()


def update_signed(connection: Connection, receipt_row: int, signed: str, *, erased_at: datetime) -> None:
    connection.execute(update(receipt).where(receipt.c.id == receipt_row).values(signed=signed, erased_at=erased_at))


def delete_entry(connection: Connection, row_id: int) -> None:
    """The conversation is not withdrawn any more; a receipt that is about nothing else goes with it."""
    entry = receipt_conversation.c
    found = connection.execute(delete(receipt_conversation).where(entry.conversation_id == row_id).returning(entry.receipt_id)).scalar()
    is_left = exists().where(entry.receipt_id == receipt.c.id)
    connection.execute(delete(receipt).where(receipt.c.id == found, ~is_left))
