"""LibreChat: one conversation in a file, its messages in a list or nested as children. It does not say which branch is shown: the newest."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.ingest.exports.draft import Draft, Json, Node, dict_of, list_of, moment_of, text_of, word_of
from sharelm.vocabulary import Role

NAME = PLATFORM = "librechat"
MAX_DEPTH = 5_000  # two levels for each message of a branch, as replies lie within what they answer
ROOT = "00000000-0000-0000-0000-000000000000"


def fits(element: Json) -> bool:
    return "conversationId" in element and any(isinstance(element.get(name), list) for name in ("messages", "messagesTree"))


def read(element: Json) -> Iterator[Draft]:
    usual = word_of(dict_of(element.get("options")).get("model"))
    roots = list_of(element.get("messages")) or list_of(element.get("messagesTree"))
    nodes = list(_walk(roots, usual))
    yield Draft(
        nodes=nodes,
        native_id=word_of(element.get("conversationId")),
        model=usual,
        shows_newest_child=True,
        changed_at=max((node.sent_at for node in nodes if node.sent_at), default=None),
    )


def _walk(roots: list[object], usual: str | None) -> Iterator[Node]:
    """Parents before children, without recursion: the tree is as deep as the conversation is long."""
    waiting: list[tuple[Json, str | None]] = [(dict_of(root), None) for root in reversed(roots)]
    count = 0
    while waiting:
        message, above = waiting.pop()
        count += 1
        node = _node(message, f"#{count}", word_of(message.get("parentMessageId")) or above, usual)
        yield node
        waiting += [(dict_of(child), node.id) for child in reversed(list_of(message.get("children")))]


def _node(message: Json, place: str, parent: str | None, usual: str | None) -> Node:
    is_asked = message.get("isCreatedByUser") is True or message.get("sender") == "User"
    key = word_of(message.get("messageId")) or place
    model = None if is_asked else word_of(message.get("model")) or usual
    role = Role.USER if is_asked else Role.ASSISTANT
    return Node(key, None if parent == ROOT else parent, role, _said(message), model, moment_of(message.get("createdAt")))


def _said(message: Json) -> str:
    """`content` is a list of parts where a model thinks or calls tools; only its text is said."""
    if message.get("error") is True:
        return ""
    parts = [dict_of(part) for part in list_of(message.get("content"))]
    texts = [text_of(part.get("text")) or text_of(dict_of(part.get("text")).get("value")) for part in parts if part.get("type") == "text"]
    return "\n\n".join(text for text in texts if text.strip()) or text_of(message.get("text"))
