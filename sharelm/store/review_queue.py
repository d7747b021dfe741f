"""What waits for a reviewer, and what a reviewer changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, func, or_, select, true, update

from sharelm.store.conversation import conversation, openings
from sharelm.store.near_duplicate import has_fellows, near_duplicate
from sharelm.vocabulary import Stage

LISTED = (
    "id", "public_id", "received_at", "changed_at", "message_count", "platform", "model", "language", "risk", "risk_reasons", "flags",
    "names_ran", "corrections", "rejection", "toxic", "toxic_found", "marks",
)  # fmt: skip

TOXIC, NEAR_DUPLICATE = "toxic", "near-duplicate"


@dataclass(frozen=True, slots=True)
class Queue:
    """Which conversations are asked for. `is_sample` orders them by chance, the same at each look; else the riskiest come first."""

    risk: int | None = None
    reason: str | None = None
    flag: str | None = None
    mark: str | None = None
    is_sample: bool = False


def select_queue(connection: Connection, queue: Queue, *, limit: int, after: int | None = None) -> Sequence[Row[Any]]:
    """Conversations that wait for a decision, with `opening`; `after` skips as many."""
    c = conversation.c
    columns: list[Any] = [*(c[name] for name in LISTED), has_fellows().label("has_fellows"), *openings()]
    query = select(*columns).where(*_asked(queue)).order_by(*_order(queue)).limit(limit)
    return connection.execute(query.offset(after) if after else query).all()


def count_queue(connection: Connection, queue: Queue) -> int:
    return connection.execute(select(func.count()).where(*_asked(queue))).scalar_one()


def count_by_risk(connection: Connection) -> dict[int, int]:
    c = conversation.c
    level = func.coalesce(c.risk, 0)
    return {row[0]: row[1] for row in connection.execute(select(level, func.count()).where(*_waiting()).group_by(level))}


def select_oldest(connection: Connection) -> Any:
    """When the longest waiting one last changed; None where nothing waits."""
    return connection.execute(select(func.min(conversation.c.changed_at)).where(*_waiting())).scalar()


def select_for_review(connection: Connection, public_id: str, *, for_change: bool = False) -> Row[Any] | None:
    """A conversation that is anonymised and not withdrawn, at whatever stage; None for every other."""
    c = conversation.c
    query = select(conversation).where(c.public_id == public_id, c.anonymiser_version.is_not(None), c.withdrawn_at.is_(None))
    return connection.execute(query.with_for_update() if for_change else query).first()


def select_fellows(connection: Connection, row_id: int, *, limit: int) -> list[str]:
    """Public ids of others that say nearly the same and may be looked at, the oldest first."""
    c, mine, other = conversation.c, near_duplicate.alias("mine"), near_duplicate.alias("other")
    joined = mine.join(other, other.c.group_name == mine.c.group_name).join(conversation, c.id == other.c.conversation_id)
    others = (mine.c.conversation_id == row_id, other.c.conversation_id != row_id, c.withdrawn_at.is_(None), c.anonymiser_version.is_not(None))
    query = select(c.public_id).select_from(joined).where(*others).order_by(c.id).limit(limit)
    return list(connection.execute(query).scalars())


def mark_rest_approved(connection: Connection) -> int:
    """Approve what waits, carries no flag and was not rejected before; how many."""
    return connection.execute(update(conversation).where(*_is_rest()).values(stage=Stage.APPROVED)).rowcount


def count_rest(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(*_is_rest())).scalar_one()


def _waiting() -> tuple[Any, ...]:
    return conversation.c.stage == Stage.ANONYMISED, conversation.c.withdrawn_at.is_(None)


def _is_rest() -> tuple[Any, ...]:
    return *_waiting(), conversation.c.flags == "", conversation.c.rejection.is_(None)


def _asked(queue: Queue) -> list[Any]:
    c = conversation.c
    asked = list(_waiting())
    if queue.risk is not None:
        asked.append(func.coalesce(c.risk, 0) == queue.risk)
    if queue.reason is not None:
        asked.append(_has_word(c.risk_reasons, queue.reason))
    if queue.flag is not None:
        asked.append(_has_word(c.flags, queue.flag))
    if queue.mark is not None:
        asked.append(_is_marked(queue.mark))
    return asked


def _is_marked(mark: str) -> Any:
    """Two of the marks are not among the words: what is toxic, which a reviewer may know better, and what depends on others."""
    if mark == TOXIC:
        return func.coalesce(conversation.c.toxic, conversation.c.toxic_found).is_(true())
    return has_fellows() if mark == NEAR_DUPLICATE else _has_word(conversation.c.marks, mark)


def _has_word(column: Any, word: str) -> Any:
    return (" " + func.coalesce(column, "") + " ").contains(f" {word} ", autoescape=True)


def _order(queue: Queue) -> tuple[Any, ...]:
    """Public ids are random, so their order is a draw that everybody sees alike."""
    c = conversation.c
    if queue.is_sample:
        return (c.public_id,)
    is_flagged = case((c.flags != "", 1), else_=0)
    is_marked = case((or_(func.coalesce(c.marks, "") != "", _is_marked(TOXIC), _is_marked(NEAR_DUPLICATE)), 1), else_=0)
    return func.coalesce(c.risk, 0).desc(), is_flagged.desc(), is_marked.desc(), c.changed_at, c.id
