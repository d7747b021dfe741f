"""Chatbot UI, version 1 to 4: one object with all conversations in `history`, each a plain list of messages without times."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.ingest.exports.draft import Draft, Json, dict_of, list_of, text_of, word_of
from sharelm.ingest.exports.in_order import ROLES, in_order

NAME = PLATFORM = "chatbotui"
MAX_DEPTH = 64


def fits(element: Json) -> bool:
    is_ours = isinstance(element.get("model"), dict) or ("name" in element and ("folderId" in element or "prompt" in element))
    return isinstance(element.get("messages"), list) and is_ours and "conversationId" not in element


def read(element: Json) -> Iterator[Draft]:
    named = dict_of(element.get("model"))
    model = word_of(named.get("id")) or word_of(named.get("name"))
    messages = [dict_of(message) for message in list_of(element.get("messages"))]
    said = [(ROLES.get(str(message.get("role"))), text_of(message.get("content"))) for message in messages]
    yield Draft(nodes=in_order(said, model=model), native_id=word_of(element.get("id")), model=model)
