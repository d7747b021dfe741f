"""Texts and queries as words: what is the same word in both finds it. Pure.

Case, accents and forms of width do not count. What is written without blanks between words (Chinese, Japanese, Thai …) becomes pairs of
neighbouring signs. A change of these rules needs a migration that writes the index anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sharelm.vocabulary import Message

LONGEST = 64  # of a word; what is longer (an address, a key) is known by its beginning
MOST_TERMS = 32
MOST_LETTERS = 200  # of a query

# Accents and vowel points that people leave out when they search; the tatweel, which only stretches a word; the joiners, which nobody sees.
IGNORED = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
# Vowel signs belong to a word, but to no class of letters that regular expressions know.
SIGNS = "".join(chr(code) for code in range(0x0300, 0xFE30) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{SIGNS}])*")
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
PIECES = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
QUOTED = re.compile(r'"([^"]*)"|([^"]+)')
QUOTES = str.maketrans("“”„‟«»＂", '"' * 7)


@dataclass(frozen=True, slots=True)
class Term:
    """A word that must be in a conversation, or the beginning of one."""

    word: str
    is_whole: bool


def words_of(messages: Iterable[Message]) -> frozenset[str]:
    """The words that a conversation is found by."""
    return frozenset(piece for message in messages for word in set(_words(message.content)) for piece in _pieces(word))


def terms_of(query: str) -> tuple[Term, ...]:
    """What a query asks for, whatever was typed: every word by its beginning, in quotes as a whole. Empty if there is no word in it."""
    found: dict[Term, None] = {}
    for quoted, plain in QUOTED.findall(query[:MOST_LETTERS].translate(QUOTES)):
        for word in _words(quoted or plain):
            found |= dict.fromkeys(_terms(word, is_whole=bool(quoted)))
    return tuple(found)[:MOST_TERMS]


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower() if text.isascii() else _folded(text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", IGNORED.sub("", unicodedata.normalize("NFKD", text).casefold()))


def _pieces(word: str) -> Iterator[str]:
    """The word as it is; of signs without blanks each pair, and the last sign, so that every sign begins a piece."""
    if word.isascii() or not HAS_UNSPACED.search(word):
        yield word[:LONGEST]
        return
    for piece in PIECES.findall(word):
        if HAS_UNSPACED.match(piece):
            yield from (piece[place : place + 2] for place in range(len(piece)))
        else:
            yield piece[:LONGEST]


def _terms(word: str, *, is_whole: bool) -> Iterator[Term]:
    for piece in PIECES.findall(word):
        if not HAS_UNSPACED.match(piece):
            yield Term(piece[:LONGEST], is_whole=is_whole)
        elif len(piece) == 1:
            yield Term(piece, is_whole=False)
        else:
            yield from (Term(piece[place : place + 2], is_whole=True) for place in range(len(piece) - 1))
