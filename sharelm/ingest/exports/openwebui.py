"""Open WebUI: a list of chats, each with a tree of messages; reasoning and tool calls stand as `<details>` in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.ingest.exports.draft import Draft, Json, Node, dict_of, list_of, moment_of, text_of, text_of_parts, thumb_of, word_of
from sharelm.vocabulary import Role

NAME = PLATFORM = "openwebui"
MAX_DEPTH = 64
ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
OPENING = re.compile(r"<details\b[^>]*>", re.IGNORECASE)
EITHER = re.compile(r"<details\b[^>]*>|</details\s*>", re.IGNORECASE)
HIDDEN = re.compile(r"""\btype\s*=\s*["']?(?:reasoning|tool_calls|code_interpreter)\b""", re.IGNORECASE)


def fits(element: Json) -> bool:
    return isinstance(dict_of(dict_of(element.get("chat")).get("history")).get("messages"), dict)


def read(element: Json) -> Iterator[Draft]:
    chat = dict_of(element.get("chat"))
    history = dict_of(chat.get("history"))
    messages = dict_of(history.get("messages"))
    models = list_of(chat.get("models"))
    usual = word_of(models[0]) if models else None
    yield Draft(
        nodes=[_node(key, dict_of(message), usual) for key, message in messages.items()],
        native_id=word_of(element.get("id")),
        leaf=word_of(history.get("currentId")),
        model=usual,
        changed_at=moment_of(element.get("updated_at")) or moment_of(element.get("created_at")),
    )


def _node(key: str, message: Json, usual: str | None) -> Node:
    role = ROLES.get(str(message.get("role")))
    is_answer = role is Role.ASSISTANT
    content = message.get("content")
    said = text_of_parts(content) if isinstance(content, list) else text_of(content)
    return Node(
        key,
        word_of(message.get("parentId")),
        role,
        without_hidden(said) if is_answer else said,
        (word_of(message.get("model")) or usual) if is_answer else None,
        moment_of(message.get("timestamp")),
        thumb_of(dict_of(message.get("annotation")).get("rating")),
    )


def without_hidden(text: str) -> str:
    """The text without details that hold reasoning or tool calls, others within them included; one that never ends goes to the end."""
    kept, at = [], 0
    while (opening := OPENING.search(text, at)) is not None:
        if not HIDDEN.search(opening[0]):
            kept.append(text[at : opening.end()])
            at = opening.end()
            continue
        kept.append(text[at : opening.start()])
        at = _end_of_details(text, opening.end())
    return "".join([*kept, text[at:]]).strip()


def _end_of_details(text: str, at: int) -> int:
    depth = 1
    for tag in EITHER.finditer(text, at):
        depth += -1 if tag[0].startswith("</") else 1
        if depth == 0:
            return tag.end()
    return len(text)
