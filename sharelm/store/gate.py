"""What the gate asks the database about the rows that were written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select

from sharelm.store.contributor import consent, contributor, retired_id
from sharelm.store.conversation import conversation
from sharelm.vocabulary import Stage

BATCH = 500


def select_facts(connection: Connection, public_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """By public id: whose each conversation is, whether that person is grouped, whether it was withdrawn or rejected, whether there is a consent."""
    c, p = conversation.c, contributor.c
    agreed = exists().where(consent.c.contributor_id == c.contributor_id, consent.c.version == c.consent_version)
    columns: list[Any] = [
        c.public_id,
        c.contributor_id,
        p.is_ungrouped,
        c.withdrawn_at.is_not(None).label("is_withdrawn"),
        (c.stage == Stage.REJECTED).label("is_rejected"),
        agreed.label("has_consent"),
    ]
    query = select(*columns).join_from(conversation, contributor, p.id == c.contributor_id)
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(public_ids), BATCH):
        rows = connection.execute(query.where(c.public_id.in_(public_ids[start : start + BATCH])))
        found |= {row.public_id: row for row in rows}
    return found


def select_known_digests(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Those of the digests that stand for a user ID, present or past."""
    asked = list(digests)
    known: set[bytes] = set()
    for start in range(0, len(asked), BATCH):
        part = asked[start : start + BATCH]
        p = contributor.c
        for row in connection.execute(select(p.user_digest, p.first_digest).where(or_(p.user_digest.in_(part), p.first_digest.in_(part)))):
            known |= {digest for digest in row if digest is not None}
        known |= set(connection.execute(select(retired_id.c.user_digest).where(retired_id.c.user_digest.in_(part))).scalars())
    return known & set(asked)
