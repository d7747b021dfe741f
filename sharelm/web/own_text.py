"""The text of one's own conversations as it may be shown: where it still waits for the anonymiser, what was hidden by hand is not shown again.

Everything that shows a waiting text, or a part of it, gets it here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from sharelm.ingest.accept import message_digest
from sharelm.ingest.merge import shown_path
from sharelm.keys import Keys, hidden_digest
from sharelm.passages import Digest, hide_passages
from sharelm.store.corrections import current_as_shown, load_corrections, reasons_as_shown
from sharelm.store.message_json import load_messages
from sharelm.vocabulary import Message


def messages_of(keys: Keys, row: Row[Any]) -> list[Message]:
    """All messages in their newest form."""
    return current_as_shown(row, hidden=hidden(keys, row), digest=message_digest(keys, row.public_id))


def path_of(keys: Keys, row: Row[Any]) -> list[Message]:
    """The messages of the path that is shown."""
    if row.pending is None:
        return load_messages(row.messages)
    messages = messages_of(keys, row)
    return [messages[place] for place in shown_path(messages)]


def reasons_of(keys: Keys, row: Row[Any]) -> dict[str, str]:
    """Why its owner rated it so, anonymised or, for a moment, as given."""
    return reasons_as_shown(row, hidden=hidden(keys, row))


def hide_in(keys: Keys, row: Row[Any], text: str) -> str:
    """Some text of this conversation without what is hidden in it."""
    return hide_passages(text, load_corrections(row.corrections).hidden, hidden(keys, row))[0]


def hidden(keys: Keys, row: Row[Any]) -> Digest:
    """How words that are hidden in this conversation are recognised."""
    public_id = row.public_id
    return lambda words: hidden_digest(keys, public_id, words)
