"""One conversation and its messages as its owner gets them, the same through the API and in a download."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from sharelm.vocabulary import Message, Stage


def summary(row: Row[Any]) -> dict[str, Any]:
    """On the wire a withdrawn conversation is at stage `withdrawn`, which is a mark and not a stage in here."""
    is_withdrawn = row.withdrawn_at is not None
    return {
        "conversation_id": row.client_id,
        "public_id": row.public_id,
        "stage": "withdrawn" if is_withdrawn else row.stage,
        "anonymised": row.stage != Stage.RECEIVED,
        "model": None if is_withdrawn else row.model,
        "platform": None if is_withdrawn else row.platform,
        "page_host": None if is_withdrawn else row.page_host,
        "source": row.source,
        "message_count": 0 if is_withdrawn else row.message_count,
        "rating": None if is_withdrawn else row.rating,
        "received_at": iso(row.received_at),
        "changed_at": iso(row.changed_at),
        "releasable_at": None if is_withdrawn else iso(row.releasable_at),
        "first_release": row.first_release,
        "withdrawn_at": iso(row.withdrawn_at),
    }


def conversation_facts(row: Row[Any], messages: Iterable[Message]) -> dict[str, Any]:
    """The whole: what the list says of it, and its messages."""
    return {**summary(row), "messages": [message_facts(message) for message in messages]}


def whole_facts(
    row: Row[Any], messages: Sequence[Message], *, keys: Sequence[str], shown: Collection[int], reasons: Mapping[str, str]
) -> dict[str, Any]:
    """As `conversation_facts`, with all that its owner gave: other versions (not `shown`), and the reasons of ratings, by the messages' `keys`."""
    said = [
        {**message_facts(message), "shown": place in shown, "reason": reasons.get(key)}
        for place, (message, key) in enumerate(zip(messages, keys, strict=True))
    ]
    return {**summary(row), "reason": reasons.get(""), "messages": said}


def message_facts(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role,
        "content": message.content,
        "gap": message.gap,
        "model": message.model,
        "timestamp": iso(message.sent_at),
        "rating": message.rating,
        "redactions": message.redactions,
        "anonymised": message.digest is not None,
    }


def iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None
