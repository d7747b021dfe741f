"""Persons by rules: runs of capital words, judged by the lists, by what stands before and after them, and by their place on the page.

Names that only a trained model finds are `person_ner`'s; names in lower case are `person_lower`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sharelm.anonymise.detectors import person_context as context
from sharelm.anonymise.detectors import person_fields, person_lower
from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_lists import ANY_FIRST, ELSEWHERE, LAST, NOT_NAME, STRONG_FIRST, WEAK_FIRST, WORD
from sharelm.anonymise.detectors.person_runs import ROLES, Run, Word, begins_sentence, is_in_code, key_of, runs
from sharelm.vocabulary import PiiSpan

ENTITY_TYPE = "PERSON"
MAX_WORDS = 6
_LOOK_BACK = 48
_SAID_AT = re.compile(r"(?:\A|\n)[\[(]?(?:\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4},? )?\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?[\])]?[ \-–]{1,3}\Z", re.IGNORECASE)
_SIGNED = re.compile(r"[.!?)] [\-–—] ?\Z")
_NOTHING_ELSE = re.compile(r"[ .!\n]*\Z")
_MOST_FOR_A_NAME = 150  # characters of a text for each name in it
_IN_PLACE = re.compile(r"\b(?:in|near|at|from|to|around|via|the|an?|of|on|with|for|using|by)\s\Z", re.IGNORECASE)
_BEFORE_SUFFIX = frozenset(", ")
_MOST_AROUND = 12  # signs beside a name that has its line for itself

_END_OF_CLAIM = re.compile(r"\s*(?:[,.!;)\n]|\Z|and\b|from\b|here\b)")
_LIST_GAPS = frozenset([", ", ", and ", ", or ", *(f" {word} " for word in ("and", "und", "et", "y", "e", "en", "i", "och", "ve", "or", "to"))])
_LONGEST_LIST_GAP = max(map(len, _LIST_GAPS))
_CONTACT_LINE = re.compile(
    r"[\W_]*(?:\d{1,5}[\w/ \-]* [^\W\d]|[^\s@]{1,64}@|\+?\d[\d ()\-./]{6,}|P\.? ?O\.? Box"
    r"|(?:[^\W\d_][\w'’.\-]{0,29},? ){1,5}\d{1,4}[A-Za-z]?(?:,|\Z))",
    re.IGNORECASE,
)


def normalise(name: str) -> str:
    return " ".join(key_of(name)) or name


def find(text: str) -> Iterator[PiiSpan]:
    return _find(text, person_lower.with_capitals(text))


def find_as_written(text: str) -> Iterator[PiiSpan]:
    """The same in a part of a message that is not written without capitals."""
    return _find(text, text)


def _find(written: str, text: str) -> Iterator[PiiSpan]:
    for start, end in person_lower.find(written):
        yield PiiSpan(start, end, ENTITY_TYPE)
    for start, end in person_fields.find(written):
        yield PiiSpan(start, end, ENTITY_TYPE)
    languages = Languages(written)
    every = list(runs(text, languages))
    found = [list(_names_in(text, languages, run)) for run in every]
    for place in _listed_with_names(text, every, found):
        found[place] = [(every[place][0].start, every[place][-1].end)]
    for place in _beside_names(text, every, found):
        found[place] = [(every[place][0].start, every[place][-1].end)]
    for names in found:
        for start, end in names:
            suffix = context.SUFFIX_AFTER.match(text, end) if text[end : end + 1] in _BEFORE_SUFFIX else None
            title = context.TITLE_BEFORE.search(text, max(0, start - 12), start) if text[max(0, start - 1) : start] == " " else None
            particles = (
                context.PARTICLES_BEFORE.search(text, max(0, start - _LOOK_BACK), start) if text[max(0, start - 3) : start - 1].islower() else None
            )
            begin = particles.start("particles") if particles else title.start() if title else start
            yield PiiSpan(begin, suffix.end() if suffix else end, ENTITY_TYPE)


def _listed_with_names(text: str, every: Sequence[Run], found: Sequence[list[tuple[int, int]]]) -> Iterator[int]:
    """`Kovalev, Anna and Per`: who stands in a list with names has one."""
    first = 0
    for place in range(1, len(every) + 1):
        if place < len(every) and _are_listed(text, every[place - 1][-1].end, every[place][0].start):
            continue
        if place - first > 1:
            chained = range(first, place)
            names = sum(bool(found[other]) for other in chained) or (len(chained) > 2 and all(_is_first_name(every[other]) for other in chained))
            yield from (other for other in chained if not found[other] and names and _can_be_listed(every[other], names))
        first = place


def _beside_names(text: str, every: Sequence[Run], found: Sequence[list[tuple[int, int]]]) -> Iterator[int]:
    """Family names that are nothing else, in a text that is short enough for the persons in it."""
    if sum(map(len, found)) * _MOST_FOR_A_NAME < len(text):
        return
    for place, run in enumerate(every):
        word = run[0]
        if (
            len(run) == 1
            and not found[place]
            and word.kind == LAST
            and len(word.text) > 3
            and not word.text.isupper()
            and not begins_sentence(text, word.start)
            and not _IN_PLACE.search(text, max(0, word.start - 12), word.start)
            and not is_in_code(text, run)
            and not _is_thing(text, run)
            and not _is_called_after(text, run)
        ):
            yield place


def _are_listed(text: str, end: int, start: int) -> bool:
    return start - end <= _LONGEST_LIST_GAP and text[end:start] in _LIST_GAPS


def _is_first_name(run: Run) -> bool:
    return len(run) == 1 and bool(run[0].kind & ANY_FIRST) and not run[0].kind & NOT_NAME


def _can_be_listed(run: Run, names: int) -> bool:
    if len(run) > 3 or any((word.kind & NOT_NAME and not word.kind & ANY_FIRST) or word.text.isupper() for word in run):
        return False
    if any(word.kind & WORD and not word.kind & (ANY_FIRST | LAST) for word in run) or context.FAREWELL.search(run[0].text):
        return False
    return names > 1 or any(word.kind & (ANY_FIRST | LAST) for word in run)


def _names_in(text: str, languages: Languages, run: Run) -> Iterator[tuple[int, int]]:
    if len(run) == 1 and not run[0].kind & ANY_FIRST and run[0].end - run[0].start == 1:
        return
    if (run[0].is_initial and all(word.is_initial for word in run)) or is_in_code(text, run):
        return
    strength = _strength_before(text, languages, run[0])
    if strength < _SURE and _is_called_after(text, run):
        return
    if strength < _SURE and _is_block(text, run) and _stands_alone(text, run):
        strength = _SURE
    elif (not strength and (_acts(text, run) or _is_known_to_act(text, run))) or _speaks(text, run):
        strength = _LIKELY
    elif strength == _SURE and run[0].kind and context.FAMILY_NAME.search(text, max(0, run[0].start - _LOOK_BACK), run[0].start):
        yield run[0].start, run[0].end
        return
    at = 0
    while at < len(run):
        word = run[at]
        lower = word.text.lower()
        if lower in context.TITLES and at + 1 < len(run) and _is_titled(run, at):
            end = _end_of_name(text, run, at + 1, _SURE)
            yield word.start, run[end - 1].end
            at, strength = end, _NONE
        elif (lower in context.GREETINGS or (lower in context.PERSONAL and at + 1 < len(run))) and not word.kind & STRONG_FIRST:
            at, strength = at + 1, _LIKELY
        elif lower in context.KIN and not word.kind & STRONG_FIRST:
            at, strength = at + 1, _SURE
        else:
            end = _end_of_name(text, run, at, strength) if _begins_name(text, run, at, strength) else at
            if end > at:
                yield run[_begins_before(text, run, at)].start, run[end - 1].end
            at, strength = max(end, at + 1), _LIKELY if end == at and lower in context.PERSONAL else _NONE


_NONE, _CLAIMED, _LIKELY, _SURE = 0, 1, 2, 3


def _strength_before(text: str, languages: Languages, word: Word) -> int:
    """How clearly the words before say that a name follows."""
    start = word.start
    before = text[max(0, start - _LOOK_BACK) : start]
    line = before[before.rfind("\n") + 1 :]
    tail = line.rstrip(" \t\"'“„*_`«(")
    if not tail:
        return _SURE if _is_signature(text, start) else _NONE
    words = tail.lower().rstrip(",:").rsplit(None, 3)[-3:]
    if words and words[-1] in context.STRAYS and not context.STRAYS[words[-1]].isdisjoint(languages.written(start)):
        return _LIKELY if words[-1] in context.WITH and word.kind & ANY_FIRST else _NONE
    if tail[-1] in ":=" and context.LABEL.search(before):
        return _SURE
    if tail[-1] in "-–—" and _SIGNED.search(before) and _NOTHING_ELSE.match(text, word.end):
        return _SURE
    return _strength_of(words) if words else _NONE


_NO_PHRASES: frozenset[str] = frozenset()
_LAST_OF_PHRASES = frozenset(phrase.rpartition(" ")[2] for phrase in context.INTRODUCED | context.PERSONAL | context.CLAIMS)


def _strength_of(words: Sequence[str]) -> int:
    last = words[-1]
    phrases = {" ".join(words[-count:]) for count in (1, 2, 3)} if last in _LAST_OF_PHRASES else _NO_PHRASES
    noun = last if last not in context.COPULAS else words[-2] if len(words) > 1 else ""
    if noun.strip("(,:") in context.KIN or not phrases.isdisjoint(context.INTRODUCED):
        return _SURE
    title = last if last not in context.PARTICLES else next((word for word in reversed(words) if word not in context.PARTICLES), "")
    title = title.rstrip(".")
    if title in context.TITLES and title not in context.WEAK_TITLES:
        return _SURE
    if not phrases.isdisjoint(context.PERSONAL):
        return _LIKELY
    return _NONE if phrases.isdisjoint(context.CLAIMS) else _CLAIMED


def _is_signature(text: str, start: int) -> bool:
    """Whether the line before is a farewell."""
    lines = text[max(0, start - 100) : start].rstrip(" \t>*_-–—").rsplit("\n", 3)
    previous = next((line for line in reversed(lines[:-1]) if line.strip()), "")
    return len(previous) < 60 and context.FAREWELL.search(previous.strip()) is not None


def _is_titled(run: Run, at: int) -> bool:
    following = run[at + 1]
    if run[at].text.lower() not in context.WEAK_TITLES:
        return following.text.lower() not in context.TITLES or at + 2 < len(run)
    return bool(following.kind & ANY_FIRST) or not following.kind & (WORD | NOT_NAME)


def _begins_name(text: str, run: Run, at: int, strength: int) -> bool:
    word = run[at]
    kind = word.kind
    following = run[at + 1] if at + 1 < len(run) else None
    if word.is_initial and following and not following.is_initial:
        return _is_family_name(following) or strength == _SURE
    if strength == _SURE:
        return bool(kind & WEAK_FIRST) or (
            not kind & NOT_NAME
            and (not kind & WORD or bool(kind & (ANY_FIRST | ELSEWHERE)) or bool(following and following.kind & LAST and kind & LAST))
        )
    if kind & STRONG_FIRST:
        return (len(word.text) > 2 and not word.text.isupper()) or bool(following and following.kind & LAST)
    if strength:
        if kind & WEAK_FIRST:
            return strength == _LIKELY or bool(following and following.kind & LAST) or _is_all_that_is_claimed(text, word)
        is_possible = not kind & (WORD | NOT_NAME) and word.text[1:].islower() and not _is_thing(text, run)
        return is_possible and (strength == _LIKELY or bool(kind or following))
    return bool(kind & WEAK_FIRST and following and _is_family_name(following) and not _is_sentence_start_word(text, word))


def _is_all_that_is_claimed(text: str, word: Word) -> bool:
    """`I'm Grace.`, but not `I'm Happy to help`."""
    return not word.kind & NOT_NAME and (not word.kind & WORD or _END_OF_CLAIM.match(text, word.end) is not None)


def _is_family_name(word: Word) -> bool:
    return bool(word.kind & LAST and not word.kind & (NOT_NAME | WORD)) or word.is_initial


def _is_sentence_start_word(text: str, word: Word) -> bool:
    """`Will Smith` at the start of a sentence can be a question; `Mark Johnson` mostly is not."""
    return bool(word.kind & WORD) and word.text.lower() in _VERBS and begins_sentence(text, word.start)


_VERBS = frozenset(["will", "may", "mark", "can", "do", "grant", "chase", "sue", "rob", "bill", "pat", "drew", "skip", "page", "frank"])


def _end_of_name(text: str, run: Run, at: int, strength: int) -> int:
    """One past the last word of the name that begins at `at`."""
    end = at + 1
    while end < min(len(run), at + MAX_WORDS):
        word = run[end]
        is_last = end + 1 == len(run)
        if (
            word.is_initial
            or (word.kind & (ANY_FIRST | LAST) and not word.kind & (WORD | NOT_NAME))
            or (
                not word.kind
                and (
                    word.text[1:].islower() or "-" in word.text or "'" in word.text or "’" in word.text or word.text.isupper() or _is_camel(word.text)
                )
            )
            or (is_last and word.kind & (LAST | WEAK_FIRST) and not is_followed_by_thing(text, run))
        ):
            end += 1
        else:
            break
    return end


def _is_camel(word: str) -> bool:
    """McDonald, DeShawn, O'Brien."""
    return word[:2] in {"Mc", "Ma", "De", "La", "Le", "Di", "Du", "Va"} and word[-1].islower()


def _begins_before(text: str, run: Run, at: int) -> int:
    """`Kowalski Jan`, `Mona Lisa`: where the name begins if a family name, or a first name that is a word too, stands before it."""
    if at == 0 or not run[at].kind & STRONG_FIRST:
        return at
    before = run[at - 1]
    if before.text.lower() in ROLES or (before.kind & WORD and begins_sentence(text, before.start)):
        return at
    is_family_name = before.kind & LAST and not before.kind & (WORD | NOT_NAME | ANY_FIRST)
    return at - 1 if is_family_name or before.kind & WEAK_FIRST else at


def _is_called_after(text: str, run: Run) -> bool:
    """`the Monty Hall problem`, `Stanford University`."""
    following = text[run[-1].end : run[-1].end + 20].removeprefix("'s").removeprefix("’s").split(None, 1)[:1]
    thing = following[0].strip(".,;:!?)").lower() if following else ""
    return thing in context.CALLED_AFTER and not (thing == "number" and run[0].kind & STRONG_FIRST)  # Euler's is no first name


def _is_thing(text: str, run: Run) -> bool:
    """`Stanford University`, `Miller Street`: the run is named after somebody."""
    return any(word.text.lower() in context.NOT_A_PERSON_AFTER for word in run[1:]) or is_followed_by_thing(text, run)


def is_followed_by_thing(text: str, run: Run) -> bool:
    following = text[run[-1].end : run[-1].end + 16].split(None, 1)[:1]
    return bool(following) and following[0].strip(".,;:!?)").lower() in context.NOT_A_PERSON_AFTER


def _acts(text: str, run: Run) -> bool:
    """Whether only a person does or has what follows: `Rae said`, but not `der Grad sagt`."""
    before = text[max(0, run[0].start - 8) : run[0].start].split()
    is_noun = before and before[-1].lower() in context.ARTICLES and not run[0].kind & ANY_FIRST
    return not is_noun and context.PERSON_AFTER.match(text, run[-1].end) is not None


def _is_known_to_act(text: str, run: Run) -> bool:
    """`Karlsson books the room`, `the Walker family`: a name of the lists, and what others do or have as well."""
    word = run[-1]
    if not word.kind & (LAST | STRONG_FIRST) or word.kind & NOT_NAME or len(word.text) < 3 or word.text.isupper():
        return False
    after = context.KNOWN_AFTER.match(text, word.end)
    is_noun = text[max(0, run[0].start - 8) : run[0].start].split()[-1:]
    return after is not None and (after[0].strip() in {"family", "household"}) == bool(is_noun and is_noun[0].lower() == "the")


def _stands_alone(text: str, run: Run) -> bool:
    """Whether the run is all that its line says."""
    before = text[max(0, run[0].start - _MOST_AROUND) : run[0].start].rpartition("\n")[2]
    behind = text[run[-1].end : run[-1].end + _MOST_AROUND].partition("\n")[0]
    return len(before) + len(behind) < _MOST_AROUND and not any(map(str.isalnum, before + behind))


def _speaks(text: str, run: Run) -> bool:
    """`Rose: how are you?` at the start of a line."""
    word = run[0]
    if not word.kind & WEAK_FIRST or word.kind & NOT_NAME or len(run) > 1 or text[word.end : word.end + 1] != ":":
        return False
    return word.start == 0 or text[word.start - 1] == "\n" or _SAID_AT.search(text, max(0, word.start - 24), word.start) is not None


def _is_block(text: str, run: Run) -> bool:
    """Whether an address, a number or an e-mail follows on the next line: a letter's head, a card."""
    if not 2 <= len(run) <= 4 or any(word.kind & (WORD | NOT_NAME) and not word.kind & (ANY_FIRST | LAST) for word in run):
        return False
    following = text[run[-1].end : run[-1].end + 120].lstrip(" \t,;\r").lstrip("\n").split("\n", 1)[0]
    return _CONTACT_LINE.match(following) is not None
