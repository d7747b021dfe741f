"""The contributor's act: hidden at once, from whatever stage; erased by the purge."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.errors import NotFound
from sharelm.store import contact_message as contact_messages
from sharelm.store import contributor as contributors
from sharelm.store import conversation as conversations
from sharelm.store import login_code as login_codes
from sharelm.store import session as sessions

UNDO_TIME = timedelta(seconds=10)  # on the pages; through the API there is none
NO_UNDO = timedelta(0)


def withdraw_conversation(connection: Connection, row: Row[object] | None, *, now: datetime, undo_time: timedelta = NO_UNDO) -> datetime:
    """Withdraw the contributor's own row; a second time changes nothing. When it was withdrawn. Raises NotFound for None."""
    if row is None:
        raise NotFound("There is no such conversation under this user ID.")
    if row.withdrawn_at is None:
        conversations.mark_withdrawn(connection, [row.id], now=now, erase_after=now + undo_time)
        return now
    withdrawn_at: datetime = row.withdrawn_at
    return withdrawn_at


def restore_conversation(connection: Connection, row: Row[object] | None, *, now: datetime) -> bool:
    """Take the withdrawal back; False once its ten seconds are over. Raises NotFound for None."""
    if row is None:
        raise NotFound("There is no such conversation under this user ID.")
    return conversations.mark_restored(connection, row.id, now=now)


def withdraw_everything(connection: Connection, giver: Row[Any], *, now: datetime) -> int:
    """Withdraw all, end consent and every login, erase the demographics and messages to the operator; how many conversations. Idempotent."""
    contributor_id = int(giver.id)
    row_ids = conversations.select_unwithdrawn_ids(connection, contributor_id=contributor_id)
    conversations.mark_withdrawn(connection, row_ids, now=now, erase_after=now)
    conversations.hasten_erasure(connection, contributor_id=contributor_id, now=now)
    contributors.mark_consent_ended(connection, contributor_id, now=now)
    sessions.delete_sessions_of(connection, contributor_id=contributor_id)
    login_codes.delete_codes_of(connection, contributor_id=contributor_id)
    contact_messages.delete_messages_of(connection, giver.user_digest)
    return len(row_ids)
