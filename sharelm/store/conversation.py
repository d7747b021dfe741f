"""Conversations: one row each, the messages as one JSON column for each form that is kept.

`pending`   as given, waiting for the anonymiser; a message that is already anonymised stands there by its digest only
`messages`  anonymised, the path that is shown, in order
`branches`  anonymised, what lies beside the path (regenerated or edited)
`published` the form in the last release, while a newer one is on its way
`placeholders` keyed digests of the values behind placeholders, never a value
`corrections` what its contributor took out or rated by hand, as digests; `new_reasons` and `reasons` why, as given and anonymised
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    SmallInteger,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from sharelm.store import db
from sharelm.store.contributor import ANSWERS, contributor, insert_or_ignore
from sharelm.store.group_commit import Statement
from sharelm.store.types import BigId, Instant, to_micros
from sharelm.vocabulary import Stage

CLAIM_EXPIRES = timedelta(minutes=10)
OPENING = 400  # characters of a column
WHOLE = 1_000_000_000

MEASURES = ("response_count", "thumbs_up", "thumbs_down")  # see store.measures; NULL until it is anonymised
# What lists are filtered and ordered by, and what figures count, with what their conditions name: neither reads a conversation for it.
LISTED_BY = (
    "contributor_id", "received_at", "id", "withdrawn_at", "stage", "quarantined", "platform", "model", "language", "rating", *MEASURES,
    "changed_at", "message_count", "first_release", "anonymiser_version",
)  # fmt: skip
IS_WAITING = "stage = 'anonymised' AND withdrawn_at IS NULL"
IS_COUNTED = "anonymiser_version IS NOT NULL AND withdrawn_at IS NULL"
IS_UNCHECKED = "marks IS NULL AND stage <> 'received' AND withdrawn_at IS NULL"

conversation = Table(
    "conversation",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False),
    Column("client_digest", LargeBinary(32), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("releasable_at", Instant, nullable=False),
    Column("unreleased_since", Instant),
    Column("began_at", Instant, nullable=False),  # the earliest time that any copy of it carried
    Column("sent_at", Instant),
    Column("message_count", Integer, nullable=False),
    Column("character_count", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),  # the client's own count
    Column("change", Integer, nullable=False),  # ours; a write-back on an older one is void
    Column("rating", SmallInteger),
    Column("source", String(32), nullable=False),
    Column("consent_version", String(64), nullable=False),
    Column("claimed_at", Instant),
    Column("failures", SmallInteger, nullable=False),
    Column("quarantined", Boolean, nullable=False),
    Column("withdrawn_at", Instant),
    Column("erase_after", Instant),
    Column("erased_at", Instant),
    Column("platform", String(64)),
    Column("page_host", String(255)),
    Column("model", String(200)),
    Column("client_version", String(64)),
    Column("first_release", String(64)),  # in this one and, until withdrawn, in later ones (store.release: left_out)
    Column("form_release", String(64)),  # where its present form came out
    Column("anonymiser_version", String(32)),
    Column("flags", String(255), nullable=False),  # what the quality checks found, separated by blanks
    Column("content_hash", String(64)),
    Column("published_hash", String(64)),
    Column("redactions", Text),  # JSON: replaced places by entity type
    Column("detector_versions", Text),  # JSON: of those that replaced something, by entity type
    Column("names_ran", Boolean),  # whether the model for names has looked at all of it
    Column("risk", SmallInteger),  # sharelm.anonymise.risk; NULL until it is anonymised
    Column("risk_reasons", String(255)),
    Column("rejection", String(500)),  # why a reviewer did not accept it, for its contributor; stays until one approves it
    Column("toxic", Boolean),  # as a reviewer judged it; NULL where none has
    Column("toxic_found", Boolean),  # as a program judged it; a reviewer's word beats it
    Column("marks", String(255)),  # what sorts the queue and leaves nothing out (sharelm.quality); NULL until its present form was looked at
    Column("client_id", String(200)),  # the client's own id; for its owner only
    Column("language", String(2)),  # ISO 639-1, of the anonymised text; NULL while it is not, or where it cannot be told
    *(Column(name, Integer) for name in MEASURES),
    Column("corrected_at", Instant),  # something was taken out by hand, and the database's log may still hold it
    Column("corrections", Text),
    Column("reasons", Text),
    Column("new_reasons", Text),
    # Long texts last: what stands before them is read without them.
    Column("placeholders", Text),
    Column("published", Text),
    Column("messages", Text),
    Column("branches", Text),
    Column("pending", Text),
    Index("conversation_listed", *LISTED_BY),
    Index("conversation_by_stage", "stage", "changed_at"),
    Index("conversation_to_review", "changed_at", "risk", "flags", sqlite_where=text(IS_WAITING), postgresql_where=text(IS_WAITING)),
    Index("conversation_to_check", "id", sqlite_where=text(IS_UNCHECKED), postgresql_where=text(IS_UNCHECKED)),
    Index("conversation_to_erase", "erase_after", sqlite_where=text("erase_after IS NOT NULL"), postgresql_where=text("erase_after IS NOT NULL")),
    Index("conversation_once", "contributor_id", "client_digest", unique=True),
    Index(
        "conversation_corrected",
        "corrected_at",
        sqlite_where=text("corrected_at IS NOT NULL"),
        postgresql_where=text("corrected_at IS NOT NULL"),
    ),
    Index(
        "conversation_with_new_reasons",
        "id",
        sqlite_where=text("new_reasons IS NOT NULL"),
        postgresql_where=text("new_reasons IS NOT NULL"),
    ),
    Index(
        "conversation_withdrawn",
        "withdrawn_at",
        "contributor_id",
        sqlite_where=text("withdrawn_at IS NOT NULL"),
        postgresql_where=text("withdrawn_at IS NOT NULL"),
    ),
)

NEW_ROW = (
    "public_id", "client_digest", "stage", "received_at", "changed_at", "releasable_at", "unreleased_since", "began_at", "sent_at",
    "message_count", "character_count", "revision", "change", "rating", "source", "consent_version", "failures", "quarantined",
    "platform", "page_host", "model", "client_version", "flags", "client_id", "pending",
)  # fmt: skip
INSTANTS = ("received_at", "changed_at", "releasable_at", "unreleased_since", "began_at", "sent_at")
LISTED = (
    "id", "public_id", "client_id", "stage", "received_at", "changed_at", "releasable_at", "message_count", "rating", "source", "platform",
    "page_host", "model", "quarantined", "withdrawn_at", "erase_after", "erased_at", "first_release", "flags", "redactions",
    "corrections", "rejection",
)  # fmt: skip
TEXTS = ("placeholders", "published", "messages", "branches", "pending")
FOR_ANONYMISER = (
    "id", "public_id", "contributor_id", "stage", "change", "failures", "anonymiser_version", "names_ran", "redactions", "corrections", "reasons",
    *TEXTS,
)  # fmt: skip


def prepare_insert_if_welcome(
    dialect: Dialect, values: Mapping[str, Any], *, user_digest: bytes, terms: str, is_plugin: bool, told: Mapping[str, str | None]
) -> Statement:
    """The one statement that stores a new conversation of a known, consenting contributor; no row leaves the decision to the slow path.

    `terms` is the version that must have been agreed to. `told` are demographics: where they would change what is kept,
    this path is not the right one.
    """
    sql, names = _ready_insert(dialect, is_plugin, bool(told))
    given = {name: value for name, value in values.items() if name not in ALWAYS} | {"user_digest": user_digest, "terms": terms, **told}
    for name in INSTANTS:
        given[name] = to_micros(given[name]) if given[name] is not None else None
    return Statement(sql, [given.get(name) for name in names])


def insert_conversation(connection: Connection, values: Mapping[str, Any], *, contributor_id: int) -> bool:
    """False if the contributor has a conversation of this id already; waits for one that is just being stored."""
    insert = insert_or_ignore(connection, conversation).values(**values, contributor_id=contributor_id)
    return connection.execute(insert.execution_options(preserve_rowcount=True)).rowcount == 1


def update_conversation(connection: Connection, row_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(conversation).where(conversation.c.id == row_id).values(**values))


def select_own(
    connection: Connection,
    *,
    contributor_id: int,
    client_digest: bytes | None = None,
    public_id: str | None = None,
    for_change: bool = False,
) -> Row[Any] | None:
    """The contributor's own conversation by either id, locked if it is to be changed; None if it is not there or not theirs."""
    query = select(conversation).where(conversation.c.contributor_id == contributor_id)
    if client_digest is not None:
        query = query.where(conversation.c.client_digest == client_digest)
    if public_id is not None:
        query = query.where(conversation.c.public_id == public_id)
    return connection.execute(query.with_for_update() if for_change else query).first()


def select_own_many(
    connection: Connection, public_ids: Sequence[str], *, contributor_id: int, for_change: bool = False, with_texts: bool = False
) -> Sequence[Row[Any]]:
    """Those of the contributor's own conversations that are named, in the order they came; locked if they are to be changed."""
    c = conversation.c
    columns: list[Any] = [conversation] if with_texts else [c[name] for name in ("id", "public_id", "stage", "withdrawn_at")]
    query = select(*columns).where(c.contributor_id == contributor_id, c.public_id.in_(public_ids)).order_by(c.id)
    rows: Sequence[Row[Any]] = connection.execute(query.with_for_update() if for_change else query).all()
    return rows


def select_page(
    connection: Connection,
    *,
    contributor_id: int,
    before: tuple[int, int] | None,
    limit: int,
    withdrawn: bool | None = None,
) -> Sequence[Row[Any]]:
    """The contributor's conversations, newest first, after the keyset position `before` (received_at in microseconds, id).

    With `openings`, for titles.
    """
    c = conversation.c
    columns: list[Any] = [*(c[name] for name in LISTED), *openings()]
    query = select(*columns).where(c.contributor_id == contributor_id)
    if before is not None:
        query = query.where(text("(received_at, id) < (:received_at, :row_id)").bindparams(received_at=before[0], row_id=before[1]))
    if withdrawn is not None:
        query = query.where(c.withdrawn_at.is_not(None) if withdrawn else c.withdrawn_at.is_(None))
    rows: Sequence[Row[Any]] = connection.execute(query.order_by(c.received_at.desc(), c.id.desc()).limit(limit)).all()
    return rows


def openings() -> list[ColumnElement[Any]]:
    """`opening` and `kept_opening`, the first 400 characters of the newest and of the anonymised messages.

    What waits for the anonymiser and has corrections comes whole: where a hidden passage is cut in two, its first part is not recognised.
    """
    c = conversation.c
    length = case((and_(c.corrections.is_not(None), c.pending.is_not(None)), WHOLE), else_=OPENING)
    return [func.substr(func.coalesce(c.pending, c.messages), 1, length).label("opening"), func.substr(c.messages, 1, OPENING).label("kept_opening")]


def count_own(connection: Connection, *, contributor_id: int) -> dict[str, int]:
    """How many of the contributor's conversations stand at each stage, and `withdrawn`."""
    c = conversation.c
    withdrawn = c.withdrawn_at.is_not(None)
    query = select(c.stage, withdrawn, func.count()).where(c.contributor_id == contributor_id).group_by(c.stage, withdrawn)
    counts: dict[str, int] = {}
    for stage, is_withdrawn, count in connection.execute(query):
        word = "withdrawn" if is_withdrawn else stage
        counts[word] = counts.get(word, 0) + count
    return counts


def count_for_owner(connection: Connection, *, contributor_id: int) -> Row[Any]:
    """Of the contributor's conversations: how many stand, with how many messages, how many are in a release, withdrawn, still to be erased."""
    c = conversation.c
    stands = c.withdrawn_at.is_(None)
    query = select(
        func.count().filter(stands).label("conversations"),
        func.coalesce(func.sum(c.message_count).filter(stands), 0).label("messages"),
        func.count().filter(stands, c.first_release.is_not(None)).label("released"),
        func.count().filter(c.withdrawn_at.is_not(None)).label("withdrawn"),
        func.count().filter(c.erase_after.is_not(None)).label("awaiting_purge"),
    )
    return connection.execute(query.where(c.contributor_id == contributor_id)).one()


def claim_received(connection: Connection, *, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Take up to `limit` conversations that wait for the anonymiser, oldest change first; nobody else gets them for ten minutes."""
    c = conversation.c
    free = or_(c.claimed_at.is_(None), c.claimed_at < now - CLAIM_EXPIRES)
    waiting = select(c.id).where(c.stage == Stage.RECEIVED, c.quarantined == false(), c.withdrawn_at.is_(None), free)
    chosen = waiting.order_by(c.changed_at).limit(limit).with_for_update(skip_locked=True)
    claim = update(conversation).where(c.id.in_(chosen), free).values(claimed_at=now)
    rows: Sequence[Row[Any]] = connection.execute(claim.returning(*(c[name] for name in FOR_ANONYMISER))).all()
    return rows


def claim_outdated(connection: Connection, *, version: str, names: bool, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Take up to `limit` anonymised conversations that another version anonymised, or, where `names` run, that were anonymised without them."""
    c = conversation.c
    free = or_(c.claimed_at.is_(None), c.claimed_at < now - CLAIM_EXPIRES)
    is_old = or_(c.anonymiser_version != version, and_(c.names_ran.is_not(true()), literal(names)))
    outdated = select(c.id).where(c.stage != Stage.RECEIVED, c.anonymiser_version.is_not(None), is_old, c.withdrawn_at.is_(None), free)
    chosen = outdated.order_by(c.id).limit(limit).with_for_update(skip_locked=True)
    claim = update(conversation).where(c.id.in_(chosen), free).values(claimed_at=now)
    rows: Sequence[Row[Any]] = connection.execute(claim.returning(*(c[name] for name in FOR_ANONYMISER))).all()
    return rows


def release_claims(connection: Connection, *, is_received: bool) -> None:
    """Free what a dead process had claimed; only the one process that holds the lock of the job that claims those may call it."""
    c = conversation.c
    stage = c.stage == Stage.RECEIVED if is_received else c.stage != Stage.RECEIVED
    connection.execute(update(conversation).where(stage, c.claimed_at.is_not(None)).values(claimed_at=None))


def write_back(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    """Store what a job made of a claimed row, unless the row has changed or was withdrawn meanwhile. Its quality is looked at anew."""
    c = conversation.c
    unchanged = [c.id == row.id, c.change == row.change, c.stage == row.stage, c.withdrawn_at.is_(None)]
    unchanged += [c[name].is_not_distinct_from(getattr(row, name)) for name in ("reasons", "placeholders") if name in values]
    return connection.execute(update(conversation).where(*unchanged).values(**values, marks=None, claimed_at=None)).rowcount == 1


def mark_approved(connection: Connection) -> int:
    """Approve everything that is anonymised, carries no flag and was not rejected before; how many."""
    c = conversation.c
    ready = (c.stage == Stage.ANONYMISED, c.flags == "", c.withdrawn_at.is_(None), c.rejection.is_(None))
    return connection.execute(update(conversation).where(*ready).values(stage=Stage.APPROVED)).rowcount


def mark_withdrawn(connection: Connection, row_ids: Sequence[int], *, now: datetime, erase_after: datetime) -> None:
    c = conversation.c
    for start in range(0, len(row_ids), 500):
        mine = (c.id.in_(row_ids[start : start + 500]), c.withdrawn_at.is_(None))
        connection.execute(update(conversation).where(*mine).values(withdrawn_at=now, erase_after=erase_after))


def hasten_erasure(connection: Connection, *, contributor_id: int, now: datetime, row_id: int | None = None) -> None:
    """No undo any more for what the contributor had withdrawn, or for this one of it."""
    c = conversation.c
    pending = [c.contributor_id == contributor_id, c.erase_after > now]
    if row_id is not None:
        pending.append(c.id == row_id)
    connection.execute(update(conversation).where(*pending).values(erase_after=now))


def mark_restored(connection: Connection, row_id: int, *, now: datetime) -> bool:
    """Take a withdrawal back while its undo time runs."""
    c = conversation.c
    undoable = (c.id == row_id, c.withdrawn_at.is_not(None), c.erased_at.is_(None), c.erase_after > now)
    return connection.execute(update(conversation).where(*undoable).values(withdrawn_at=None, erase_after=None)).rowcount == 1


def select_unwithdrawn_ids(connection: Connection, *, contributor_id: int) -> list[int]:
    c = conversation.c
    return list(connection.execute(select(c.id).where(c.contributor_id == contributor_id, c.withdrawn_at.is_(None))).scalars())


def erase_withdrawn(connection: Connection, *, now: datetime, limit: int) -> list[int]:
    """Erase text, digests and circumstances of withdrawals whose undo time is over; which rows. The caller takes them out of the search index.

    What stays is the shell that answers 410: public id, digest of the client's id, dates, releases it was in.
    """
    c = conversation.c
    due = select(c.id).where(c.erase_after <= now).order_by(c.erase_after).limit(limit)
    emptied: dict[str, Any] = dict.fromkeys((*TEXTS, "platform", "page_host", "model", "client_version", "rating", "sent_at", "redactions"))
    emptied |= dict.fromkeys(("language", "corrected_at", "corrections", "reasons", "new_reasons", *MEASURES))
    emptied |= dict.fromkeys(("detector_versions", "names_ran", "risk", "risk_reasons", "rejection", "toxic", "toxic_found", "marks"))
    emptied |= {"content_hash": None, "published_hash": None, "flags": "", "message_count": 0, "character_count": 0}
    emptied |= {"erased_at": now, "erase_after": None, "claimed_at": None}
    return list(connection.execute(update(conversation).where(c.id.in_(due)).values(**emptied).returning(c.id)).scalars())


def erase_client_ids(connection: Connection, *, limit: int) -> int:
    """Drop the client's ids of erased conversations of contributors who withdrew everything; their digests stay as the erase list."""
    c = conversation.c
    gone = select(contributor.c.id).where(contributor.c.consent_ended_at.is_not(None))
    due = select(c.id).where(c.contributor_id.in_(gone), c.erased_at.is_not(None), c.client_id.is_not(None)).limit(limit)
    return connection.execute(update(conversation).where(c.id.in_(due)).values(client_id=None)).rowcount


def count_awaiting_purge(connection: Connection, *, now: datetime) -> int:
    """Withdrawals whose undo time is over and that are not erased yet: a promise that must be measured."""
    return connection.execute(select(func.count()).where(conversation.c.erase_after <= now)).scalar_one()


def count_quarantined(connection: Connection) -> int:
    c = conversation.c
    return connection.execute(select(func.count()).where(c.stage == Stage.RECEIVED, c.quarantined, c.withdrawn_at.is_(None))).scalar_one()


def select_oldest_received(connection: Connection) -> datetime | None:
    """When the conversation that waits longest for the anonymiser last changed; quarantined ones do not wait."""
    c = conversation.c
    waiting = (c.stage == Stage.RECEIVED, c.quarantined == false(), c.withdrawn_at.is_(None))
    return connection.execute(select(c.changed_at).where(*waiting).order_by(c.changed_at).limit(1)).scalar()


def _new_value(name: str) -> ColumnElement[Any]:
    """What stands in a column of a new row: the same for all, the time of its arrival, or a parameter."""
    if name in ALWAYS:
        return ALWAYS[name].label(name)
    if name in {"changed_at", "unreleased_since"}:
        return bindparam("received_at", type_=BigInteger).label(name)
    return bindparam(name, type_=BigInteger() if name in INSTANTS else conversation.c[name].type).label(name)


def _changes_nothing(name: str) -> ColumnElement[bool]:
    """As `contributor.update_demographics` decides: it was not told, is the same, or is the holder's own word."""
    told, giver = bindparam(name, type_=String), contributor.c
    return or_(told.is_(None), giver[name].is_not_distinct_from(told), giver[f"{name}_is_own"])


ALWAYS: dict[str, ColumnElement[Any]] = {
    "stage": literal_column(f"'{Stage.RECEIVED}'"),
    "change": literal_column("1"),
    "failures": literal_column("0"),
    "quarantined": false(),
    "flags": literal_column("''"),
}


@cache
def _ready_insert(dialect: Dialect, is_plugin: bool, is_told: bool) -> tuple[str, tuple[str, ...]]:
    """INSERT … SELECT … FROM contributor as SQL text, and the order of its parameters: the permission is part of the statement."""
    giver = contributor.c
    agreed = giver.plugin_version if is_plugin else giver.consent_version
    welcome = [giver.user_digest == bindparam("user_digest", type_=LargeBinary), agreed == bindparam("terms", type_=String)]
    # Whose user ID was replaced takes the longer way: the digest of the conversation's id is made with the first one.
    welcome += [giver.consent_ended_at.is_(None), giver.first_digest.is_(None)]
    if is_told:
        welcome += [_changes_nothing(name) for name in ANSWERS]
    rows = select(giver.id, *(_new_value(name) for name in NEW_ROW)).where(*welcome)
    is_postgres = dialect.name == "postgresql"
    insert = postgresql.insert if is_postgres else sqlite.insert
    dialect = psycopg_dialect(paramstyle="numeric_dollar") if is_postgres else dialect  # type: ignore[no-untyped-call]
    compiled = insert(conversation).from_select(["contributor_id", *NEW_ROW], rows).on_conflict_do_nothing().compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())
