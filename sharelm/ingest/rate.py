"""Thumbs that a contributor gives on the pages, and why. They beat what any later copy says, also where they are taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.errors import English, InvalidPayload, NotFound
from sharelm.ingest.accept import message_digest
from sharelm.ingest.labels import new_labels
from sharelm.keys import Keys
from sharelm.store.by_hand import write_by_hand
from sharelm.store.corrections import dump_corrections, dump_reasons, load_corrections, load_reasons
from sharelm.store.identity import message_keys
from sharelm.store.message_json import load_current
from sharelm.vocabulary import Message, Role

WHOLE = ""
"""Stands for the conversation where a message's key could stand (store.identity)."""
MAX_REASON = 500  # characters


def give_rating(connection: Connection, keys: Keys, row: Row[Any], key: str, rating: int | None) -> None:
    """Rate one answer, or the whole; None takes the rating back. The reason of another rating goes. Raises NotFound where there is no such answer.

    The caller has locked the row.
    """
    before = row.rating
    if key == WHOLE:
        values: dict[str, Any] = {"rating": rating, "corrections": dump_corrections(replace(load_corrections(row.corrections), is_rated=True))}
    else:
        messages, place = _find(keys, row, key)
        before = messages[place].rating
        messages[place] = replace(messages[place], rating=rating, is_rated_here=True)
        values = new_labels(row, messages, message_digest(keys, row.public_id))
    if rating != before:
        values |= _reasons(row, key, None)
    write_by_hand(connection, row, values)


def give_reason(connection: Connection, keys: Keys, row: Row[Any], key: str, reason: str) -> None:
    """Say why; an empty text takes it back. Kept as given until the anonymiser has read it. Raises InvalidPayload or NotFound."""
    rating = row.rating
    if key != WHOLE:
        messages, place = _find(keys, row, key)
        rating = messages[place].rating
    if not rating:
        raise InvalidPayload(English("A reason goes with a rating: rate it first."))
    if len(reason) > MAX_REASON or "\0" in reason:
        raise InvalidPayload(English("A reason has at most %(most)s characters.", most=MAX_REASON))
    write_by_hand(connection, row, _reasons(row, key, reason.strip() or None))


def _find(keys: Keys, row: Row[Any], key: str) -> tuple[list[Message], int]:
    """The conversation in its newest form, and the place of the answer of this key."""
    messages = load_current(row.pending, row.messages, row.branches)
    known_as = message_keys(messages, message_digest(keys, row.public_id))
    if key not in known_as or messages[known_as.index(key)].role is not Role.ASSISTANT:
        raise NotFound(English("There is no such answer in this conversation."))
    return messages, known_as.index(key)


def _reasons(row: Row[Any], key: str, text: str | None) -> dict[str, str | None]:
    kept, new = load_reasons(row.reasons), load_reasons(row.new_reasons)
    kept.pop(key, None)
    new.pop(key, None)
    if text is not None:
        new[key] = text
    return {"reasons": dump_reasons(kept), "new_reasons": dump_reasons(new)}
