"""What marks an anonymised conversation for whoever reviews it. Pure; a mark decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sharelm.vocabulary import Message, Role

NOT_IN_TURN = "not-in-turn"
FEW_TURNS = "few-turns"
FLOOD = "flood"


def find_marks(messages: Sequence[Message], *, min_turns: int, is_flood: bool) -> list[str]:
    """`is_flood`: its contributor gave very much within a day."""
    roles = [message.role for message in messages if message.role in {Role.USER, Role.ASSISTANT}]
    found = {
        NOT_IN_TURN: not takes_turns(roles),
        FEW_TURNS: count_turns(roles) < min_turns,
        FLOOD: is_flood,
    }
    return [mark for mark, is_so in found.items() if is_so]


def takes_turns(roles: Sequence[Role]) -> bool:
    """The person begins, then both speak by turns."""
    return all(role is (Role.ASSISTANT if place % 2 else Role.USER) for place, role in enumerate(roles))


def count_turns(roles: Sequence[Role]) -> int:
    """Questions that were answered: a user message with a reply to it."""
    return sum(first is Role.USER and second is Role.ASSISTANT for first, second in pairwise(roles))
