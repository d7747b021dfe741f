"""Final releases, and what goes into the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from sharelm.store import db
from sharelm.store.contributor import contributor
from sharelm.store.conversation import conversation
from sharelm.store.lock import lock_until_commit
from sharelm.store.types import BigId, Instant
from sharelm.vocabulary import Stage

release = Table(
    "release",
    db.metadata,
    Column("version", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("contributor_count", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
)

# Conversations of an earlier release that a later one was built without, though not withdrawn for good. Written when that one becomes final.
# No foreign key: checking one would wait for whoever is changing the conversation, and they for the release.
left_out = Table(
    "left_out",
    db.metadata,
    Column("conversation_id", BigId, primary_key=True, autoincrement=False),
    Column("version", String(64), primary_key=True),
)


def select_releases(connection: Connection) -> Sequence[Row[Any]]:
    """Final releases, newest first."""
    return connection.execute(select(release).order_by(release.c.created_at.desc(), release.c.version.desc())).all()


def insert_release(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(release.insert().values(**values))


def lock_registration(connection: Connection, *, is_shared: bool) -> None:
    """Until the transaction ends nobody withdraws (alone), or no release becomes final (shared).

    So every withdrawal knows for certain which releases it was in, and a release which conversations it holds. Where rows are locked too: shared
    after them only for live ones, which a registration does not change; who takes a withdrawal back locks here first.
    """
    lock_until_commit(connection, "release-registration", is_shared=is_shared)


def new_form_stages(*, is_pinned: bool) -> tuple[Stage, ...]:
    """A build that has pinned its conversations takes no other new ones."""
    return (Stage.RELEASED,) if is_pinned else (Stage.APPROVED, Stage.RELEASED)


def is_new_form_ready(now: datetime, *, is_pinned: bool = False) -> Any:
    """Approved, or out already in this very form, and past its hold."""
    c = conversation.c
    return and_(c.stage.in_(new_form_stages(is_pinned=is_pinned)), c.releasable_at <= now)


def is_old_form_kept() -> Any:
    """In the last release, and a newer form is on its way: the released form stays until the newer one is releasable."""
    c = conversation.c
    return and_(c.published.is_not(None), c.stage != Stage.REJECTED)


def is_candidate(now: datetime, *, is_pinned: bool = False) -> Any:
    """Whether a release built now holds it, in one form or the other."""
    return and_(conversation.c.withdrawn_at.is_(None), or_(is_new_form_ready(now, is_pinned=is_pinned), is_old_form_kept()))


def count_ready_changes(connection: Connection, *, now: datetime) -> int:
    """Conversations whose newest form is approved and in no release."""
    return connection.execute(select(func.count()).where(*_is_ready(now))).scalar_one()


def count_left_out(connection: Connection, *, now: datetime, is_pinned: bool = False) -> list[tuple[str, bool, bool, str, int]]:
    """Everything that is not withdrawn and not a candidate: (stage, quarantined, in hold, flags, count)."""
    c = conversation.c
    in_hold = case((c.releasable_at > now, 1), else_=0)
    out = (c.withdrawn_at.is_(None), ~or_(is_new_form_ready(now, is_pinned=is_pinned), is_old_form_kept()))
    query = select(c.stage, c.quarantined, in_hold, c.flags, func.count()).where(*out).group_by(c.stage, c.quarantined, in_hold, c.flags)
    return [(stage, bool(quarantined), bool(held), flags, count) for stage, quarantined, held, flags, count in connection.execute(query)]


def pin_ready(connection: Connection, version: str, *, now: datetime, limit: int) -> int:
    """Mark up to `limit` approved conversations as released in `version`, before its files are written; how many.

    From here on growth keeps the pinned form in `published`, so the files can be read without a lock.
    """
    c = conversation.c
    return _pin(connection, version, select(c.id).where(*_is_ready(now)).limit(limit), now=now)


def pin_these(connection: Connection, version: str, public_ids: Sequence[str], *, now: datetime) -> int:
    """The same for those of the named conversations that are approved."""
    return _pin(connection, version, select(conversation.c.id).where(conversation.c.public_id.in_(public_ids)), now=now)


def _is_ready(now: datetime) -> tuple[Any, ...]:
    c = conversation.c
    return c.stage == Stage.APPROVED, c.releasable_at <= now, c.withdrawn_at.is_(None)


def _pin(connection: Connection, version: str, chosen: Any, *, now: datetime) -> int:
    c = conversation.c
    first = func.coalesce(c.first_release, version)
    pinned = {"stage": Stage.RELEASED, "published": None, "published_hash": None, "unreleased_since": None, "form_release": version}
    return connection.execute(update(conversation).where(c.id.in_(chosen), *_is_ready(now)).values(first_release=first, **pinned)).rowcount


def unpin_unfinished(connection: Connection) -> int:
    """Take back the marks of builds that never became final; how many."""
    c = conversation.c
    return _unpin(connection, and_(c.form_release.is_not(None), c.form_release.not_in(select(release.c.version))))


def unpin_absent(connection: Connection, version: str, *, now: datetime) -> int:
    """Take back the marks of conversations that were withdrawn or rejected while their release was written: they are not in it; how many."""
    return _unpin(connection, and_(conversation.c.form_release == version, ~is_candidate(now, is_pinned=True)))


def insert_left_out(connection: Connection, version: str, *, now: datetime) -> None:
    """Note which conversations of earlier releases are not in this one, which is about to be registered, and may be in later ones."""
    c = conversation.c
    is_for_good = and_(c.withdrawn_at.is_not(None), or_(c.erase_after.is_(None), c.erase_after <= now))
    absent = (c.first_release.in_(select(release.c.version)), ~is_candidate(now, is_pinned=True), ~is_for_good)
    connection.execute(left_out.insert().from_select(["conversation_id", "version"], select(c.id, literal(version)).where(*absent)))


def was_left_out(conversation_id: ColumnElement[int], version: ColumnElement[str]) -> Any:
    """Whether this release, later than its first one, was built without the conversation."""
    return select(left_out).where(left_out.c.conversation_id == conversation_id, left_out.c.version == version).exists()


def _unpin(connection: Connection, pinned: ColumnElement[bool]) -> int:
    c = conversation.c
    never_out = c.first_release == c.form_release
    values: dict[str, Any] = {
        "stage": case((c.stage == Stage.RELEASED, Stage.APPROVED), else_=c.stage),
        "published": case((never_out, None), else_=c.published),
        "published_hash": case((never_out, None), else_=c.published_hash),
        "first_release": case((never_out, None), else_=c.first_release),
        "form_release": None,
    }
    return connection.execute(update(conversation).where(pinned).values(**values)).rowcount


def count_candidates(connection: Connection, *, now: datetime, is_pinned: bool = False) -> tuple[int, int]:
    """How many conversations, of how many contributors, a release built now would hold."""
    c = conversation.c
    inside = is_candidate(now, is_pinned=is_pinned)
    row = connection.execute(select(func.count(), func.count(c.contributor_id.distinct())).where(inside)).one()
    return row[0], row[1]


def select_redaction_logs(
    connection: Connection, *, now: datetime, is_pinned: bool = False
) -> list[tuple[str | None, str | None, str | None, bool | None, int]]:
    """What the anonymiser did with the conversations whose newest form a release built now would hold, alike ones together:
    (redactions, detector_versions, anonymiser_version, names_ran, count)."""
    c = conversation.c
    log = (c.redactions, c.detector_versions, c.anonymiser_version, c.names_ran)
    query = select(*log, func.count()).where(c.withdrawn_at.is_(None), is_new_form_ready(now, is_pinned=is_pinned)).group_by(*log)
    return [(*logged, count) for *logged, count in connection.execute(query)]


def count_released(connection: Connection, *, contributor_id: int, most: int) -> int:
    """The contributor's conversations that stand in a final release; not more than `most` are counted."""
    c = conversation.c
    out = (c.contributor_id == contributor_id, c.withdrawn_at.is_(None), c.stage != Stage.REJECTED)
    some = select(c.id).where(*out, c.first_release.in_(select(release.c.version))).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def select_named(connection: Connection, *, now: datetime, is_pinned: bool = False) -> list[tuple[str, int]]:
    """Of contributors who want to be named: the name, and how many of their conversations a release built now would hold."""
    wishes = (contributor.c.is_in_card, contributor.c.public_name.is_not(None))
    joined = conversation.join(contributor, contributor.c.id == conversation.c.contributor_id)
    query = select(contributor.c.public_name, func.count()).select_from(joined).where(is_candidate(now, is_pinned=is_pinned), *wishes)
    return sorted((name, count) for name, count in connection.execute(query.group_by(contributor.c.id, contributor.c.public_name)))


def count_withdrawn_since_last(connection: Connection) -> int:
    """Released conversations that were withdrawn since the last release, while others are left to release."""
    c = conversation.c
    last = select(func.max(release.c.created_at)).scalar_subquery()
    is_left = select(c.id).where(c.first_release.is_not(None), c.withdrawn_at.is_(None)).limit(1)
    if connection.execute(is_left).first() is None:
        return 0
    gone = (c.first_release.is_not(None), c.withdrawn_at > last)
    return connection.execute(select(func.count()).where(*gone)).scalar_one()


def count_changed_among(connection: Connection, hashes: Mapping[str, str | None]) -> int:
    """How many of these conversations, given by the content hash that was written, are withdrawn or rejected by now, or no longer kept in that form.

    A conversation that has only grown keeps the form that was written beside the newer one.
    """
    return sum(not is_unchanged for _, is_unchanged in _compared(connection, hashes))


def select_unchanged_among(connection: Connection, hashes: Mapping[str, str | None]) -> set[str]:
    """Those of these conversations that may still be shown as they were written."""
    return {public_id for public_id, is_unchanged in _compared(connection, hashes) if is_unchanged}


def _compared(connection: Connection, hashes: Mapping[str, str | None]) -> Iterator[tuple[str, bool]]:
    c = conversation.c
    query = select(c.public_id, c.withdrawn_at, c.stage, c.content_hash, c.published_hash).where(c.public_id.in_(list(hashes)))
    for row in connection.execute(query):
        is_kept = (hashes[row.public_id] or None) in {row.content_hash, row.published_hash}
        yield row.public_id, row.withdrawn_at is None and row.stage != Stage.REJECTED and is_kept
