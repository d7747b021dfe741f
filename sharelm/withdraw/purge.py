"""The erasing that follows a withdrawal, in batches."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sharelm.store import contact_message as contact_messages
from sharelm.store import conversation as conversations
from sharelm.store import download as downloads
from sharelm.store import login_code as login_codes
from sharelm.store import near_duplicate as near_duplicates
from sharelm.store import own_export as own_exports
from sharelm.store import reviewer as reviewers
from sharelm.store import search
from sharelm.store import session as sessions

BATCH = 500
KEEP_CONTACT = timedelta(days=180)  # a message to the operator that nobody has answered by then


def purge_withdrawn(connection: Connection, *, now: datetime) -> Counter[str]:
    """Erase one batch of what is due; empty when nothing is left. Idempotent."""
    counts: Counter[str] = Counter()
    near_duplicates.lock_groups(connection)  # before the rows
    erased = conversations.erase_withdrawn(connection, now=now, limit=BATCH)
    search.forget_conversations(connection, erased)
    near_duplicates.forget_signatures(connection, erased)
    counts["erased"] = len(erased)
    counts["ids erased"] = conversations.erase_client_ids(connection, limit=BATCH)
    counts["download parts erased"] = downloads.erase_some(connection, now=now)
    counts["export rows erased"] = own_exports.erase_some(connection, now=now)
    counts["logins ended"] = sessions.delete_expired_sessions(connection, now=now) + reviewers.delete_expired_sessions(connection, now=now)
    counts["codes expired"] = login_codes.delete_expired_codes(connection, now=now)
    counts["messages expired"] = contact_messages.delete_old_messages(connection, before=now - KEEP_CONTACT)
    return +counts
