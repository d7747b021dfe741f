"""Everything that is kept of one contributor, read in pieces: each a short read, so that nothing waits for a slow reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from sharelm.store.contact_message import contact_message
from sharelm.store.contributor import consent
from sharelm.store.conversation import LISTED, conversation
from sharelm.store.engine import read
from sharelm.store.receipt import receipt

MOST_CHARACTERS = 2_000_000  # of the conversations that are held in memory at a time
MOST_ROWS = 200


def select_sizes(connection: Connection, contributor_id: int) -> list[tuple[int, int]]:
    """(id, characters) of all conversations, the oldest first."""
    c = conversation.c
    query = select(c.id, c.character_count).where(c.contributor_id == contributor_id).order_by(c.received_at, c.id)
    return [(row.id, row.character_count) for row in connection.execute(query)]


def stream_conversations(engine: Engine, contributor_id: int, sizes: Sequence[tuple[int, int]]) -> Iterator[Row[Any]]:
    """The rows of these conversations in this order, with what is anonymised of their texts: `messages`, `branches` and `reasons`."""
    c = conversation.c
    columns: list[Any] = [*(c[name] for name in LISTED), c.messages, c.branches, c.reasons]
    for row_ids in _batches(sizes):
        query = select(*columns).where(c.contributor_id == contributor_id, c.id.in_(row_ids)).order_by(c.received_at, c.id)
        with read(engine) as connection:
            rows = connection.execute(query).all()
        yield from rows


def stream_receipts(engine: Engine, contributor_id: int) -> Iterator[Row[Any]]:
    """In the order in which they were asked for."""
    last = 0
    while True:
        query = select(receipt).where(receipt.c.contributor_id == contributor_id, receipt.c.id > last).order_by(receipt.c.id).limit(MOST_ROWS)
        with read(engine) as connection:
            rows = connection.execute(query).all()
        yield from rows
        if len(rows) < MOST_ROWS:
            return
        last = rows[-1].id


def select_consents(connection: Connection, contributor_id: int) -> Sequence[Row[Any]]:
    """Every agreement that was ever given, the first one first."""
    return connection.execute(select(consent).where(consent.c.contributor_id == contributor_id).order_by(consent.c.given_at, consent.c.id)).all()


def select_own_messages(connection: Connection, user_digest: bytes) -> Sequence[Row[Any]]:
    """What the contributor wrote to the operator and nobody has answered yet."""
    return connection.execute(select(contact_message).where(contact_message.c.user_digest == user_digest).order_by(contact_message.c.id)).all()


def _batches(sizes: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    row_ids: list[int] = []
    characters = 0
    for row_id, size in sizes:
        if row_ids and (len(row_ids) == MOST_ROWS or characters + size > MOST_CHARACTERS):
            yield row_ids
            row_ids, characters = [], 0
        row_ids.append(row_id)
        characters += size
    if row_ids:
        yield row_ids
