"""What a newly arrived copy makes of the copy that is kept. Pure: messages in, messages out.

A message is recognised by a keyed digest of its role and text, so that one whose text is long anonymised (and erased) keeps its stored form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sharelm.vocabulary import Conversation, Message

Digest = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of the kept copy: its messages as they stand, and the measures of the copy as it was sent."""

    messages: Sequence[Message]
    rating: int | None
    message_count: int
    character_count: int
    sent_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome: the messages to keep, and whether any text came or went (else only ratings and labels differ)."""

    messages: tuple[Message, ...]
    rating: int | None
    is_new_text: bool


def merge_whole(kept: Kept, arrived: Conversation, digest: Digest) -> Merged | None:
    """The published plugin sends whole copies without message ids: a fuller or later copy replaces the kept one, else nothing changes.

    Returns None if there is nothing to change.
    """
    before = [_identity(message, digest) for message in kept.messages]
    now = [digest(message) for message in arrived.messages]
    if before == now:
        rated = tuple(_with_labels(old, new) for old, new in zip(kept.messages, arrived.messages, strict=True))
        return _if_different(kept, rated, arrived.rating, is_new_text=False)
    if not _is_fuller(kept, arrived):
        return None
    known = dict(zip(before, kept.messages, strict=True))
    messages = tuple(_with_labels(known[key], new) if key in known else _fresh(new) for key, new in zip(now, arrived.messages, strict=True))
    return Merged(messages, _thumb(kept.rating, arrived.rating), is_new_text=True)


def merge_by_id(kept: Kept, arrived: Conversation, digest: Digest) -> Merged | None:
    """Our own clients name every message: merged by id, a missing one is never a deletion, an older revision changes nothing."""
    if arrived.revision < kept.revision:
        return None
    by_text = {_identity(message, digest): message for message in kept.messages}
    merged = list(kept.messages)
    is_new_text = False
    for place, new in enumerate(arrived.messages):
        at = _place_of(merged, new.id)
        key = digest(new)
        if at is not None and _identity(merged[at], digest) == key:
            merged[at] = _with_labels(merged[at], new)
            continue
        is_new_text = True
        form = _with_labels(by_text[key], new) if key in by_text else _fresh(new)
        if at is not None:
            merged[at] = form
        else:
            merged.insert(_place_for_new(merged, arrived.messages[place + 1 :]), form)
    return _if_different(kept, tuple(merged), arrived.rating, is_new_text=is_new_text)


def shown_path(messages: Sequence[Message]) -> list[int]:
    """Places of the messages that make the conversation as it is shown: from the newest message up its parents to the start.

    Without parent ids, everything is shown in order. A gap, or a parent that never came, is bridged to the message before it;
    a message without a parent that claims no gap starts the conversation (the first message was edited).
    """
    places: dict[str | None, int] = {message.id: place for place, message in enumerate(messages) if message.id is not None}
    if not any(message.parent_id in places for message in messages if message.parent_id is not None):
        return list(range(len(messages)))
    path: list[int] = []
    seen: set[int] = set()
    at: int | None = len(messages) - 1
    while at is not None and at >= 0 and at not in seen:
        path.append(at)
        seen.add(at)
        at = _parent_place(messages, places, at)
    return path[::-1]


def _parent_place(messages: Sequence[Message], places: dict[str | None, int], at: int) -> int | None:
    message = messages[at]
    if message.parent_id is not None and message.parent_id in places:
        return places[message.parent_id]
    is_start = message.parent_id is None and not message.gap and message.role == messages[0].role
    return None if is_start else at - 1


def _is_fuller(kept: Kept, arrived: Conversation) -> bool:
    count = len(arrived.messages)
    if count != kept.message_count:
        return count > kept.message_count
    is_later = arrived.sent_at is not None and (kept.sent_at is None or arrived.sent_at > kept.sent_at)
    return is_later or character_count(arrived.messages) > kept.character_count


def character_count(messages: Sequence[Message]) -> int:
    return sum(len(message.content) for message in messages)


def _place_of(messages: Sequence[Message], message_id: str | None) -> int | None:
    return next((place for place, message in enumerate(messages) if message.id == message_id), None)


def _place_for_new(merged: Sequence[Message], following: Sequence[Message]) -> int:
    """Before the first message that the client has after it and that we know; else at the end."""
    places = (_place_of(merged, message.id) for message in following)
    return next((place for place in places if place is not None), len(merged))


def _identity(message: Message, digest: Digest) -> str:
    return message.digest or digest(message)


def _fresh(message: Message) -> Message:
    return replace(message, rating=message.rating or None)


def _with_labels(kept: Message, arrived: Message) -> Message:
    """The kept text with what the newer copy says beside it."""
    return replace(
        kept,
        id=arrived.id or kept.id,
        parent_id=arrived.parent_id or kept.parent_id,
        model=arrived.model or kept.model,
        sent_at=arrived.sent_at or kept.sent_at,
        rating=_thumb(kept.rating, arrived.rating),
        gap=arrived.gap,
    )


def _thumb(kept: int | None, arrived: int | None) -> int | None:
    return kept if arrived is None else arrived or None


def _if_different(kept: Kept, messages: tuple[Message, ...], rating: int | None, *, is_new_text: bool) -> Merged | None:
    merged = Merged(messages, _thumb(kept.rating, rating), is_new_text)
    return None if merged.messages == tuple(kept.messages) and merged.rating == kept.rating else merged
