"""What the card of a release says beside its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from sharelm.store.conversation import conversation
from sharelm.store.release import is_candidate, release
from sharelm.store.tombstone import tombstone


def select_kinds(connection: Connection, *, now: datetime, is_pinned: bool = False) -> Sequence[Row[Any]]:
    """(contributor_id, model, language, platform, consent_version) of the conversations of a release built now, alike ones once."""
    c = conversation.c
    kinds: list[Any] = [c.contributor_id, c.model, c.language, c.platform, c.consent_version]
    return connection.execute(select(*kinds).where(is_candidate(now, is_pinned=is_pinned)).distinct()).all()


def count_gone_since_last(connection: Connection, *, now: datetime) -> int:
    """Conversations of earlier releases whose withdrawal became public since the last one was made."""
    last = select(func.max(release.c.created_at)).scalar_subquery()
    t = tombstone.c
    return connection.execute(select(func.count()).where(t.shown_after > last, t.shown_after <= now)).scalar_one()
