"""The JSON form of what a contributor corrected by hand in one conversation: digests, numbers and a mark, never a text.

It lasts as long as the conversation, so that what was taken out does not come back with a later copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from sharelm.passages import Passage, hide_passages
from sharelm.store.identity import Digest, identity
from sharelm.store.message_json import load_current
from sharelm.vocabulary import Message


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is kept of a deleted message: its digest, and that of the id that its sender gave it.

    `turn` is the number of the question that it went with, as its sender counts; `after`, for a question, the digests of the ids that it followed.
    What a later copy brought of a deleted turn has no digest here: its id is enough.
    """

    digest: str | None
    id_digest: str | None
    turn: int | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrections:
    """`is_rated`: the rating of the whole was given here and beats what a copy says."""

    hidden: tuple[Passage, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    is_rated: bool = False


def load_corrections(column: str | None) -> Corrections:
    if column is None:
        return Corrections()
    kept = json.loads(column)
    hidden = tuple(Passage(*passage) for passage in kept.get("hidden", ()))
    deleted = tuple(_deleted(*message) for message in kept.get("deleted", ()))
    return Corrections(hidden, deleted, kept.get("is_rated", False))


def _deleted(digest: str | None, id_digest: str | None, turn: int | None = None, after: Collection[str] = ()) -> Deleted:
    return Deleted(digest, id_digest, turn, tuple(after))


def dump_corrections(corrections: Corrections) -> str:
    hidden = [[passage.digest, passage.first, passage.words, passage.number] for passage in corrections.hidden]
    deleted = [[message.digest, message.id_digest, message.turn, message.after] for message in corrections.deleted]
    return json.dumps({"hidden": hidden, "deleted": deleted, "is_rated": corrections.is_rated}, separators=(",", ":"))


def free_turn(questions: int, deleted: Collection[Deleted]) -> int:
    """The number, as its sender counts, of the question that follows this many kept ones; deleted ones are counted too."""
    taken = {message.turn for message in deleted}
    turn = 0
    while turn in taken or questions:
        questions -= turn not in taken
        turn += 1
    return turn


def load_reasons(column: str | None) -> dict[str, str]:
    """Why something was rated so, by the key of the message (store.identity), "" for the whole conversation."""
    return dict(json.loads(column)) if column else {}


def dump_reasons(reasons: Mapping[str, str]) -> str | None:
    return json.dumps(reasons, ensure_ascii=False) if reasons else None


def with_hidden(message: Message, passages: Collection[Passage], *, hidden: Callable[[str], str], digest: Digest) -> Message:
    """The message without these passages, still known by what was sent. `hidden` digests words."""
    content, places = hide_passages(message.content, passages, hidden)
    if not places:
        return message
    sent_digest = None if message.digest else identity(message, digest)
    return replace(message, content=content, redactions=message.redactions + places, sent_digest=sent_digest)


def current_as_shown(row: Row[Any], *, hidden: Callable[[str], str], digest: Digest) -> list[Message]:
    """The newest copy of a conversation as its owner may see it. What waits for the anonymiser is kept as given, for the detectors' sake."""
    messages = load_current(row.pending, row.messages, row.branches)
    passages = load_corrections(row.corrections).hidden
    if row.pending is None or not passages:
        return messages
    return [message if message.digest else with_hidden(message, passages, hidden=hidden, digest=digest) for message in messages]


def reasons_as_shown(row: Row[Any], *, hidden: Callable[[str], str]) -> dict[str, str]:
    """Why something was rated so, by the key of the message, as its owner may see it."""
    passages = load_corrections(row.corrections).hidden
    new = load_reasons(row.new_reasons).items()
    return load_reasons(row.reasons) | {key: hide_passages(reason, passages, hidden)[0] for key, reason in new}
