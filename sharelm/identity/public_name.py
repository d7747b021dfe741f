"""A name that a contributor wants to be seen under: letters, digits and a few signs, so that it can carry no markup, no link and no direction."""

from __future__ import annotations

import unicodedata

from sharelm.errors import English, InvalidPayload

MIN_NAME, MAX_NAME = 3, 24
SIGNS = frozenset(" .,'’-·&")
JOINERS = frozenset("\u200c\u200d")  # Persian and the scripts of India write with them, inside words only
MOST_MARKS = 3  # one upon the other, such as Hebrew points; more would cover the lines around
PROBLEM = English("A name has 3 to 24 letters or digits, and may hold spaces and . , ' - · &; it begins with a letter or digit.")


def read_public_name(text: str) -> str | None:
    """The name as it is kept (NFKC, single spaces); None if there is none. Raises InvalidPayload."""
    name = unicodedata.normalize("NFKC", " ".join(text.split()))
    if not name:
        return None
    is_fit = MIN_NAME <= len(name) <= MAX_NAME and name[0].isalnum() and all(_is_allowed(name, place) for place in range(len(name)))
    if not is_fit:
        raise InvalidPayload(PROBLEM)
    return name


def is_same_name(one: str, other: str) -> bool:
    """Whether people would take two names for one."""
    return one.casefold() == other.casefold()


def _is_allowed(name: str, place: int) -> bool:
    letter = name[place]
    if letter in JOINERS:
        return place > 0 and place + 1 < len(name) and _is_letter(name[place - 1]) and _is_letter(name[place + 1])
    if _is_mark(letter):
        return not all(_is_mark(one) for one in name[max(0, place - MOST_MARKS) : place])
    return _is_letter(letter) or letter.isdigit() or letter in SIGNS


def _is_letter(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LM"


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"
