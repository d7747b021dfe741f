"""The JSON form of messages in the conversation table.

A list of objects with `role`, `content` and what else is known. In `pending`, a message that is already anonymised has a `digest`
and no `content`: its text stands in `messages` or `branches`. `n` is its place in the whole conversation, where branches exist.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import to_json

from sharelm.store.types import from_micros, to_micros
from sharelm.vocabulary import Message, Role


def dump_messages(messages: Iterable[Message]) -> str:
    """Messages at rest: each with its content, numbered by their place."""
    return _dump([_element(message, place) for place, message in enumerate(messages)])


def dump_placed(messages: Iterable[tuple[int, Message]]) -> str:
    """Some messages of a conversation, each with its place in the whole."""
    return _dump([_element(message, place) for place, message in messages])


def dump_pending(messages: Iterable[Message]) -> str:
    """Messages on their way to the anonymiser; text that is anonymised already is not written twice."""
    elements = [_element(message, place) for place, message in enumerate(messages)]
    for element in elements:
        if "digest" in element:
            del element["content"]
    return _dump(elements)


def load_messages(*columns: str | None) -> list[Message]:
    """The messages of one or more columns in the order of the conversation."""
    elements = [element for column in columns if column for element in json.loads(column)]
    elements.sort(key=lambda element: element.get("n", 0))
    return [_message(element) for element in elements]


def load_placed(column: str) -> list[tuple[int, Message]]:
    """The messages of one column with their places in the whole conversation."""
    return [(element.get("n", 0), _message(element)) for element in json.loads(column)]


def load_current(pending: str | None, messages: str | None, branches: str | None) -> list[Message]:
    """The newest copy of a conversation: pending messages, the known ones in their anonymised form."""
    kept = load_messages(messages, branches)
    if pending is None:
        return kept
    by_digest = {message.digest: message for message in kept}
    return [_with_kept_text(message, by_digest) for message in load_messages(pending)]


def load_content_opening(opening: str | None) -> str | None:
    """The first content in the opening characters of a column, as far as they go; None if there is none."""
    _, found, rest = (opening or "").partition('"content":"')
    if not found:
        return None
    text = rest
    for end in range(len(rest)):
        if rest[end] == '"' and not _is_escaped(rest, end):
            text = rest[:end]
            break
    return _unescape(text)


def _with_kept_text(message: Message, by_digest: Mapping[str | None, Message]) -> Message:
    kept = by_digest.get(message.digest) if message.digest else None
    return replace(message, content=kept.content, redactions=kept.redactions) if kept else message


def _element(message: Message, place: int) -> dict[str, Any]:
    element: dict[str, Any] = {"role": message.role, "content": message.content, "n": place}
    if message.rating:  # 0 takes a rating back: there is none
        element["rating"] = message.rating
    for name in ("id", "parent_id", "model", "digest", "sent_digest"):
        value = getattr(message, name)
        if value is not None:
            element[name] = value
    if message.sent_at is not None:
        element["sent_at"] = to_micros(message.sent_at)
    if message.gap:
        element["gap"] = True
    if message.is_rated_here:
        element["is_rated_here"] = True
    if message.redactions:
        element["redactions"] = message.redactions
    return element


def _message(element: Mapping[str, Any]) -> Message:
    sent_at = element.get("sent_at")
    return Message(
        role=Role(element["role"]),
        content=element.get("content", ""),
        id=element.get("id"),
        parent_id=element.get("parent_id"),
        model=element.get("model"),
        sent_at=from_micros(sent_at) if sent_at is not None else None,
        rating=element.get("rating"),
        gap=element.get("gap", False),
        digest=element.get("digest"),
        redactions=element.get("redactions", 0),
        sent_digest=element.get("sent_digest"),
        is_rated_here=element.get("is_rated_here", False),
    )


def _dump(elements: Sequence[Mapping[str, Any]]) -> str:
    return to_json(elements).decode()


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def _unescape(text: str) -> str:
    """Decode a JSON string's inside that may be cut in the middle of an escape."""
    for cut in range(7):
        try:
            decoded: str = json.loads(f'"{text[: len(text) - cut]}"')
        except json.JSONDecodeError:
            continue
        return decoded
    return ""
