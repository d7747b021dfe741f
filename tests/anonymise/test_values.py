"""What prose has shown to be personal is replaced wherever it stands, code included; what only looks alike stays."""

from __future__ import annotations

import pytest

from sharelm.anonymise.conversation import find_conversation_spans
from sharelm.vocabulary import Role

PROSE = (
    "My server at 198.18.44.77 does not answer.",
    "Call me on +39 347 123 4567 tonight.",
    "My passport number is X4RTBPFW4.",
    "Pay to DE89 3704 0044 0532 0130 00 please.",
)
VALUES = ("198.18.44.77", "+39 347 123 4567", "X4RTBPFW4", "DE89 3704 0044 0532 0130 00")


def found(*texts: str) -> list[list[str]]:
    spans = find_conversation_spans(texts, [Role.USER] * len(texts), names=False)
    return [[text[span.start : span.end] for span in ones] for text, ones in zip(texts, spans, strict=True)]


@pytest.mark.parametrize(("prose", "value"), list(zip(PROSE, VALUES, strict=True)))
@pytest.mark.parametrize("code", ["```\nuse({})\n```", "see `{}` there", "```\nhttps://{}:8443/\n```", "and {} once more"])
def test_a_value_of_prose_is_found_in_every_message(prose: str, value: str, code: str) -> None:
    first, second = found(prose, code.format(value))
    assert value in first
    assert value in second


@pytest.mark.parametrize("near", ["198.18.44.770", "1198.18.44.77", "198.18.44.7", "0x198.18.44.77a"])
def test_a_part_of_something_longer_is_left_alone(near: str) -> None:
    assert found(PROSE[0], f"`{near}`")[1] == []


def test_code_alone_shows_nothing_to_be_personal() -> None:
    assert found("```\nlisten('198.18.44.77')\n```") == [[]]


def test_it_carries_nothing_to_another_conversation() -> None:
    assert found(PROSE[0]) == [["198.18.44.77"]]
    assert found("`198.18.44.77`") == [[]]


def test_many_values_take_time_with_the_text_only() -> None:
    numbers = [f"ID number AB{number:07d}X" for number in range(3_000)]
    first, second = found("\n".join(numbers), "`" + " ".join(number.split()[-1] for number in numbers) + "`")
    assert len(second) == len(first) == 3_000
