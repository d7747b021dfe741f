"""Which languages are written around a place in a text, told by small words; and whether a name is an everyday word there.

Cheap and rough: it is asked only where a name comes up that is a word of some language. For whole conversations there is `anonymise.language`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import filterfalse
from typing import NamedTuple

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
_WORD_IN_ASCII = re.compile(r"[a-z]+(?:(?<=[a-z][a-z])|(?<![\w'\\][a-z])(?![\w']))", re.ASCII)
Counts = Mapping[str, int]


class Languages:
    """Of one text. Lives during one call; what was counted around one place is kept for the next ones."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[tuple[int, int], _Spoken] = {}

    def among(self, word: str, at: int) -> frozenset[str]:
        """The languages written around this place in which the word is an everyday one, marked as `elsewhere` marks them."""
        lower = word.lower()
        known = elsewhere()
        languages = known.get(lower) or known.get(fold(lower))
        if not languages:
            return frozenset()
        spoken = self._around(at)
        return languages & (spoken.marked if word != lower else spoken.marked_small)

    def written(self, at: int) -> frozenset[str]:
        """Languages with more small words around this place than English has."""
        return self._around(at).languages

    def is_english(self, at: int) -> bool:
        """Whether nothing speaks for another language more than for English."""
        counts = self._around(at).counts
        return not counts or counts.get(ENGLISH, 0) >= max(counts.values())

    def _around(self, at: int) -> _Spoken:
        start, end = _window(at, LINE)
        newline = self.text.find("\n", at, end)
        line = self._in((self.text.rfind("\n", start, at) + 1 or start, newline if newline >= 0 else end))
        return line if line.counts else self._in(_window(at, TEXT))

    def _in(self, region: tuple[int, int]) -> _Spoken:
        if region not in self._known:
            self._known[region] = _spoken(self.text[slice(*region)])
        return self._known[region]


class _Spoken(NamedTuple):
    """What was counted around one place, and what follows from it."""

    counts: Counts
    languages: frozenset[str]
    marked: frozenset[str]
    marked_small: frozenset[str]


def _spoken(text: str) -> _Spoken:
    counts = _counted(text)
    most = max(counts.values(), default=0)
    least = max(counts.get(ENGLISH, 0) + 1, SHARE * most)
    languages = frozenset([language for language, count in counts.items() if count >= least] if most >= least else ())
    if not languages:
        return _Spoken(counts, languages, languages, languages)
    marked = languages.union(f"!{language}" for language in languages)
    return _Spoken(counts, languages, marked, marked.union(f"~{language}" for language in languages))


def _window(at: int, size: int) -> tuple[int, int]:
    """The same for places that are near each other, so that counting takes time with the text."""
    block = at // size * size
    return max(0, block - size), block + 2 * size


def _counted(text: str) -> Counts:
    """Word by word would take longer than all else that is done with most texts."""
    words, letters = _by_sign()
    counts: dict[str, int] = {}
    found = _WORD_IN_ASCII.findall(text.lower()) if text.isascii() else _WORD.findall(text)
    for languages in filter(None, map(words.get, found if text.isascii() else map(str.lower, found))):
        for language in languages:
            counts[language] = counts.get(language, 0) + 1
    for word in () if text.isascii() else filterfalse(str.isascii, found):
        if word[0].islower():  # a foreign name does not make a text foreign
            for language in {language for letter in word for language in letters.get(letter, ())}:
                counts[language] = counts.get(language, 0) + 1
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
