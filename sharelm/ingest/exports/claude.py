"""Claude: `conversations.json`; messages name their parents, and no model is named anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.ingest.exports.draft import EARLIEST, Draft, Json, Node, dict_of, list_of, moment_of, text_of, word_of
from sharelm.vocabulary import Role

NAME = PLATFORM = "claude"
MAX_DEPTH = 64
ROOT = "00000000-0000-4000-8000-000000000000"
ROLES = {"human": Role.USER, "assistant": Role.ASSISTANT}


def fits(element: Json) -> bool:
    return isinstance(element.get("chat_messages"), list)


def read(element: Json) -> Iterator[Draft]:
    messages = [dict_of(one) for one in list_of(element.get("chat_messages"))]
    keys = [word_of(message.get("uuid")) or f"#{place}" for place, message in enumerate(messages)]
    # Older exports name no parents: one message follows the other.
    is_tree = not set(keys).isdisjoint(word_of(message.get("parent_message_uuid")) for message in messages)
    nodes: list[Node] = []
    for key, message in zip(keys, messages, strict=True) if is_tree else _by_time(keys, messages):
        before = nodes[-1].id if nodes else None
        parent = word_of(message.get("parent_message_uuid")) if is_tree and "parent_message_uuid" in message else before
        role = ROLES.get(str(message.get("sender")))
        nodes.append(Node(key, None if parent == ROOT else parent, role, _said(message), sent_at=moment_of(message.get("created_at"))))
    yield Draft(
        nodes=nodes,
        native_id=word_of(element.get("uuid")),
        leaf=word_of(element.get("current_leaf_message_uuid")),
        changed_at=moment_of(element.get("updated_at")) or moment_of(element.get("created_at")),
    )


def _by_time(keys: list[str], messages: list[Json]) -> list[tuple[str, Json]]:
    """As they stand, unless all of them say when they were written."""
    told = [(moment_of(message.get("created_at")), key, message) for key, message in zip(keys, messages, strict=True)]
    in_order = sorted(told, key=lambda one: one[0] or EARLIEST) if all(at for at, _, _ in told) else told
    return [(key, message) for _, key, message in in_order]


def _said(message: Json) -> str:
    """Blocks of text only: not what was thought, searched, or attached. `text` is what older exports have in their place."""
    blocks = [dict_of(block) for block in list_of(message.get("content"))]
    if not blocks:
        return text_of(message.get("text"))
    return "\n\n".join(text for block in blocks if block.get("type") == "text" and (text := text_of(block.get("text"))).strip())
