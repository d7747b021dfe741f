"""What a source makes of one of its rows: a conversation, a pair of answers that somebody compared, or the reason why it makes none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sharelm.vocabulary import Role

Said = tuple[Role, str]
"""A message: who speaks, and what."""


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation in the words of the release schema: `timestamp` in microseconds, `extra` becomes JSON; `licence` if not the source's."""

    conversation_id: str
    messages: Sequence[Said]
    model_name: str | None = None
    user_id: str | None = None
    timestamp: int | None = None
    language: str | None = None
    toxic: bool | None = None
    redacted: bool | None = None
    rate: int | None = None
    title: str | None = None
    custom_instruction: str | None = None
    status: str | None = None
    location: str | None = None
    age: str | None = None
    gender: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ways in which a conversation went on, of which one was preferred; `margin` is by how much, in the source's own points."""

    conversation_id: str
    prompt: Sequence[Said]
    chosen: Sequence[Said]
    rejected: Sequence[Said]
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The row is well formed and gives no conversation, or no pair."""

    reason: str
    is_pair: bool = False


Item = Found | Pair | LeftOut

EMPTY_CONVERSATION = "empty conversation"
EMPTY_MESSAGE = "empty message"
ONE_SIDED = "one-sided"
DUPLICATE = "duplicate"


def obstacle_of(messages: Sequence[Said]) -> str | None:
    """Why this is no conversation between a person and a model; None if it is one."""
    if not messages:
        return EMPTY_CONVERSATION
    if not all(content.strip() for _, content in messages):
        return EMPTY_MESSAGE
    roles = {role for role, _ in messages}
    return None if {Role.USER, Role.ASSISTANT} <= roles else ONE_SIDED


def obstacle_of_pair(pair: Pair) -> str | None:
    """Why nobody can learn a preference from it."""
    if not pair.prompt:
        return "no common prompt"
    if not (pair.chosen and pair.rejected):
        return "nothing to compare"
    if not all(content.strip() for side in (pair.prompt, pair.chosen, pair.rejected) for _, content in side):
        return EMPTY_MESSAGE
    if pair.chosen[-1][0] is not Role.ASSISTANT or pair.rejected[-1][0] is not Role.ASSISTANT:
        return "does not end with an answer"
    return "no difference" if list(pair.chosen) == list(pair.rejected) else None
