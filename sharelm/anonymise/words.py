"""Where in a text given words stand, each as a whole: fast, where they are few, because Python looks for them itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

FEW = 30
"""Beyond, looking at every word is faster than looking for each."""


def places_of(words: Collection[str], text: str, pattern: re.Pattern[str], is_part: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """(start, word) in the order of the text. `pattern` matches every word of the text, `is_part` is true of the signs that make one."""
    if len(words) > FEW:
        return ((match.start(), match[0]) for match in pattern.finditer(text) if match[0] in words)
    return iter(sorted((start, word) for word in words for start in _places_of(word, text, is_part)))


def _places_of(word: str, text: str, is_part: Callable[[str], bool]) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (start and is_part(text[start - 1])) and not is_part(text[end : end + 1]):
            yield start
        start = text.find(word, end)
