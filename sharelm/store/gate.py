"""What the gate asks the database about words in the rows that were written, and what it has to tell it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, or_, select, update

from sharelm.store.contributor import contributor, retired_id
from sharelm.store.conversation import conversation

BATCH = 500


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


def mark_outdated(connection: Connection, public_ids: Collection[str], *, version: str) -> None:
    """Let these run again with the next improvement: `version` is one that no anonymiser has."""
    asked = list(public_ids)
    c = conversation.c
    for start in range(0, len(asked), BATCH):
        chosen = update(conversation).where(c.public_id.in_(asked[start : start + BATCH]), c.anonymiser_version.is_not(None))
        connection.execute(chosen.values(anonymiser_version=version))
