from __future__ import annotations

import pytest

from sharelm.quality.marks import FEW_TURNS, FLOOD, NOT_IN_TURN, find_marks
from sharelm.vocabulary import Message, Role

ROLES = {"u": Role.USER, "a": Role.ASSISTANT, "s": Role.SYSTEM, "t": Role.TOOL}


def talk(letters: str) -> list[Message]:
    return [Message(ROLES[letter], "text") for letter in letters]


@pytest.mark.parametrize(
    ("letters", "least", "expected"),
    [
        ("ua", 1, []),
        ("suaua", 1, []),
        ("uatua", 1, []),
        ("uaau", 1, [NOT_IN_TURN]),
        ("uua", 1, [NOT_IN_TURN]),
        ("aua", 1, [NOT_IN_TURN]),
        ("uau", 1, []),
        ("ua", 2, [FEW_TURNS]),
        ("uaua", 2, []),
        ("uauu", 2, [NOT_IN_TURN, FEW_TURNS]),
        ("u", 1, [FEW_TURNS]),
        ("", 1, [FEW_TURNS]),
    ],
)
def test_it_says_what_is_unusual_in_the_course_of_a_conversation(letters: str, least: int, expected: list[str]) -> None:
    assert find_marks(talk(letters), min_turns=least, is_flood=False) == expected


def test_a_flood_is_a_mark_beside_others() -> None:
    assert find_marks(talk("aua"), min_turns=1, is_flood=True) == [NOT_IN_TURN, FLOOD]
