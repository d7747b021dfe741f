"""Messages as datasets write them: other words for the same roles, texts in typed parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sharelm.collection.fields import list_of, mapping_of, text_of
from sharelm.collection.found import Said
from sharelm.vocabulary import Role

ROLES = {
    "user": Role.USER,
    "human": Role.USER,
    "prompter": Role.USER,
    "assistant": Role.ASSISTANT,
    "gpt": Role.ASSISTANT,
    "chatgpt": Role.ASSISTANT,
    "model": Role.ASSISTANT,
    "bot": Role.ASSISTANT,
    "bing": Role.ASSISTANT,
    "bard": Role.ASSISTANT,
    "system": Role.SYSTEM,
    "tool": Role.TOOL,
}


def role_of(word: Any) -> Role:
    role = ROLES.get(text_of(word).strip().lower())
    if role is None:
        raise ValueError("an unknown role")
    return role


def flat_text(content: Any) -> str:
    """A text, the texts of typed parts (pictures and files are not published), or "" where there is none."""
    if content is None:
        return ""
    if isinstance(content, list):
        parts = (mapping_of(part) if not isinstance(part, str) else {"text": part} for part in content)
        return "\n".join(text_of(part["text"]) for part in parts if part.get("type") in {"text", None} and part.get("text"))
    return text_of(content)


def messages_of(value: Any, role: str = "role", content: str = "content") -> list[Said]:
    """A list of messages by the names of their two keys. A system message without a text says nothing and is not there."""
    said = [(role_of(message[role]), flat_text(message.get(content))) for message in map(mapping_of, list_of(value))]
    return [(who, text) for who, text in said if text.strip() or who is not Role.SYSTEM]


def common_prefix(one: list[Said], other: list[Said]) -> int:
    """How many messages both begin with."""
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other)))


def joined(said: Iterable[Said], mark: str = "\n") -> list[Said]:
    """Neighbours of one role become one message."""
    found: list[Said] = []
    for role, text in said:
        if found and found[-1][0] is role:
            found[-1] = role, f"{found[-1][1]}{mark}{text}"
        else:
            found.append((role, text))
    return found
