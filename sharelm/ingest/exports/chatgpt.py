"""ChatGPT: `conversations.json`, since 2026 `conversations-000.json` and so on; a tree of messages, the newest of the shown path named."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.ingest.exports.draft import Draft, Json, Node, Unreadable, dict_of, list_of, moment_of, text_of, word_of
from sharelm.vocabulary import Role

NAME = PLATFORM = "chatgpt"
MAX_DEPTH = 64
SPOKEN = ("text", "multimodal_text")  # not thoughts, custom instructions, code for tools and what tools answered
ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}


def fits(element: Json) -> bool:
    return isinstance(element.get("mapping"), dict)


def read(element: Json) -> Iterator[Draft]:
    mapping = dict_of(element.get("mapping"))
    if not mapping:
        raise Unreadable
    usual = word_of(element.get("default_model_slug"))
    entries = {key: entry for key, entry in mapping.items() if isinstance(entry, dict)}
    # Told from both sides: one of them may be missing.
    parents = {child: key for key, entry in entries.items() for child in map(word_of, list_of(entry.get("children")))}
    yield Draft(
        nodes=[_node(key, entry, word_of(entry.get("parent")) or parents.get(key), usual) for key, entry in entries.items()],
        native_id=word_of(element.get("conversation_id")) or word_of(element.get("id")),
        leaf=word_of(element.get("current_node")),
        model=usual,
        changed_at=moment_of(element.get("update_time")) or moment_of(element.get("create_time")),
    )


def _node(key: str, entry: Json, parent: str | None, usual: str | None) -> Node:
    message = dict_of(entry.get("message"))
    role = ROLES.get(str(dict_of(message.get("author")).get("role")))
    content, metadata = dict_of(message.get("content")), dict_of(message.get("metadata"))
    if role is None or not _is_shown(message, content, metadata):
        return Node(key, parent, None, "")
    said = "\n\n".join(text for part in list_of(content.get("parts")) if (text := text_of(part)).strip())
    model = (word_of(metadata.get("model_slug")) or usual) if role is Role.ASSISTANT else None
    return Node(key, parent, role, said, model, moment_of(message.get("create_time")))


def _is_shown(message: Json, content: Json, metadata: Json) -> bool:
    is_hidden = metadata.get("is_visually_hidden_from_conversation") or metadata.get("is_user_system_message")
    is_for_all = message.get("recipient") in (None, "all") and message.get("channel") in (None, "final")
    return not is_hidden and is_for_all and content.get("content_type") in SPOKEN
