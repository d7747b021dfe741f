"""What a newly arrived copy makes of the copy that is kept. Pure: messages in, messages out.

A message is recognised by a keyed digest of its role and text, so that one whose text is long anonymised (and erased) keeps its stored form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sharelm.store.identity import Digest, identity
from sharelm.vocabulary import Conversation, Message, Role


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of the kept copy: its messages as they stand, and the measures of the copy as it was sent."""

    messages: Sequence[Message]
    rating: int | None
    message_count: int
    character_count: int
    sent_at: datetime | None
    revision: int
    is_rated_here: bool = False  # the whole; for single messages it stands in them


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
    before = [identity(message, digest) for message in kept.messages]
    now = [digest(message) for message in arrived.messages]
    if before == now:
        rated = tuple(_with_labels(old, new) for old, new in zip(kept.messages, arrived.messages, strict=True))
        return _if_different(kept, rated, arrived.rating, is_new_text=False)
    if not _is_fuller(kept, arrived):
        return None
    known = _by_text(before, kept.messages)
    messages = tuple(_known_form(known, key, new) or _fresh(new) for key, new in zip(now, arrived.messages, strict=True))
    return Merged(messages, _rating(kept, arrived.rating), is_new_text=True)


def merge_by_id(kept: Kept, arrived: Conversation, digest: Digest) -> Merged | None:
    """Our own clients name every message: merged by id, a missing one is never a deletion, an older revision changes nothing."""
    if arrived.revision < kept.revision:
        return None
    keys = [identity(message, digest) for message in kept.messages]
    new_keys = [digest(message) for message in arrived.messages]
    places = _places_of(kept.messages, keys, arrived.messages, new_keys)
    by_text = {key: [_unrated(message)] for key, message in zip(keys, kept.messages, strict=True)}
    merged = list(kept.messages)
    added: dict[int, list[Message]] = {}  # new messages, by the place of the kept one that they stand before
    is_new_text = False
    for new, key, place, before in zip(arrived.messages, new_keys, places, _next_places(places, len(merged)), strict=True):
        if place is not None and keys[place] == key:
            merged[place] = _with_labels(merged[place], new)
            continue
        is_new_text = True
        form = _known_form(by_text, key, new) or _fresh(new)
        if place is not None:
            merged[place] = _rated_as(merged[place], form)
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


def beside_path(messages: Sequence[Message], path: Sequence[int]) -> dict[int, list[list[int]]]:
    """The other versions (regenerated, edited) by the place on the path that they stand beside: each a list of places, from its first message on."""
    places: dict[str | None, int] = {message.id: place for place, message in enumerate(messages) if message.id is not None}
    step = {place: number for number, place in enumerate(path)}
    version_of: dict[int, int] = {}  # the first place of the version that a place belongs to
    versions: dict[int, list[int]] = {}
    for place in sorted(set(range(len(messages))) - set(path)):
        parent = _parent_place(messages, places, place)
        first = version_of[place] = version_of.get(parent, place) if parent is not None and parent < place else place
        versions.setdefault(first, []).append(place)
    beside: dict[int, list[list[int]]] = {}
    for first, members in versions.items():
        parent = _parent_place(messages, places, first)
        after = step.get(parent, -1) + 1 if parent is not None else 0
        beside.setdefault(path[min(after, len(path) - 1)], []).append(members)
    return beside


def without_last_turn(messages: Sequence[Message]) -> tuple[list[Message], list[Message]] | None:
    """What stays, and what goes with the last turn: the last message of the person on the shown path, the replies to it, other versions of both.

    None where it is the only turn: then there is a conversation to withdraw, not a turn to delete.
    """
    path = shown_path(messages)
    asked = [step for step, place in enumerate(path) if messages[place].role is Role.USER]
    if not asked or not any(messages[place].role in {Role.USER, Role.ASSISTANT} for place in path[: asked[-1]]):
        return None
    stay = _with_earlier_versions(messages, path, asked[-1])
    if [stay[step] for step in shown_path([messages[place] for place in stay])] != path[: asked[-1]]:
        stay = path[: asked[-1]]  # what is left says too little of who answers whom: only what was shown stays
    return [messages[place] for place in stay], [messages[place] for place in sorted(set(range(len(messages))) - set(stay))]


def _with_earlier_versions(messages: Sequence[Message], path: Sequence[int], end: int) -> list[int]:
    """The path up to `end` with the versions of what stands on it. The newest message makes the path, so versions that came later move before it."""
    last = path[end - 1]
    places: dict[str | None, int] = {message.id: place for place, message in enumerate(messages) if message.id is not None}
    if messages[last].parent_id not in places:  # its place in the order says what it follows: nothing may move before it
        return list(range(last + 1))
    earlier = [place for place in range(last + 1, len(messages)) if _joins_path(messages, places, path, place) < last]
    return [*range(last), *earlier, last]


def _joins_path(messages: Sequence[Message], places: dict[str | None, int], path: Sequence[int], place: int) -> int:
    """The place on the path from which a message goes off, or its own; -1 where it begins a conversation of its own."""
    on_path, seen = set(path), set[int]()
    at: int | None = place
    while at is not None and at >= 0 and at not in on_path and at not in seen:
        seen.add(at)
        at = _parent_place(messages, places, at)
    return at if at is not None and at in on_path else -1


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


def _by_text(keys: Sequence[str], messages: Sequence[Message]) -> dict[str, list[Message]]:
    """The kept messages by what they say, in order, and last a form for whoever says it once more: that one nobody has rated."""
    known: dict[str, list[Message]] = {}
    for key, message in zip(keys, messages, strict=True):
        known[key] = [*known.get(key, [])[:-1], message, _unrated(message)]
    return known


def _unrated(message: Message) -> Message:
    return replace(message, rating=None, is_rated_here=False)


def _known_form(known: dict[str, list[Message]], key: str, arrived: Message) -> Message | None:
    """The stored form of what arrived, with its labels; where the same was said several times, one after the other."""
    forms = known.get(key)
    return _with_labels(forms.pop(0) if len(forms) > 1 else forms[0], arrived) if forms else None


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
        rating=kept.rating if kept.is_rated_here else _thumb(kept.rating, arrived.rating),
        gap=arrived.gap,
    )


def _rated_as(before: Message, newer: Message) -> Message:
    """The newer text of one message; a rating that was given here stays with it."""
    return replace(newer, rating=before.rating, is_rated_here=True) if before.is_rated_here else newer


def _rating(kept: Kept, arrived: int | None) -> int | None:
    return kept.rating if kept.is_rated_here else _thumb(kept.rating, arrived)


def _thumb(kept: int | None, arrived: int | None) -> int | None:
    return kept if arrived is None else arrived or None


def _if_different(kept: Kept, messages: tuple[Message, ...], rating: int | None, *, is_new_text: bool) -> Merged | None:
    merged = Merged(messages, _rating(kept, rating), is_new_text)
    return None if merged.messages == tuple(kept.messages) and merged.rating == kept.rating else merged
