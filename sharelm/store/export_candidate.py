"""What was found in an export, one row for each conversation, for its owner to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, or_, select, tuple_, update

from sharelm.store.conversation import conversation
from sharelm.store.own_export import export_candidate, is_wanted
from sharelm.store.types import from_micros

OPENING = 400
LISTED = ("id", "conversation_id", "at", "message_count", "character_count", "is_chosen", "model")
ROWS_AT_ONCE = 500


def insert_candidates(connection: Connection, export_id: int, rows: Sequence[Mapping[str, Any]]) -> bool:
    """False if the export was discarded meanwhile."""
    if not is_wanted(connection, export_id):
        return False
    connection.execute(export_candidate.insert(), [{**row, "export_id": export_id, "is_chosen": 0} for row in rows])
    return True


def delete_candidates(connection: Connection, export_id: int, conversation_ids: Sequence[str]) -> None:
    """A fuller copy of each comes instead."""
    c = export_candidate.c
    connection.execute(delete(export_candidate).where(c.export_id == export_id, c.conversation_id.in_(conversation_ids)))


def select_sizes(
    connection: Connection, export_id: int, *, words: Sequence[str] = (), after: tuple[int, int] | None = None, limit: int
) -> Sequence[Row[Any]]:
    """The newest candidates first, after the place `after` (microseconds, id), without their texts; only those with all of these words."""
    c = export_candidate.c
    columns: list[Any] = [*(c[name] for name in LISTED), func.substr(c.texts, 1, OPENING).label("opening")]
    query = select(*columns).where(c.export_id == export_id)
    query = query.where(*(_has(word) for word in words))
    if after is not None:
        query = query.where(tuple_(c.at, c.id) < tuple_(bindparam("at", from_micros(after[0]), type_=c.at.type), bindparam("row_id", after[1])))
    rows: Sequence[Row[Any]] = connection.execute(query.order_by(c.at.desc(), c.id.desc()).limit(limit)).all()
    return rows


def count_candidates(connection: Connection, export_id: int, *, words: Sequence[str] = ()) -> int:
    query = select(func.count()).where(export_candidate.c.export_id == export_id, *(_has(word) for word in words))
    return int(connection.execute(query).scalar_one())


def count_chosen(connection: Connection, export_id: int) -> int:
    c = export_candidate.c
    return int(connection.execute(select(func.count()).where(c.export_id == export_id, c.is_chosen == 1)).scalar_one())


def select_texts(connection: Connection, row_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """These candidates with their texts."""
    c = export_candidate.c
    columns: list[Any] = [c.id, c.conversation_id, c.facts, c.texts]
    rows: Sequence[Row[Any]] = connection.execute(select(*columns).where(c.id.in_(row_ids))).all()
    return {row.id: row for row in rows}


def select_by_id(connection: Connection, export_id: int, row_id: int) -> Row[Any] | None:
    c = export_candidate.c
    query = select(export_candidate, func.substr(c.texts, 1, OPENING).label("opening"))
    return connection.execute(query.where(c.export_id == export_id, c.id == row_id)).first()


def select_ids(connection: Connection, export_id: int, conversation_ids: Sequence[str]) -> dict[str, int]:
    """The rows of those conversations that are there."""
    c = export_candidate.c
    found: dict[str, int] = {}
    for start in range(0, len(conversation_ids), ROWS_AT_ONCE):
        some = conversation_ids[start : start + ROWS_AT_ONCE]
        query = select(c.conversation_id, c.id).where(c.export_id == export_id, c.conversation_id.in_(some))
        found |= {row.conversation_id: row.id for row in connection.execute(query)}
    return found


def select_conversation_ids(connection: Connection, export_id: int, row_ids: Sequence[int]) -> list[str]:
    c = export_candidate.c
    return list(connection.execute(select(c.conversation_id).where(c.export_id == export_id, c.id.in_(row_ids)).order_by(c.id)).scalars())


def mark_chosen(connection: Connection, row_ids: Sequence[int]) -> None:
    connection.execute(update(export_candidate).where(export_candidate.c.id.in_(row_ids)).values(is_chosen=1))


def erase_copies(connection: Connection, row_ids: Sequence[int]) -> int:
    """What waits in exports of these conversations: their contributor withdrew them, or took something out of them."""
    c = conversation.c
    erased = 0
    for start in range(0, len(row_ids), ROWS_AT_ONCE):
        digests = select(c.client_digest).where(c.id.in_(row_ids[start : start + ROWS_AT_ONCE]))
        erased += connection.execute(delete(export_candidate).where(export_candidate.c.client_digest.in_(digests))).rowcount
    return erased


def _has(word: str) -> ColumnElement[bool]:
    """SQLite knows upper and lower case of the first 128 signs only, so that others are looked for in the forms that people write."""
    forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize(), word.title()}
    return or_(*(export_candidate.c.texts.icontains(form, autoescape=True) for form in sorted(forms)))
