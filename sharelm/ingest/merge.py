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
    keys = [_identity(message, digest) for message in kept.messages]
    new_keys = [digest(message) for message in arrived.messages]
    places = _places_of(kept.messages, keys, arrived.messages, new_keys)
    by_text = dict(zip(keys, kept.messages, strict=True))
    merged = list(kept.messages)
    added: dict[int, list[Message]] = {}  # new messages, by the place of the kept one that they stand before
    is_new_text = False
    for new, key, place, before in zip(arrived.messages, new_keys, places, _next_places(places, len(merged)), strict=True):
        if place is not None and keys[place] == key:
            merged[place] = _with_labels(merged[place], new)
            continue
        is_new_text = True
        form = _with_labels(by_text[key], new) if key in by_text else _fresh(new)
        if place is not None:
            merged[place] = form
        else:
            added.setdefault(before, []).append(form)
    messages = [message for place in range(len(merged) + 1) for message in (*added.get(place, ()), *merged[place : place + 1])]
    return _if_different(kept, tuple(messages), arrived.rating, is_new_text=is_new_text)


def _places_of(kept: Sequence[Message], keys: Sequence[str], arrived: Sequence[Message], new_keys: Sequence[str]) -> list[int | None]:
    """Where each arrived message is kept: by its id, or as a message of the same text that came without ids; None if it is new."""
    by_id = {message.id: place for place, message in enumerate(kept) if message.id is not None}
    nameless: dict[str, list[int]] = {}
    for place, message in enumerate(kept):
        if message.id is None:
            nameless.setdefault(keys[place], []).append(place)
    places: list[int | None] = []
    for message, key in zip(arrived, new_keys, strict=True):
        same_text = nameless.get(key, [])
        places.append(by_id[message.id] if message.id in by_id else same_text.pop(0) if same_text else None)
    return places


def _next_places(places: Sequence[int | None], end: int) -> list[int]:
    """For each arrived message the place of the next one that we know; the end where there is none."""
    following: list[int] = []
    coming = end
    for place in reversed(places):
        following.append(coming)
        coming = coming if place is None else place
    return following[::-1]


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
