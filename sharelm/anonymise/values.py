"""Carries every number, address or date that was found through the whole conversation, code included, wherever it stands in the same letters.

Few detectors look into code, which is full of what only looks personal; what prose has shown to be personal is so there, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sharelm.anonymise.detectors.person import ENTITY_TYPE as PERSON
from sharelm.anonymise.words import places_of
from sharelm.vocabulary import PiiSpan

SHORTEST = 6  # characters; shorter ones stand for other things, too
LONGEST = 500  # and to compare longer ones at every place would take time with the square of the text
MAX_SHAPES = 40  # of values that begin with the same word
FEW = 100
"""Of that many words each is looked for by itself first, which is faster than looking at every word."""
_WORD = re.compile(r"\w+")


class Values:
    """What is looked for in one conversation: found values with a digit in them. Lives during one call."""

    def __init__(self, found: Iterable[tuple[str, str]]) -> None:
        """`found` are (value, entity type)."""
        # First word → (letters before it, letters in all) → value → entity type: to look a value up takes one slice for each length.
        self._by_word: dict[str, dict[tuple[int, int], dict[str, str]]] = {}
        for value, entity_type in found:
            first = _WORD.search(value)
            if first and entity_type != PERSON and SHORTEST <= len(value) <= LONGEST and any(letter.isdigit() for letter in value):
                shapes = self._by_word.setdefault(first[0], {})
                shape = (first.start(), len(value))
                if shape in shapes or len(shapes) < MAX_SHAPES:
                    shapes.setdefault(shape, {}).setdefault(value, entity_type)

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Word by word, so it takes time with the text, not with the text times the values."""
        there = {word for word in self._by_word if word in text} if len(self._by_word) <= FEW else set(_WORD.findall(text)) & self._by_word.keys()
        for place, word in places_of(there, text, _WORD, _is_part_of_word):
            for (ahead, length), values in self._by_word[word].items():
                start, end = place - ahead, place - ahead + length
                entity_type = values.get(text[start:end]) if start >= 0 else None
                if entity_type is not None and not _goes_on(text, start, end):
                    yield PiiSpan(start, end, entity_type)


def _is_part_of_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether the value is only a part of a longer word or number there."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isalnum() and text[start].isalnum()) or (after.isalnum() and text[end - 1].isalnum())
