"""Which languages are written around a place in a text, told by small words; and whether a name is an everyday word there.

Cheap and rough: it is asked only where a name comes up that is a word of some language. For whole conversations there is `anonymise.language`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from sharelm.anonymise.detectors.person_lists import STRONG_FIRST, elsewhere, fold, signs, table

ENGLISH = "en"
LINE = 200
"""Characters before and after a place that say most about its language, as far as they stand on its line."""
TEXT = 1_000
"""Characters before and after it, whatever line, where its own line says nothing."""

SHARE = 0.4
"""Of the small words of the language that has most; kindred languages share theirs, and a text can be in several."""

# No letter of "I'm" and "Rae's" by itself.
_WORD = re.compile(r"[^\W\d_]{2,}|(?<![\w'’\\])[^\W\d_](?![\w'’])")
Counts = Mapping[str, int]


class Languages:
    """Of one text. Lives during one call; what was counted around one place is kept for the next ones."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._counted: dict[tuple[int, int], Counts] = {}

    def among(self, word: str, at: int) -> frozenset[str]:
        """The languages written around this place in which the word is an everyday one, marked as `elsewhere` marks them."""
        lower = word.lower()
        known = elsewhere()
        languages = known.get(lower) or known.get(fold(lower))
        if not languages:
            return frozenset()
        marks = ("", "!") if word != lower else ("", "!", "~")
        return languages.intersection(mark + language for language in self.written(at) for mark in marks)

    def written(self, at: int) -> Sequence[str]:
        """Languages with more small words around this place than English has; kindred ones share theirs."""
        counts = self._around(at)
        most = max(counts.values(), default=0)
        return [language for language, count in counts.items() if count > counts.get(ENGLISH, 0) and count >= SHARE * most]

    def is_english(self, at: int) -> bool:
        """Whether nothing speaks for another language more than for English."""
        counts = self._around(at)
        return not counts or counts.get(ENGLISH, 0) >= max(counts.values())

    def _around(self, at: int) -> Counts:
        start, end = _window(at, LINE)
        newline = self.text.find("\n", at, end)
        start, end = self.text.rfind("\n", start, at) + 1 or start, newline if newline >= 0 else end
        return self._count(start, end) or self._count(*_window(at, TEXT))

    def _count(self, start: int, end: int) -> Counts:
        region = (start, end)
        if region not in self._counted:
            self._counted[region] = _counted(self.text[start:end])
        return self._counted[region]


def _window(at: int, size: int) -> tuple[int, int]:
    """The same for places that are near each other, so that counting takes time with the text."""
    block = at // size * size
    return max(0, block - size), block + 2 * size


def _counted(text: str) -> Counts:
    words, letters = _by_sign()
    counts: Counter[str] = Counter()
    for match in _WORD.finditer(text):
        word = match[0]
        counts.update(words.get(word.lower(), ()))
        if not word.isascii() and word[0].islower():  # a foreign name does not make a text foreign
            counts.update({language for letter in word for language in letters.get(letter, ())})
    return counts


@cache
def _by_sign() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Small words and letters, each with its languages. What is a name without doubt says nothing."""
    written = signs()
    by_word: dict[str, tuple[str, ...]] = {}
    by_letter: dict[str, tuple[str, ...]] = {}
    for language, listed in written["words"].items():
        for word in dict.fromkeys(listed.split()):
            if not table().get(word, 0) & STRONG_FIRST:
                by_word[word] = (*by_word.get(word, ()), language)
    for language, listed in written["letters"].items():
        for letter in listed:
            by_letter[letter] = (*by_letter.get(letter, ()), language)
    return by_word, by_letter
