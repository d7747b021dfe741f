"""Replace a user ID: the new one opens everything, the old one nothing. All that was given stays its holder's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sharelm.keys import Keys, token_digest, user_digest
from sharelm.store import contact_message as contact_messages
from sharelm.store import contributor as contributors
from sharelm.store import login_code as login_codes
from sharelm.store import own_export as own_exports
from sharelm.store import session as sessions
from sharelm.vocabulary import UserId


def replace_user_id(connection: Connection, keys: Keys, new_id: UserId, *, contributor_id: int, present: str, now: datetime) -> bool:
    """Every login ends with it, and exports that wait go: whoever knew the old ID may have sent them.

    False, and nothing changes, if `present` is not the mark of the ID in force any more.
    An upload at the same moment is either kept as its holder's or refused as one under a dead ID.
    """
    giver = contributors.select_for_withdrawal(connection, contributor_id)
    if id_mark(giver.user_digest) != present:
        return False
    new_digest = user_digest(keys, new_id)
    contributors.replace_digest(connection, giver, new_digest, now=now)
    contact_messages.update_writer(connection, giver.user_digest, new_digest=new_digest)
    own_exports.discard_all(connection, contributor_id=contributor_id, now=now)
    sessions.delete_sessions_of(connection, contributor_id=contributor_id)
    login_codes.delete_codes_of(connection, contributor_id=contributor_id)
    return True


def id_mark(digest: bytes) -> str:
    """Tells whether a user ID is still the same, and says nothing about it."""
    return token_digest(digest.hex()).hex()
