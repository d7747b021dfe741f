"""Contributors and the consents they gave. A user ID is kept as a digest only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, ForeignKey, Index, LargeBinary, Row, String, Table, case, false, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from sharelm.errors import IdReplaced
from sharelm.store import db
from sharelm.store.lock import lock_until_commit
from sharelm.store.types import BigId, Instant
from sharelm.vocabulary import Demographics

contributor = Table(
    "contributor",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("user_digest", LargeBinary(32), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("consent_version", String(64)),  # of our own terms; NULL until the first agreement to them
    Column("plugin_version", String(64)),  # of the published plugin's terms; NULL until its first upload
    Column("consent_ended_at", Instant),
    Column("first_digest", LargeBinary(32)),  # of the first user ID; NULL while it was never replaced
    Column("is_ungrouped", Boolean, nullable=False, server_default=false()),  # no pseudonym in releases
    Column("public_name", String(64)),
    Column("is_in_card", Boolean, nullable=False, server_default=false()),  # named in the cards of releases
    Column("badge_token", String(43)),
    Column("shown_cell", String(200)),  # how the last final release shows the answers (release.cells); NULL where it shows nothing
    Column("age_band", String(16)),
    Column("country", String(2)),
    Column("gender", String(64)),
    # Whether its holder has changed or erased the answer here: then no upload changes it any more.
    Column("age_band_is_own", Boolean, nullable=False, server_default=false()),
    Column("country_is_own", Boolean, nullable=False, server_default=false()),
    Column("gender_is_own", Boolean, nullable=False, server_default=false()),
    Index("contributor_badge_token", "badge_token", unique=True),
)

# Digests of user IDs that were replaced: they open nothing, nothing is taken under them, and whose they were is not kept.
retired_id = Table("retired_id", db.metadata, Column("user_digest", LargeBinary(32), primary_key=True), Column("retired_at", Instant, nullable=False))

ANSWERS = ("age_band", "country", "gender")

WAITS = "waits"
"""Stands in `shown_cell` for answers that the last release showed and that are others now."""

consent = Table(
    "consent",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False),
    Column("version", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("consent_of_contributor", "contributor_id", "given_at"),
)


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves an existing row alone, in the dialect of this connection."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def select_contributor(connection: Connection, user_digest: bytes) -> Row[Any] | None:
    return connection.execute(select(contributor).where(contributor.c.user_digest == user_digest)).first()


def select_by_id(connection: Connection, contributor_id: int) -> Row[Any]:
    return connection.execute(select(contributor).where(contributor.c.id == contributor_id)).one()


def ensure_contributor(connection: Connection, user_digest: bytes, *, now: datetime) -> Row[Any]:
    """The contributor with this digest, made if needed. Raises IdReplaced."""
    found = select_contributor(connection, user_digest)
    if found is None:
        refuse_replaced(connection, user_digest)
        connection.execute(insert_or_ignore(connection, contributor).values(user_digest=user_digest, created_at=now))
        found = select_contributor(connection, user_digest)
    assert found is not None
    return found


def refuse_replaced(connection: Connection, user_digest: bytes) -> None:
    """Raises IdReplaced. To be asked after the contributor was looked for in vain, so that no replacement falls in between."""
    if connection.execute(select(retired_id.c.user_digest).where(retired_id.c.user_digest == user_digest)).first() is not None:
        raise IdReplaced


def digest_base(giver: Row[Any]) -> bytes:
    """What the digests of the contributor's conversation ids are made with: it outlives a replaced user ID, and so does every withdrawal."""
    base: bytes = giver.first_digest or giver.user_digest
    return base


def replace_digest(connection: Connection, giver: Row[Any], user_digest: bytes, *, now: datetime) -> None:
    """From now on this digest is the contributor's, and the old one nobody's."""
    connection.execute(insert_or_ignore(connection, retired_id).values(user_digest=giver.user_digest, retired_at=now))
    values = {"user_digest": user_digest, "first_digest": digest_base(giver)}
    connection.execute(update(contributor).where(contributor.c.id == giver.id).values(**values))


def update_ungrouped(connection: Connection, contributor_id: int, *, is_ungrouped: bool) -> None:
    connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(is_ungrouped=is_ungrouped))


def select_by_badge(connection: Connection, token: str) -> Row[Any] | None:
    return connection.execute(select(contributor).where(contributor.c.badge_token == token)).first()


def update_name(connection: Connection, contributor_id: int, *, name: str | None, is_in_card: bool) -> None:
    values = {"public_name": name, "is_in_card": is_in_card}
    connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(**values))


def select_other_names(connection: Connection, contributor_id: int) -> list[str]:
    """The public names of everybody else; until the transaction ends nobody can take another one."""
    lock_until_commit(connection, "public-names", is_shared=False)
    others = (contributor.c.public_name.is_not(None), contributor.c.id != contributor_id)
    return list(connection.execute(select(contributor.c.public_name).where(*others)).scalars())


def update_badge(connection: Connection, contributor_id: int, *, token: str | None) -> None:
    """Whoever has the former address sees nothing there any more."""
    connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(badge_token=token))


def select_for_withdrawal(connection: Connection, contributor_id: int) -> Row[Any]:
    """The contributor, locked until the transaction ends: one withdrawal of everything at a time."""
    return connection.execute(select(contributor).where(contributor.c.id == contributor_id).with_for_update()).one()


def has_ended_consent(connection: Connection, contributor_id: int) -> bool:
    """Whether everything was withdrawn and nothing agreed to since."""
    query = select(contributor.c.consent_ended_at).where(contributor.c.id == contributor_id)
    return connection.execute(query).scalar() is not None


def insert_consent(connection: Connection, contributor_id: int, *, version: str, language: str, text_sha256: str, now: datetime) -> None:
    """Record an agreement; a second one to the same text while the first is in force changes nothing."""
    in_force = select(consent.c.id).where(consent.c.contributor_id == contributor_id, consent.c.version == version, consent.c.ended_at.is_(None))
    if connection.execute(in_force).first() is None:
        connection.execute(
            consent.insert().values(contributor_id=contributor_id, version=version, language=language, text_sha256=text_sha256, given_at=now)
        )


def select_consent(connection: Connection, contributor_id: int) -> Row[Any] | None:
    """The last agreement that is still in force; one to our own terms before the published plugin's."""
    giver = select(contributor.c.consent_version, contributor.c.plugin_version).where(contributor.c.id == contributor_id)
    found = connection.execute(giver).first()
    version = (found.consent_version or found.plugin_version) if found else None
    mine = (consent.c.contributor_id == contributor_id, consent.c.version == version, consent.c.ended_at.is_(None))
    return connection.execute(select(consent).where(*mine).order_by(consent.c.given_at.desc())).first()


def update_consent_version(connection: Connection, contributor_id: int, *, version: str) -> None:
    """Our own terms are agreed to, and contributions are welcome again."""
    connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(consent_version=version, consent_ended_at=None))


def update_plugin_version(connection: Connection, contributor_id: int, *, version: str) -> None:
    connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(plugin_version=version))


def mark_consent_ended(connection: Connection, contributor_id: int, *, now: datetime) -> None:
    """End every consent and erase the demographics, the name and the badge; the digest of the user ID stays, as the erase list."""
    erased: dict[str, Any] = dict.fromkeys((*ANSWERS, "shown_cell", "public_name", "badge_token", "consent_version", "plugin_version"))
    values = {**erased, "is_in_card": False, "consent_ended_at": now}
    connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(**values))
    connection.execute(update(consent).where(consent.c.contributor_id == contributor_id, consent.c.ended_at.is_(None)).values(ended_at=now))


def update_demographics(connection: Connection, contributor_id: int, demographics: Demographics) -> None:
    """Keep what an upload told and leave the rest as it was: an empty field is no answer, not an erasure.

    What its holder has changed or erased here stays as it is.
    """
    told = {name: getattr(demographics, name) for name in ANSWERS if getattr(demographics, name) is not None}
    c = contributor.c
    values = {name: case((c[f"{name}_is_own"], c[name]), else_=value) for name, value in told.items()}
    if values:
        connection.execute(update(contributor).where(c.id == contributor_id).values(**values))


def update_own_demographics(connection: Connection, contributor_id: int, answers: Mapping[str, str | None]) -> None:
    """What its holder says here, None where they erase it; from now on no upload changes these answers."""
    marks: dict[str, Any] = {f"{name}_is_own": True for name in answers}
    marks["shown_cell"] = case((contributor.c.shown_cell.is_not(None), WAITS))  # what was said is kept nowhere
    if answers:
        connection.execute(update(contributor).where(contributor.c.id == contributor_id).values(**answers, **marks))
