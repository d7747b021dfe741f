"""Record that a contributor agreed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sharelm.consent.texts import ConsentText
from sharelm.keys import Keys, user_digest
from sharelm.store import contributor as contributors
from sharelm.vocabulary import UserId


def record_consent(connection: Connection, keys: Keys, user_id: UserId, text: ConsentText, *, now: datetime) -> None:
    """The contributor agreed to `text`, made if needed; doing it twice leaves one record."""
    giver = contributors.ensure_contributor(connection, user_digest(keys, user_id), now=now)
    record_consent_of(connection, giver.id, text, now=now)


def record_consent_of(connection: Connection, contributor_id: int, text: ConsentText, *, now: datetime) -> None:
    """The same, of somebody who is known already."""
    contributors.insert_consent(connection, contributor_id, version=text.version, language=text.language, text_sha256=text.sha256, now=now)
    contributors.update_consent_version(connection, contributor_id, version=text.version)
