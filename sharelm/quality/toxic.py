"""Whether a conversation is toxic, by short lists of our own of what insults, degrades or threatens people, one for each language.

It is a mark in the dataset and nothing is left out for it, so the lists are short: words that hardly mean anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import normalize

LISTS = Path(__file__).with_name("toxic_words")
MOST_CHARACTERS = 400_000  # of one conversation
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class WordList:
    """Single words, and phrases of several by their first word."""

    words: frozenset[str]
    phrases: frozenset[str]


def is_toxic(texts: Iterable[str], language: str | None) -> bool | None:
    """None where no list says anything about the language: what was not found in it may be there all the same."""
    lists = [word_list(language)] if language in languages() else [word_list(code) for code in languages()] if language is None else []
    said = [_words(text) for text in _beginning(texts)] if lists else []
    if any(not found.isdisjoint(one.words) or _has_phrase(line, one.phrases) for one in lists for found, line in said):
        return True
    return None if language is None or not lists else False


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in LISTS.glob("*.txt")))


@cache
def word_list(language: str) -> WordList:
    entries = (LISTS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    folded = [" ".join(WORD.findall(_folded(entry))) for entry in entries if entry.strip()]
    return WordList(frozenset(entry for entry in folded if " " not in entry), frozenset(f" {entry} " for entry in folded if " " in entry))


def _words(text: str) -> tuple[set[str], str]:
    words = WORD.findall(_folded(text))
    return set(words), f" {' '.join(words)} "


def _has_phrase(line: str, phrases: frozenset[str]) -> bool:
    return any(phrase in line for phrase in phrases)


def _folded(text: str) -> str:
    """However it is typed: full-width letters, accents as signs of their own, and hyphens that nobody sees within a word."""
    return normalize("NFKC", text).translate(UNSEEN).casefold().replace("’", "'")


def _beginning(texts: Iterable[str]) -> Iterable[str]:
    left = MOST_CHARACTERS
    for text in texts:
        if left <= 0:
            return
        yield text[:left]
        left -= len(text)
