"""Carries every name that was found through the whole conversation, code included: `Anna Rossi` makes `Anna`, `Ms Rossi` and `anna_rossi` hers.

Everything is looked up word by word, so it takes time with the text, not with the text times the names.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_context import PARTICLES
from sharelm.anonymise.detectors.person_lists import ELSEWHERE, LAST, NOT_NAME, STRONG_FIRST, WORD, fold, kind_of
from sharelm.anonymise.detectors.person_runs import Key, begins_sentence, key_of
from sharelm.anonymise.rules import Region
from sharelm.anonymise.words import places_of

MAX_FORMS = 40  # that begin with the same word
LONGEST_NAME = 6  # words
LONGEST_DIGESTED = 3
_WORDS = re.compile(r"[^\W\d_]+")
FEW = 100
"""Of that many names each is looked for by itself, which is faster than looking at every word."""
_GAP = re.compile(r"[ \t._'’\-\u00a0]{0,3}|[ \t]{0,8}\n[ \t]{0,8}")


class Case(IntEnum):
    """How a form must be written to be taken for the name."""

    ANY = 0
    ANY_IN_CODE = 1
    CAPITAL = 2
    CAPITAL_INSIDE_SENTENCE = 3


class Word(NamedTuple):
    start: int
    end: int
    text: str
    key: str


class Names:
    """The forms under which the persons of one conversation are looked for. Lives during one call."""

    def __init__(self, names: Collection[str]) -> None:
        self._forms: dict[str, dict[Key, Case]] = {}
        for name in sorted(names):
            self._add(key_of(name))
        # Once for all messages: there can be as many of these as there are names.
        self._longest = {word: max(map(len, forms)) for word, forms in self._forms.items()}

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, text: str, code: Sequence[Region]) -> Iterator[Region]:
        languages = Languages(text)
        for words in _starting_with(text, self._forms, self._longest):
            count = self._match(languages, words, code)
            if count:
                yield words[0].start, words[count - 1].end

    def _add(self, key: Key) -> None:
        if len(key) > LONGEST_NAME:
            return
        for form in forms_of(key):
            self._put(form, case_of(form))

    def _put(self, key: Key, case: Case) -> None:
        forms = self._forms.setdefault(key[0], {})
        if key in forms or len(forms) < MAX_FORMS:
            forms[key] = min(case, forms.get(key, case))

    def _match(self, languages: Languages, words: Sequence[Word], code: Sequence[Region]) -> int:
        """How many of these words are a name."""
        forms = self._forms[words[0].key]
        for count in range(len(words), 0, -1):
            case = forms.get(tuple(word.key for word in words[:count]))
            if case is not None and _stands_for(languages, words[:count], case, code):
                return count
        return 0


def _starting_with(text: str, first: Container[str], longest: Mapping[str, int] | None = None) -> Iterator[list[Word]]:
    """At every such word: the word, and those that hang together with it."""
    for start, end, key in _places_of(text, first):
        yield _together(text, Word(start, end, text[start:end], key), longest[key] if longest else LONGEST_DIGESTED)


def _places_of(text: str, first: Container[str]) -> Iterator[tuple[int, int, str]]:
    lower = text.lower()
    if not isinstance(first, Collection) or len(first) > FEW or len(lower) != len(text):
        return ((match.start(), match.end(), key) for match in _WORDS.finditer(text) if (key := _key(match[0])) in first)
    there = {word for word in first if word.isascii() and word in lower}
    places = [(start, start + len(word), word) for start, word in places_of(there, lower, _WORDS, _is_letter)]
    if not text.isascii():
        keys = {word: key for word in set(_WORDS.findall(text)) if not word.isascii() and (key := _key(word)) in first}
        places += [(start, start + len(word), keys[word]) for start, word in places_of(keys, text, _WORDS, _is_letter)]
    return iter(sorted(set(places)))


def _is_letter(sign: str) -> bool:
    return sign.isalnum() and not sign.isdecimal()


def _together(text: str, word: Word, longest: int) -> list[Word]:
    words = [word]
    while len(words) < longest:
        match = _WORDS.search(text, words[-1].end, words[-1].end + 64)
        if not match or not _GAP.fullmatch(text, words[-1].end, match.start()):
            break
        words.append(Word(match.start(), match.end(), match[0], _key(match[0])))
    return words


def _key(word: str) -> str:
    return word.lower() if word.isascii() else fold(word).casefold()


def forms_of(name: Key) -> list[Key]:
    """What a person is recognised by: the whole name, and each of its words."""
    words: list[Key] = [(word,) for word in dict.fromkeys(name) if len(word) > 1 and word not in PARTICLES]
    return [name, *words] if len(name) > 1 else [*words]


def case_of(form: Key) -> Case:
    """How a form must be written: what is a common word too is a name only with a capital inside a sentence."""
    if len(form) > 1:
        return Case.ANY
    kind = kind_of(form[0])
    if kind & (WORD | NOT_NAME):
        return Case.CAPITAL_INSIDE_SENTENCE
    if len(form[0]) < 4 or not kind & (STRONG_FIRST | LAST):
        return Case.CAPITAL
    return Case.ANY if kind & STRONG_FIRST else Case.ANY_IN_CODE


def _stands_for(languages: Languages, words: Sequence[Word], case: Case, code: Sequence[Region]) -> bool:
    word = words[0]
    at = bisect_left(code, (word.start + 1,)) - 1
    in_code = at >= 0 and code[at][1] > word.start
    if len(words) == 1 and not in_code and _is_only_a_word(languages, word):
        return False
    is_capital = word.text[0].isupper()
    if case is Case.ANY or (is_capital and case is not Case.CAPITAL_INSIDE_SENTENCE):
        return True
    if case is Case.ANY_IN_CODE:
        return in_code
    return case is Case.CAPITAL_INSIDE_SENTENCE and is_capital and not in_code and not begins_sentence(languages.text, word.start)


def _is_only_a_word(languages: Languages, word: Word) -> bool:
    """Whether `mia` is what it is in Italian, and no Mia. A capital makes it one, where a sentence begins only what is seldom a word."""
    kind = kind_of(word.text)
    if word.text[0].isupper() and (kind & STRONG_FIRST or not begins_sentence(languages.text, word.start)):
        return False
    return bool(kind & ELSEWHERE and languages.among(word.text, word.start))


def known_names(text: str, code: Sequence[Region], is_known: Callable[[Key], bool]) -> Iterator[Region]:
    """Names of which only digests are kept: every word is asked for, with the one and the two that follow."""
    end = 0
    languages = Languages(text)
    for words in _starting_with(text, _Any()):
        if words[0].start < end:
            continue
        count = next((count for count in range(LONGEST_DIGESTED, 0, -1) if _is_known(languages, words[:count], count, code, is_known)), 0)
        if count:
            end = words[count - 1].end
            yield words[0].start, end


class _Any(Container[str]):
    """Every word of more than one letter."""

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and len(word) > 1


def _is_known(languages: Languages, words: Sequence[Word], count: int, code: Sequence[Region], is_known: Callable[[Key], bool]) -> bool:
    form = tuple(word.key for word in words)
    return len(words) == count and is_known(form) and _stands_for(languages, words, case_of(form), code)
