"""What the card of a release says beside its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from sharelm.store.audit import APPROVE, audit_entry
from sharelm.store.conversation import conversation
from sharelm.store.release import is_candidate, is_new_form_ready, release
from sharelm.store.tombstone import WITHDRAWN, tombstone


def select_kinds(connection: Connection, *, now: datetime, is_pinned: bool = False) -> Sequence[Row[Any]]:
    """(contributor_id, model, language, platform, consent_version) of the conversations of a release built now, alike ones once."""
    c = conversation.c
    kinds: list[Any] = [c.contributor_id, c.model, c.language, c.platform, c.consent_version]
    return connection.execute(select(*kinds).where(is_candidate(now, is_pinned=is_pinned)).distinct()).all()


def count_looked_at(connection: Connection, *, now: datetime, is_pinned: bool = False) -> int:
    """Conversations of a release built now that a reviewer approved: in their newest form, or, where an older one is kept, at all."""
    c, a = conversation.c, audit_entry.c
    is_looked_at = select(a.id).where(
        a.public_id == c.public_id, a.act == APPROVE, or_(a.at >= c.changed_at, ~is_new_form_ready(now, is_pinned=is_pinned))
    )
    approved = is_looked_at.correlate(conversation).exists()
    return connection.execute(select(func.count()).select_from(conversation).where(is_candidate(now, is_pinned=is_pinned), approved)).scalar_one()


def count_gone_since_last(connection: Connection, *, now: datetime, reason: str = WITHDRAWN) -> int:
    """Conversations of earlier releases whose withdrawal (or rejection) became public since the last one was made."""
    last = select(func.max(release.c.created_at)).scalar_subquery()
    t = tombstone.c
    return connection.execute(select(func.count()).where(t.shown_after > last, t.shown_after <= now, t.reason == reason)).scalar_one()
