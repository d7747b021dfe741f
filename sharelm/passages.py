"""Passages that a contributor hides by hand: found wherever their words stand, recognised later by keyed digests of the words alone.

Words are compared after NFKC and case folding, and what stands between them does not count: `Anna Müller` is also found as `**anna** MÜLLER`.
A label such as `[EMAIL_ADDRESS_1]` is no word, and no passage goes across one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

MARKS = ("***", "**", "*", "___", "__", "_", "~~", "`")  # that come in pairs in Markdown, the longer first
MIN_CHARACTERS = 3
MAX_CHARACTERS = 1_000
MAX_WORDS = 50
LABEL = r"\[[A-Z][A-Z_]{1,40}_\d{1,6}\]"
HIDDEN_LABEL = re.compile(r"\[HIDDEN_([1-9]\d{0,3})\]")  # a number of five digits was written by a person: nothing is counted on from it
# Scripts without blanks between words, and Korean, which ties endings to them: here every sign is a word.
SIGNS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"  # hyphens and joints that nobody sees, inside words
_WITHIN_WORD = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")  # no mark of Markdown
WHERE_MARKS_ARE = ((0x300, 0x1F000), (0xE0100, 0xE01F0))

Digest = Callable[[str], str]
"""Keyed, and different in every conversation."""
Word = tuple[int, int, str]
"""(start, end, normal form); a label is a word without one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is kept of a hidden passage: `digest` of its words, how many they are, the number of its label.

    `first` is a short digest of the first word, so that not every place of a text needs a digest of its own.
    """

    digest: str
    first: str
    words: int
    number: int


def read_passage(text: str, digest: Digest, *, number: int) -> Passage | None:
    """None where there is nothing to look for: too short, too long, or with a label in it."""
    words = list(words_of(text))
    normal = [word for _, _, word in words]
    is_right = len(text) <= MAX_CHARACTERS and len(words) <= MAX_WORDS and all(normal) and len("".join(normal)) >= MIN_CHARACTERS
    return Passage(digest(" ".join(normal)), _first(normal[0], digest), len(words), number) if is_right else None


def find_passages(text: str, passages: Collection[Passage], digest: Digest) -> list[tuple[int, int, int]]:
    """Where any of them stands: (start, end, number), sorted, without overlap; of two at one place the longer. Linear in the text."""
    if not passages:
        return []
    words = list(words_of(text))
    known = _remembering(digest)  # for this text only
    longest_first = sorted(passages, key=lambda passage: -passage.words)
    likely: dict[str, list[Passage]] = {}
    found: list[tuple[int, int, int]] = []
    free_from = 0
    for place, (start, _, normal) in enumerate(words):
        if normal not in likely:
            first = _first(normal, known)
            likely[normal] = [passage for passage in longest_first if passage.first == first]
        if not likely[normal] or place < free_from:
            continue
        passage = _passage_at(words, place, likely[normal], known)
        if passage is not None:
            free_from = place + passage.words
            found.append((start, words[free_from - 1][1], passage.number))
    return found


def hide_passages(text: str, passages: Collection[Passage], digest: Digest) -> tuple[str, int]:
    """The text with `[HIDDEN_n]` where they stood, and how many places that were."""
    pieces, kept_from = [], 0
    places = find_places(text, passages, digest)
    for start, end, number in places:
        pieces += [text[kept_from:start], f"[HIDDEN_{number}]"]
        kept_from = max(end, kept_from)
    return "".join([*pieces, text[kept_from:]]), len(places)


def find_places(text: str, passages: Collection[Passage], digest: Digest) -> list[tuple[int, int, int]]:
    """What is replaced where passages stand: each as `find_passages` has it, with the Markdown mark that would be left over."""
    places: list[tuple[int, int, int]] = []
    free_from = 0
    for first, last, number in find_passages(text, passages, digest):
        start, end = _with_marks(text, first, last, free_from=free_from)
        places.append((start, end, number))
        free_from = max(end, free_from)
    return places


def _with_marks(text: str, start: int, end: int, *, free_from: int) -> tuple[int, int]:
    """With the Markdown mark that stands before or after where its other half is inside, as in `**Anna** Müller`: it would be left over."""
    inside = _WITHIN_WORD.sub("", text[start:end])
    for mark in MARKS:
        if inside.count(mark) % 2 and text.endswith(mark, free_from, start):
            return start - len(mark), end
        if inside.count(mark) % 2 and text.startswith(mark, end):
            return start, end + len(mark)
    return start, end


def highest_number(texts: Sequence[str], passages: Collection[Passage]) -> int:
    """The highest number that a `[HIDDEN_n]` has, in the texts or by hand."""
    written = (int(match[1]) for text in texts for match in HIDDEN_LABEL.finditer(text))
    return max((*written, *(passage.number for passage in passages)), default=0)


def words_of(text: str) -> Iterator[Word]:
    """The words of a text in order. One whose normal form has several (`㏂`, Korean letter by letter) comes as each of them, in one place."""
    known: dict[str, list[str]] = {}
    for match in _words().finditer(text):
        start, end = match.span()
        word = match[0]
        if match[1]:
            yield start, end, ""
        elif word.isascii():
            yield start, end, word.lower()
        else:
            if word not in known:
                known[word] = _normal_parts(word)
            for part in known[word]:
                yield start, end, part


def _normal_parts(word: str) -> list[str]:
    bare = _invisible().sub("", word)
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
    return [match[0] for match in _words().finditer(normal)]


def _passage_at(words: Sequence[Word], place: int, passages: Sequence[Passage], digest: Digest) -> Passage | None:
    for passage in passages:
        run = [word for _, _, word in words[place : place + passage.words]]
        if len(run) == passage.words and all(run) and digest(" ".join(run)) == passage.digest:
            return passage
    return None


def _remembering(digest: Digest) -> Digest:
    known: dict[str, str] = {}

    def remembered(run: str) -> str:
        if run not in known:
            known[run] = digest(run)
        return known[run]

    return remembered


def _first(word: str, digest: Digest) -> str:
    return digest(f"\0{word}")[:4]


@cache
def _words() -> re.Pattern[str]:
    marks = "".join(f"\\U{code:08x}" for start, end in WHERE_MARKS_ARE for code in range(start, end) if unicodedata.category(chr(code))[0] == "M")
    sign = f"[{SIGNS}][{marks}]*"
    letters = rf"(?:(?![{SIGNS}])[^\W_]|[{marks}])+"
    plain = r"[A-Za-z0-9]++(?![^\x00-\x7f])"  # most words: the general way takes three times as long
    return re.compile(rf"{plain}|({LABEL})|{sign}|{letters}(?:[{INVISIBLE}]+{letters})*")


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile(f"[{INVISIBLE}]")
