"""What is asked of the database about a release that was written: who is gone since, and whether a word is somebody's ID."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, or_, select

from sharelm.store.contributor import contributor, retired_id
from sharelm.store.conversation import conversation
from sharelm.vocabulary import Stage

BATCH = 500


def count_gone(connection: Connection, public_ids: Sequence[str]) -> int:
    """How many of these conversations are withdrawn or rejected by now."""
    c = conversation.c
    query = select(func.count()).where(or_(c.withdrawn_at.is_not(None), c.stage == Stage.REJECTED))
    parts = (public_ids[start : start + BATCH] for start in range(0, len(public_ids), BATCH))
    return sum(connection.execute(query.where(c.public_id.in_(part))).scalar_one() for part in parts)


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
