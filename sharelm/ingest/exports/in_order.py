"""Conversations that are plain lists: each entry follows the one before it, and its number is its id."""

from __future__ import annotations

from collections.abc import Iterable

from sharelm.ingest.exports.draft import Node
from sharelm.vocabulary import Role

ROLES = {"user": Role.USER, "human": Role.USER, "assistant": Role.ASSISTANT, "gpt": Role.ASSISTANT, "chatgpt": Role.ASSISTANT, "bing": Role.ASSISTANT,
         "bard": Role.ASSISTANT, "model": Role.ASSISTANT}  # fmt: skip


def in_order(said: Iterable[tuple[Role | None, str]], *, model: str | None = None) -> list[Node]:
    nodes: list[Node] = []
    for place, (role, text) in enumerate(said):
        answers = model if role is Role.ASSISTANT else None
        nodes.append(Node(str(place), nodes[-1].id if nodes else None, role, text, answers))
    return nodes
