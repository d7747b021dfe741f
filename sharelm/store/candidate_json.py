"""How a conversation that waits in an export is stored: what was said in one text, to be searched, and all else beside it as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from sharelm.store.types import EPOCH, from_micros, to_micros
from sharelm.vocabulary import Conversation, Message, Role

TEXTS_BETWEEN = "\x1e"  # between what two messages say; no text holds it


def candidate_row(conversation: Conversation, *, client_digest: bytes, shown: list[int]) -> dict[str, Any]:
    """The row, but for its export. `shown` are the places of the messages on the shown path."""
    return {
        "conversation_id": conversation.conversation_id,
        "client_digest": client_digest,
        "at": conversation.sent_at or EPOCH,
        "message_count": len(shown),
        "character_count": sum(len(message.content) for message in conversation.messages),
        "model": conversation.model,
        "facts": json.dumps(_facts(conversation), ensure_ascii=False, separators=(",", ":")),
        "texts": TEXTS_BETWEEN.join(message.content for message in conversation.messages),
    }


def load_conversation(row: Row[Any], conversation_id: str) -> Conversation:
    """What was stored, the same as it was."""
    facts = json.loads(row.facts)
    said = row.texts.split(TEXTS_BETWEEN)
    return Conversation(
        conversation_id=conversation_id,
        messages=tuple(_message(mark, text) for mark, text in zip(facts["messages"], said, strict=True)),
        source=facts["source"],
        platform=facts["platform"],
        model=facts["model"],
        sent_at=_moment(facts["sent_at"]),
        revision=facts["revision"],
    )


def _facts(conversation: Conversation) -> dict[str, Any]:
    return {
        "source": conversation.source,
        "platform": conversation.platform,
        "model": conversation.model,
        "sent_at": _micros(conversation.sent_at),
        "revision": conversation.revision,
        "messages": [_mark(message) for message in conversation.messages],
    }


def _mark(message: Message) -> list[Any]:
    return [message.role, message.id, message.parent_id, message.model, _micros(message.sent_at), message.rating, message.gap]


def _message(mark: list[Any], text: str) -> Message:
    role, own_id, parent_id, model, sent_at, rating, gap = mark
    found = Message(Role(role), text, own_id, parent_id, model, _moment(sent_at), rating)
    return replace(found, gap=True) if gap else found


def _micros(moment: datetime | None) -> int | None:
    return to_micros(moment) if moment else None


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
