"""Runs of capital words in a text, which is where names can stand; what is only a common word or a place ends a run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sharelm.anonymise.detectors import person_context as context
from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_lists import ANY_FIRST, CAN_BE_NAME, ELSEWHERE, LAST, STRONG_FIRST, WEAK_FIRST, WORD, fold, kind_of, table

_SCRIPTS = ((0x41, 0x250), (0x370, 0x530), (0x1E00, 0x1F00))  # Latin, Greek, Cyrillic, and Latin with more accents
UPPER = "".join(chr(code) for start, end in _SCRIPTS for code in range(start, end) if unicodedata.category(chr(code)) == "Lu")
# The first letter stands before the look behind it, so that Python can skip to capitals.
_TOKEN = re.compile(rf"[{UPPER}](?<![\w@#$/\\].)[^\W\d_]*(?:['’\-][^\W\d_]+)*")
_WORDS = re.compile(r"[^\W\d_]+")
_POSSESSIVE = re.compile(r"['’]s?\Z", re.IGNORECASE)
_GAP_WORDS = re.compile(r" (?:[a-z'.]{1,6}[ ']){1,3}")
_CODE_AFTER = re.compile(r"[(=_/@\[<{]|\\(?!['\"])|::|\.[\w(]|->|-\w|:[\w/]|\d")
_CODE_BEFORE = frozenset("@$/._=<{[+^%&")
_QUOTED = re.compile(r"[\"'][^\"'\n]{0,40}\Z")
_REMARK = re.compile(r"[ \t]*(?:#|//|\*)")
_SENTENCE_END = frozenset('.!?:\n>*•-–—"“„«(|#')
_CONTRACTED = frozenset({"i", "i'm", "i’m", "i've", "i’ve", "i'll", "i’ll", "i'd", "i’d"})
ROLES = context.TITLES | context.GREETINGS | context.KIN

LONGEST_RUN = 24  # words; what goes on longer is no sentence
LONGEST_CODE_LINE = 1_000  # characters before a name; to look further back would take time with the square of the line

Key = tuple[str, ...]


class Word(NamedTuple):
    start: int
    end: int
    text: str
    kind: int

    @property
    def is_initial(self) -> bool:
        return self.end - self.start == 1


Run = list[Word]


def key_of(name: str) -> Key:
    """The words of a name as they are compared: folded, without titles and without the ending of the genitive."""
    words = [fold(word).casefold() for word in _WORDS.findall(_POSSESSIVE.sub("", unicodedata.normalize("NFC", name)))]
    while len(words) > 1 and words[0] in context.TITLES:
        words = words[1:]
    return tuple(words)


def runs(text: str, languages: Languages) -> Iterator[Run]:
    """Capital words that follow each other on one line, with `van`, `de la` and initials between them.

    `languages` are those of the text as it was written, where the capitals of `text` were put there.
    """
    kinds, breakers = table(), _breakers()
    run: Run = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        if not run and (word in breakers or word.lower() in breakers if len(word) > 1 else not text.startswith(".", match.end())):
            continue  # nearly every word that begins a sentence
        lower = word.lower()
        kind = kinds.get(lower, -1)
        is_end = kind < 0 and not word.isalpha() and word[-2:] in _GENITIVE
        if kind < 0:
            word = word[:-2] if is_end else word
            kind = 0 if lower in _CONTRACTED else kind_of(word)
        if len(word) == 1 and text.startswith(".", match.end()):
            kind = 0  # an initial, whatever else the letter is
        is_breaker = _is_breaker(lower, kind)
        if kind & ELSEWHERE and not is_breaker:  # asking for languages takes long, and makes no name of a word that is none in any
            kind = kind_here(text, languages, Word(match.start(), match.end(), word, kind))
            is_breaker = _is_breaker(lower, kind)
        if is_breaker and lower in context.PARTICLES and run and run[-1].kind & ANY_FIRST and text[run[-1].end : match.start()] == " ":
            kind, is_breaker = 0, False  # "Édith Dos Santos"
        if run and (is_breaker or not _hangs_together(text, run, match.start())):
            if _is_worth_a_look(run):
                yield run
            run = []
        if len(run) > LONGEST_RUN:
            run[-1] = Word(match.start(), match.start() + len(word), word, kind)
        elif not is_breaker:
            run.append(Word(match.start(), match.start() + len(word), word, kind))
            if is_end:
                yield run
                run = []
    if run and _is_worth_a_look(run):
        yield run


@cache
def _breakers() -> frozenset[str]:
    """What ends a run, and begins none, in whatever language: in small letters, and as it stands at the beginning of a sentence."""
    small = _CONTRACTED.union(word for word, kind in table().items() if _is_breaker(word, kind))
    return small.union(word for word in map(str.capitalize, small) if word.lower() in small)


def _is_breaker(lower: str, kind: int) -> bool:
    return lower in _CONTRACTED or bool(kind & ~ELSEWHERE and not kind & CAN_BE_NAME and lower not in ROLES)


def kind_here(text: str, languages: Languages, word: Word) -> int:
    """What a word can be at this place: `Ben` is no name for sure where people write Turkish, unless a capital in a sentence says so."""
    at, kind = word.start, word.kind
    written = languages.among(word.text, at) if kind & STRONG_FIRST or word.text.lower() not in context.PARTICLES else frozenset()
    if not written or (kind & (STRONG_FIRST | LAST) and written.isdisjoint(context.CAPITALS_FOR_NOUNS) and _is_proper(text, at)):
        return kind & ~ELSEWHERE
    if not kind & STRONG_FIRST and any(language[0] == "!" for language in written):
        return WORD
    return (kind & ~STRONG_FIRST) | (WEAK_FIRST if kind & ANY_FIRST else 0) | WORD


def _is_proper(text: str, at: int) -> bool:
    """Whether the word has its capital because it is a name: not at the start of a sentence, not after `una` or `la`."""
    before = text[max(0, at - 16) : at].split()
    return text[at].isupper() and not begins_sentence(text, at) and not (before and before[-1].lower() in context.ARTICLES)


_GENITIVE = frozenset({"'s", "’s", "'S", "’S"})


def _is_worth_a_look(run: Run) -> bool:
    if len(run) > 1:
        return len(run) <= LONGEST_RUN
    return not run[0].kind & WORD or bool(run[0].kind & (ANY_FIRST | ELSEWHERE))


def _hangs_together(text: str, run: Run, start: int) -> bool:
    last = run[-1]
    gap = text[last.end : start]
    if gap[:2] == ". " and last.text.lower() in context.TITLES:  # "Dr. de Beer"
        gap = gap[1:]
    if gap in {" ", "\u00a0"}:
        return True
    if len(gap) > 20 or "\n" in gap:
        return False
    if gap in {". ", "."}:
        return last.is_initial or last.text.lower() in context.TITLES or last.text in {"Jr", "Sr", "St"}
    return bool(_GAP_WORDS.fullmatch(gap)) and all(word in context.PARTICLES for word in gap.replace("'", "' ").split())


def begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip(" \t\"'“„*_(")
    return not before or before[-1] in _SENTENCE_END


def is_in_code(text: str, run: Run) -> bool:
    start, end = run[0].start, run[-1].end
    if _CODE_AFTER.match(text, end):
        return True
    before = text[start - 1] if start else " "
    if before in _CODE_BEFORE or (before == "-" and text[max(0, start - 2) : start - 1].isalnum()):
        return True
    newline = text.rfind("\n", max(0, start - LONGEST_CODE_LINE), start)
    if newline < 0 and start > LONGEST_CODE_LINE:
        return False
    line = newline + 1
    return text.startswith(("    ", "\t", ">>>"), line) and bool(_REMARK.match(text, line) or _QUOTED.search(text[max(line, start - 41) : start]))
