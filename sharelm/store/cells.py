"""What contributors told of themselves, beside what the last release showed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, or_, select, update

from sharelm.store.contributor import ANSWERS, contributor
from sharelm.store.conversation import conversation
from sharelm.store.release import is_candidate

BATCH = 1_000


def select_people(connection: Connection, *, now: datetime, is_pinned: bool = False) -> Sequence[Row[Any]]:
    """(id, age_band, country, gender, shown_cell) of all contributors to a release built now who told something, by id."""
    c, p = conversation.c, contributor.c
    told = or_(*(p[name].is_not(None) for name in (*ANSWERS, "shown_cell")))
    gives = exists().where(c.contributor_id == p.id, is_candidate(now, is_pinned=is_pinned))
    columns: list[Any] = [p.id, *(p[name] for name in ANSWERS), p.shown_cell]
    return connection.execute(select(*columns).where(told, gives).order_by(p.id)).all()


def select_ungrouped(connection: Connection) -> list[int]:
    return list(connection.execute(select(contributor.c.id).where(contributor.c.is_ungrouped).order_by(contributor.c.id)).scalars())


def update_shown(connection: Connection, shown: Mapping[int, str | None]) -> None:
    """Keep how the release that just became final shows its contributors; whoever is not named was not shown."""
    p = contributor.c
    connection.execute(update(contributor).where(p.shown_cell.is_not(None)).values(shown_cell=None))
    rows = [{"number": number, "cell": cell} for number, cell in shown.items() if cell is not None]
    statement = update(contributor).where(p.id == bindparam("number")).values(shown_cell=bindparam("cell"))
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, rows[start : start + BATCH])
