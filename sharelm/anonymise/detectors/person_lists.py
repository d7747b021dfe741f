"""What a word can be, after the lists in `sharelm/anonymise/names`: a first name, a family name, a common word, a place or product.

The lists are read at the first look-up and hold nothing of any conversation.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "names"

COMMON, FIRST, WEAK_FIRST, LAST, WORD, NOT_NAME, ELSEWHERE = 1, 2, 4, 8, 16, 32, 64
STRONG_FIRST = COMMON | FIRST
ANY_FIRST = STRONG_FIRST | WEAK_FIRST
CAN_BE_NAME = ANY_FIRST | LAST
"""How sure a first name is: COMMON and FIRST are no other word, WEAK_FIRST is one ("Rose", "Paris"). ELSEWHERE is an everyday word of another
language ("Ben", "Mia"), where it counts as WEAK_FIRST; `person_runs.kind_here` tells."""

_FILES = {
    "first_names_common.txt": COMMON,
    "first_names.txt": FIRST,
    "first_names_words.txt": WEAK_FIRST,
    "last_names.txt": LAST,
    "words.txt": WORD,
    "not_names.txt": NOT_NAME,
}
# (ending, what to put in its place): "tries" → "try", "planned" → "plan" by its doubled letter.
_ENDINGS = (
    *(("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ly", "")),
    *(("er", ""), ("er", "e"), ("ers", ""), ("ers", "e"), ("est", ""), ("ness", "")),
)
_LAST_OF_ENDINGS = frozenset(ending[-1] for ending, _ in _ENDINGS)
_DOUBLED = ("ed", "ing", "er", "ers")


@cache
def table() -> Mapping[str, int]:
    """Lower-case word → what it can be, as bits; spellings without accents are in it too."""
    kinds: dict[str, int] = {}
    for name, kind in _FILES.items():
        for word in read_list(name):
            kinds[word] = kinds.get(word, 0) | kind
    for word in elsewhere():
        kinds[word] = kinds.get(word, 0) | ELSEWHERE
    for word in [word for word in kinds if not word.isascii()]:
        plain = fold(word)
        if plain not in kinds:
            kinds[plain] = kinds[word]
    return kinds


@cache
def elsewhere() -> Mapping[str, frozenset[str]]:
    """Lower-case word → the languages in which it is an everyday one.

    With `~` those where only small letters make it one, with `!` those where it is a small word and nothing else.
    """
    languages = {word: set(listed) for word, *listed in (line.split(" ") for line in read_list("words_elsewhere.txt"))}
    for language, listed in signs()["words"].items():
        for word in listed.split() if language != "en" else ():
            languages.setdefault(word, set()).update((language, f"!{language}"))
    return {word: frozenset(listed) for word, listed in languages.items()}


@cache
def signs() -> Mapping[str, Mapping[str, str]]:
    """The small words and the letters that show which language a line is in, by language."""
    written: Mapping[str, Mapping[str, str]] = tomllib.loads((FOLDER / "small_words.toml").read_text(encoding="utf-8"))
    return written


def read_list(name: str) -> Iterator[str]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def fold(word: str) -> str:
    """The word as people without its letters type it: `Łukasz` → `Lukasz`."""
    if word.isascii():
        return word
    bare = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    return bare.translate(_PLAIN)


def kind_of(word: str) -> int:
    """What a word can be; 0 where no list knows it. A part of a hyphenated name speaks for the whole."""
    lower = word.lower()
    kinds = table()
    kind = kinds.get(lower, 0)
    if kind or len(lower) < 4:
        return kind
    if not lower.isascii() and (kind := kinds.get(fold(lower), 0)):
        return kind
    if "-" in lower:
        return _kind_of_parts([kinds.get(part, 0) for part in lower.split("-")])
    return WORD if is_regular_form(lower) else 0


def is_regular_form(lower: str) -> bool:
    """Whether an English ending stands on a common word."""
    if lower[-1:] not in _LAST_OF_ENDINGS:
        return False
    kinds = table()
    for ending, instead in _ENDINGS:
        if lower.endswith(ending):
            stem = lower[: -len(ending)]
            if kinds.get(stem + instead, 0) & WORD and len(stem) > 1:
                return True
            if ending in _DOUBLED and len(stem) > 3 and stem[-1] == stem[-2] and kinds.get(stem[:-1], 0) & WORD:
                return True
    return False


def _kind_of_parts(kinds: list[int]) -> int:
    if all(kind & (WORD | NOT_NAME) for kind in kinds) or (kinds[0] & (WORD | NOT_NAME) and not kinds[0] & (ANY_FIRST | LAST)):
        return WORD
    if all(kind & ANY_FIRST for kind in kinds):
        return FIRST
    return LAST if any(kind & LAST for kind in kinds) else 0


_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "ı": "i", "ð": "d", "þ": "th"})
