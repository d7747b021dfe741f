"""Streets on cards and in the heads of letters: the line with a number below a name and above a town, whatever the street is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.detectors.person_lists import NOT_NAME, STRONG_FIRST, WORD, kind_of
from sharelm.anonymise.detectors.street_words import NOT_STREETS, STOP_WORDS

_WORD = r"[^\W\d_][\w'’.\-]{0,24}"
_CARD = re.compile(
    rf"\n[ \t>]*(?:[^\W\d_][^\n:]{{0,24}}:[ \t])?(?P<name>{_WORD}(?: {_WORD}){{1,4}})[ \t]*\n[ \t>]*"
    rf"(?P<street>\d{{1,5}}[A-Za-z]? {_WORD}(?: {_WORD}){{0,4}}|{_WORD},?(?: {_WORD},?){{0,4}} \d{{1,4}}(?: ?[A-Za-z])?)[ \t]*\n"
    rf"[ \t>]*(?P<town>{_WORD}(?:[ \-]{_WORD}){{0,4}})[ \t]*(?=\n|\Z)"
)

_FEWEST_LINES = 3
_LONGEST = 500  # characters of three such lines


def streets_on_cards(text: str) -> Iterator[tuple[int, int]]:
    if text.count("\n") < _FEWEST_LINES - 1:
        return
    first = _CARD.match("\n" + text[:_LONGEST])
    if first and _is_card(first):
        yield first.start("street") - 1, first.end("street") - 1
    at = 0
    while card := _CARD.search(text, at):
        if _is_card(card):
            yield card.span("street")
        at = card.end("name")  # the street's line may be the name above the next one


def _is_card(card: re.Match[str]) -> bool:
    return _is_name(card["name"]) and _is_street(card["street"])


def _is_name(line: str) -> bool:
    kinds = [kind_of(word) for word in line.split()]
    return any(kind & STRONG_FIRST and not kind & (WORD | NOT_NAME) for kind in kinds)


def _is_street(line: str) -> bool:
    return not any(word.lower().strip(".,") in STOP_WORDS | NOT_STREETS for word in line.split())
