"""Carries every name that was found through the whole conversation, code included: `Anna Rossi` makes `Anna`, `Ms Rossi` and `anna_rossi` hers.

Everything is looked up word by word, so it takes time with the text, not with the text times the names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from sharelm.anonymise.detectors.person_context import PARTICLES
from sharelm.anonymise.detectors.person_lists import LAST, NOT_NAME, STRONG_FIRST, WORD, fold, kind_of
from sharelm.anonymise.detectors.person_runs import Key, key_of
from sharelm.anonymise.rules import Region

MAX_FORMS = 40  # that begin with the same word
LONGEST_NAME = 6  # words
_WORDS = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_GAP = re.compile(r"[ \t._\-]{0,3}|[ \t]{0,8}\n[ \t]{0,8}")
_SENTENCE_END = frozenset('.!?:;\n*>•"“(|')
_POSSESSIVE = re.compile(r"['’]s?\Z", re.IGNORECASE)


class Case(IntEnum):
    """How a form must be written to be taken for the name."""

    ANY = 0
    ANY_IN_CODE = 1
    CAPITAL = 2
    CAPITAL_INSIDE_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Word:
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

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, text: str, code: Sequence[Region]) -> Iterator[Region]:
        words = words_of(text)
        place = 0
        while place < len(words):
            length = self._match(text, words, place, code)
            if length:
                yield words[place].start, words[place + length - 1].end
            place += length or 1

    def _add(self, key: Key) -> None:
        if len(key) > LONGEST_NAME:
            return
        for form in forms_of(key):
            self._put(form, case_of(form))

    def _put(self, key: Key, case: Case) -> None:
        forms = self._forms.setdefault(key[0], {})
        if key in forms or len(forms) < MAX_FORMS:
            forms[key] = min(case, forms.get(key, case))

    def _match(self, text: str, words: Sequence[Word], place: int, code: Sequence[Region]) -> int:
        """How many words from this one on are a name."""
        forms = self._forms.get(words[place].key)
        if not forms:
            return 0
        for count in range(min(LONGEST_NAME, len(words) - place), 0, -1):
            run = words[place : place + count]
            case = forms.get(tuple(word.key for word in run))
            if case is not None and hangs_together(text, run) and _is_written(text, run, case, code):
                return count
        return 0


def words_of(text: str) -> list[Word]:
    words = []
    for match in _WORDS.finditer(text):
        word = match[0]
        bare = word if word.isalpha() else _POSSESSIVE.sub("", word)
        words.append(Word(match.start(), match.start() + len(bare), bare, (bare if bare.isascii() else fold(bare)).casefold()))
    return words


def hangs_together(text: str, run: Sequence[Word]) -> bool:
    return all(_GAP.fullmatch(text, before.end, after.start) for before, after in pairwise(run))


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


def _is_written(text: str, run: Sequence[Word], case: Case, code: Sequence[Region]) -> bool:
    if case is Case.ANY or (run[0].text[0].isupper() and case is not Case.CAPITAL_INSIDE_SENTENCE):
        return True
    in_code = any(start <= run[0].start < end for start, end in code)
    if case is Case.ANY_IN_CODE:
        return in_code
    return case is Case.CAPITAL_INSIDE_SENTENCE and run[0].text[0].isupper() and not in_code and not begins_sentence(text, run[0].start)


def begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip(" \t")
    return not before or before[-1] in _SENTENCE_END


def known_names(text: str, code: Sequence[Region], is_known: Callable[[Key], bool]) -> Iterator[Region]:
    """Names of which only digests are kept: every word, and every two and three words, are asked for."""
    words = words_of(text)
    place = 0
    while place < len(words):
        count = next((count for count in (3, 2, 1) if _is_known(text, words[place : place + count], count, code, is_known)), 0)
        if count:
            yield words[place].start, words[place + count - 1].end
        place += count or 1


def _is_known(text: str, run: Sequence[Word], count: int, code: Sequence[Region], is_known: Callable[[Key], bool]) -> bool:
    form = tuple(word.key for word in run)
    if len(run) < count or len(form[0]) < 2 or not hangs_together(text, run) or not is_known(form):
        return False
    return _is_written(text, run, case_of(form), code)
