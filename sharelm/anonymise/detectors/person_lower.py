"""Persons whose names are written in lower case: after "my name is", and in messages that use no capitals at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sharelm.anonymise.detectors import person_context as context
from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_lists import ANY_FIRST, COMMON, ELSEWHERE, FIRST, LAST, NOT_NAME, STRONG_FIRST, WORD, kind_of, table

_PROPER_WORD = re.compile(r"(?![a-z])(?:[A-ZÀ-ÖØ-Þ]|[^\W\d_a-zß-ÿ](?<=[ĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŹŻŽ]))[^\W\dA-Z_]")
_LOWER_WORD = re.compile(r"(?<![\w@#$/.\-])(?:[^\W\d_]{2,24}(?:-[^\W\d_]{2,24})?)(?![\w@＠(=/]|\.\w|-\w)")
_TITLED = re.compile(r"\b((?i:mr|mrs|ms|miss|dr|prof)\.? )([^\W\d_]{2,24})")
_FAMILY_NAME_AT_END = re.compile(r"(?<![^\W_])([A-Z][^\W\d_]{2,24}) ([a-z][^\W\d_]{2,24})(?=[,.?!;:)\n]|\Z)")
_LABELLED = re.compile(
    r"((?:\A|\n)[ \t>*\-]*(?:driver|holder|attn|customer|client|patient|tenant|guest|full name|owner)[ \t]?:[ \t]?)"
    r"([^\W\d_]{2,24}) ([^\W\d_]{2,24})(?=[ \t]*(?:[,\n]|\Z))",
    re.IGNORECASE,
)
LONGER_THAN_SLANG = 5
LONGEST_CASUAL = 20_000  # a message of that size in lower case was not typed by somebody

ENTRIES = (context.LOWER_INTRODUCED, context.LOWER_RELATED)
_PYTHON = frozenset({"elif"})  # without a capital it is more often a line of a program than the woman's name


def with_capitals(text: str) -> str:
    """A message that somebody typed without capitals, with one on each word that can be a name; any other text as it is.

    Where there are some capitals, only words that are nothing but first names get one.
    """
    if len(text) > LONGEST_CASUAL or not text[:1].islower():
        return text if len(text) > LONGEST_CASUAL or _PROPER_WORD.search(text) else _with_all_capitals(text)
    if not _PROPER_WORD.search(text):
        return _with_all_capitals(text)
    if _first_names_only().isdisjoint(_LOWER_WORD.findall(text)):
        return text
    languages = Languages(text)
    return _LOWER_WORD.sub(lambda match: _raised_first_name(match, languages), text)


def _with_all_capitals(text: str) -> str:
    languages = Languages(text)
    raised = _TITLED.sub(lambda match: match[1] + _capital(match[2]), _LOWER_WORD.sub(lambda match: _raised(match, languages), text))
    raised = _LABELLED.sub(lambda match: match[1] + _capital(match[2]) + " " + _capital(match[3]), raised)
    return _FAMILY_NAME_AT_END.sub(_with_family_name, raised)


def _with_family_name(match: re.Match[str]) -> str:
    """ "joshua duke" at the end of a line: a family name that is a word too."""
    is_name = kind_of(match[1]) & STRONG_FIRST and kind_of(match[2]) & LAST and match[2] not in context.ENDS_LOWER | context.NO_NAME_AFTER
    return f"{match[1]} {_capital(match[2])}" if is_name else match[0]


@cache
def _first_names_only() -> frozenset[str]:
    """Words that are nothing but first names, or family names as well."""
    return frozenset(word for word, kind in table().items() if kind & ~(LAST | ELSEWHERE) == COMMON) - _PYTHON


def _raised_first_name(match: re.Match[str], languages: Languages) -> str:
    word = match[0]
    is_name = word in _first_names_only() and not (table()[word] & ELSEWHERE and languages.among(_capital(word), match.start()))
    return _capital(word) if is_name else word


def _raised(match: re.Match[str], languages: Languages) -> str:
    word = match[0]
    if table().get(word, 0) & (WORD | NOT_NAME) and word not in context.TITLES:
        return word  # nearly every one
    return "-".join(map(_capital, word.split("-"))) if _can_be_name(word) and not _is_only_a_word(word, match.start(), languages) else word


def _is_only_a_word(word: str, at: int, languages: Languages) -> bool:
    """An everyday word of the language there, or one that no list knows: English ones would be in a list."""
    kind = kind_of(word)
    return bool(kind & ELSEWHERE and languages.among(_capital(word), at)) or (not kind & ~ELSEWHERE and not languages.is_english(at))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:] if len(word[:1].upper()) == 1 else word


def _can_be_name(word: str) -> bool:
    if word in _PYTHON:
        return False
    if word in context.TITLES:
        return word not in context.WEAK_TITLES
    kind = kind_of(word)
    if kind & (WORD | NOT_NAME):
        return False
    return bool(kind & (COMMON | LAST)) or (kind & ~ELSEWHERE in {0, FIRST} and len(word) >= LONGER_THAN_SLANG)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Names in lower case that are introduced; for the rest of a message without capitals see `with_capitals`."""
    for match in context.LOWER_INTRODUCED.finditer(text):
        words = match["name"].split(" ")
        if not words[0][:1].islower() or words[0].lower() in context.NO_NAME_AFTER:
            continue
        count = _length_of_name(words)
        if count:
            start = match.start("name")
            yield start, start + len(" ".join(words[:count]))
    languages = Languages(text)
    for match in context.LOWER_RELATED.finditer(text):
        if match["name"].islower() and _is_only_a_name(match["name"], match.start("name"), languages):
            yield match.span("name")


def _is_only_a_name(word: str, at: int, languages: Languages) -> bool:
    kind = kind_of(word)
    return bool(kind & STRONG_FIRST) and not kind & (WORD | NOT_NAME) and not languages.among(word, at) and word not in _PYTHON


def _can_follow(word: str) -> bool:
    return word.lower() in context.ENDS_LOWER | context.PARTICLES or bool(kind_of(word) & (LAST | ANY_FIRST)) or not kind_of(word)


def _length_of_name(words: list[str]) -> int:
    """How many of the words are the name; 0 where the first is a common word that no list of names knows."""
    first = kind_of(words[0])
    if first & WORD and not first & ANY_FIRST:
        return 0
    if first & WORD and not first & STRONG_FIRST and len(words) > 1 and not _can_follow(words[1]):
        return 0  # "the name is case sensitive"
    count = 1
    while count < len(words):
        word = words[count]
        kind = kind_of(word)
        is_name = kind & (LAST | STRONG_FIRST) or not kind & ~ELSEWHERE or word in context.PARTICLES
        if (word.lower() in context.ENDS_LOWER and word not in context.PARTICLES) or not is_name:
            break
        count += 1
    while count > 1 and words[count - 1].lower() in context.PARTICLES | context.ENDS_LOWER:
        count -= 1
    return count
