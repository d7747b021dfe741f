"""OpenAI's files for fine-tuning: one `messages` on each line, or a preference with the answer that was liked and the one that was not."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.ingest.exports.draft import Draft, Json, Node, dict_of, list_of, text_of, text_of_parts, word_of
from sharelm.ingest.exports.in_order import ROLES, in_order
from sharelm.vocabulary import Role

NAME = "openai"
PLATFORM = None
MAX_DEPTH = 64


def fits(element: Json) -> bool:
    messages = element["messages"] if "messages" in element else dict_of(element.get("input")).get("messages")
    return isinstance(messages, list) and all(isinstance(message, dict) and "role" in message for message in messages[:3])


def read(element: Json) -> Iterator[Draft]:
    """The answer that was not liked stands beside the path, as a regenerated one does."""
    preferred = list_of(element.get("preferred_output"))
    asked = list_of(element.get("messages")) or list_of(dict_of(element.get("input")).get("messages"))
    model = word_of(element.get("model"))
    nodes = in_order(map(_said, [*asked, *preferred]), model=model)
    beside = [text for role, text in map(_said, list_of(element.get("non_preferred_output"))) if role is Role.ASSISTANT]
    if asked and beside:
        nodes.append(Node("beside", str(len(asked) - 1), Role.ASSISTANT, "\n\n".join(beside), model))
    shown = [node for node in nodes if node.id != "beside"]
    yield Draft(nodes=nodes, native_id=None, leaf=shown[-1].id if shown else None, model=model)


def _said(entry: object) -> tuple[Role | None, str]:
    """Content is a text, or parts of which some are text. Messages with tool calls say nothing, and tools are left out by their role."""
    message = dict_of(entry)
    content = message.get("content")
    return ROLES.get(str(message.get("role"))), text_of_parts(content) if isinstance(content, list) else text_of(content)
