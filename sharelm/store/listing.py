"""The list of a contributor's own conversations: filtered, ordered, page by page, and counted.

Which rows, and how many, is answered by the index `conversation_listed` alone; only the rows of one page are read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, and_, false, func, or_, select, text, tuple_, type_coerce

from sharelm.store.conversation import LISTED, conversation, openings
from sharelm.store.types import to_micros
from sharelm.vocabulary import Stage

WITHDRAWN = "withdrawn"
NEEDS_A_LOOK = "quarantined"
ORDERS = {"newest": "received_at", "oldest": "received_at", "changed": "changed_at", "longest": "message_count"}
ASCENDING = {"oldest"}
KINDS = ("platform", "model", "language")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a contributor's conversations are asked for; None does not narrow it.

    `stage` is one of `Stage`, WITHDRAWN or NEEDS_A_LOOK; `rating` is good, poor or none; `until` is not among them any more.
    `row_ids` are what a search has found. Whatever says something about the content leaves out what is withdrawn.
    """

    stage: str | None = None
    platform: str | None = None
    model: str | None = None
    language: str | None = None
    rating: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    row_ids: Sequence[int] | None = None

    def is_about_content(self) -> bool:
        return any(value is not None for value in (self.platform, self.model, self.language, self.rating, self.row_ids))


def select_listed(
    connection: Connection, wanted: Wanted, *, contributor_id: int, order: str = "newest", after: tuple[int, int] | None = None, limit: int
) -> Sequence[Row[Any]]:
    """A page of the list after the keyset position `after` (the value that orders, the row id).

    With `openings`, for titles.
    """
    row_ids = _select_ids(connection, wanted, contributor_id=contributor_id, order=order, after=after, limit=limit)
    c = conversation.c
    columns: list[Any] = [*(c[name] for name in LISTED), *openings()]
    found = {row.id: row for row in connection.execute(select(*columns).where(c.id.in_(row_ids)))} if row_ids else {}
    return [found[row_id] for row_id in row_ids if row_id in found]


def position(row: Row[Any], order: str) -> tuple[int, int]:
    """Where a page that ends with this row ends."""
    value = getattr(row, ORDERS[order])
    return (to_micros(value) if isinstance(value, datetime) else int(value), int(row.id))


def count_listed(connection: Connection, wanted: Wanted, *, contributor_id: int) -> int:
    return int(connection.execute(_narrowed(connection, select(func.count()), wanted, contributor_id)).scalar_one())


def count_stages(connection: Connection, *, contributor_id: int) -> Counter[str]:
    """How many of the contributor's conversations there are at each stage, named as in `Wanted`."""
    c = conversation.c
    # Not grouped: sorting ten thousand rows takes longer than looking at each of them six times.
    wanted = {stage: func.count().filter(*_at_stage(stage)) for stage in (*Stage, NEEDS_A_LOOK, WITHDRAWN)}
    query = select(*(count.label(name) for name, count in wanted.items())).where(c.contributor_id == contributor_id)
    return Counter(connection.execute(query).one()._asdict())


def select_kinds(connection: Connection, *, contributor_id: int) -> dict[str, list[str]]:
    """The platforms, models and languages of the contributor's conversations."""
    c = conversation.c
    mine = (c.contributor_id == contributor_id, c.withdrawn_at.is_(None))
    return {name: [value for value in connection.execute(select(c[name]).where(*mine).distinct()).scalars() if value] for name in KINDS}


def _select_ids(connection: Connection, wanted: Wanted, *, contributor_id: int, order: str, after: tuple[int, int] | None, limit: int) -> list[int]:
    c = conversation.c
    column = c[ORDERS[order]]
    by = [column.asc(), c.id.asc()] if order in ASCENDING else [column.desc(), c.id.desc()]
    query = _narrowed(connection, select(c.id), wanted, contributor_id)
    if after is not None:
        here, there = tuple_(type_coerce(column, BigInteger), c.id), tuple_(*after)
        query = query.where(here > there if order in ASCENDING else here < there)
    return list(connection.execute(query.order_by(*by).limit(limit)).scalars())


def _narrowed(connection: Connection, query: Select[Any], wanted: Wanted, contributor_id: int) -> Select[Any]:
    c = conversation.c
    conditions: list[ColumnElement[bool]] = [c.contributor_id == contributor_id]
    conditions += [c[name] == getattr(wanted, name) for name in KINDS if getattr(wanted, name) is not None]
    if wanted.stage is not None:
        conditions += _at_stage(wanted.stage)
    if wanted.is_about_content():  # of a withdrawn one nothing is known any more, also while it can be undone
        conditions.append(c.withdrawn_at.is_(None))
    if wanted.rating is not None:
        conditions.append(_rated(wanted.rating))
    if wanted.since is not None:
        conditions.append(c.received_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(c.received_at < wanted.until)
    if wanted.row_ids is not None:
        conditions.append(_is_among(connection, wanted.row_ids))
    return query.where(*conditions)


def _at_stage(stage: str) -> list[ColumnElement[bool]]:
    c = conversation.c
    if stage == WITHDRAWN:
        return [c.withdrawn_at.is_not(None)]
    at = Stage.RECEIVED if stage == NEEDS_A_LOOK else Stage(stage)
    conditions = [c.withdrawn_at.is_(None), c.stage == at]
    if at is Stage.RECEIVED:
        conditions.append(c.quarantined if stage == NEEDS_A_LOOK else c.quarantined == false())
    return conditions


def _rated(rating: str) -> ColumnElement[bool]:
    """By a thumb for the whole or for an answer in it."""
    c = conversation.c
    whole, up, down = (func.coalesce(column, 0) for column in (c.rating, c.thumbs_up, c.thumbs_down))
    return {"good": or_(whole == 1, up > 0), "poor": or_(whole == -1, down > 0), "none": and_(whole == 0, up == 0, down == 0)}[rating]


def _is_among(connection: Connection, row_ids: Sequence[int]) -> ColumnElement[bool]:
    """Ten thousand ids are one parameter. The plus keeps SQLite from reading each of these rows."""
    if connection.dialect.name == "postgresql":
        return text("id = ANY(:found)").bindparams(found=list(row_ids))  # type: ignore[return-value]
    return text("+id IN (SELECT value FROM json_each(:found))").bindparams(found=json.dumps(list(row_ids)))  # type: ignore[return-value]
