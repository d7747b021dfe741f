"""The JSON form of what a contributor corrected by hand in one conversation: digests, numbers and a mark, never a text.

It lasts as long as the conversation, so that what was taken out does not come back with a later copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sharelm.passages import Passage, hide_passages
from sharelm.store.identity import Digest, identity
from sharelm.vocabulary import Message


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is kept of a deleted message: its digest, and that of the id that its sender gave it."""

    digest: str
    id_digest: str | None


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
    return Corrections(hidden, tuple(Deleted(*message) for message in kept.get("deleted", ())), kept.get("is_rated", False))


def dump_corrections(corrections: Corrections) -> str:
    hidden = [[passage.digest, passage.first, passage.words, passage.number] for passage in corrections.hidden]
    deleted = [[message.digest, message.id_digest] for message in corrections.deleted]
    return json.dumps({"hidden": hidden, "deleted": deleted, "is_rated": corrections.is_rated}, separators=(",", ":"))


def load_reasons(column: str | None) -> dict[str, str]:
    """Why something was rated so, by the key of the message (store.identity), "" for the whole conversation."""
    return dict(json.loads(column)) if column else {}


def dump_reasons(reasons: Mapping[str, str]) -> str | None:
    return json.dumps(reasons, ensure_ascii=False) if reasons else None


def with_hidden(message: Message, passages: Collection[Passage], *, hidden: Callable[[str], str], digest: Digest) -> Message:
    """The message without these passages; where it waits for the anonymiser, still known by what was sent. `hidden` digests words."""
    content, places = hide_passages(message.content, passages, hidden)
    if not places:
        return message
    sent_digest = None if message.digest else identity(message, digest)
    return replace(message, content=content, redactions=message.redactions + places, sent_digest=sent_digest)
