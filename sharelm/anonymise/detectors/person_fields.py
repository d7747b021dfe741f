"""Persons in fields of forms: `Name: Per Pettersson` with nothing else on the line; there names are found that are small words elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.detectors.person_context import PARTICLES
from sharelm.anonymise.detectors.person_lists import ANY_FIRST, LAST, NOT_NAME, STRONG_FIRST, WORD, kind_of
from sharelm.anonymise.detectors.person_runs import UPPER

_FIELD = re.compile(
    rf"(?:\A|\n)[ \t>*\-•|\"'{{]{{0,8}}(?:(?:full|customer|patient|contact|client|guest|tenant)[ _]?)?[Nn]ame[\"']?[ \t]{{0,4}}[:=][ \t*\"'_]{{0,6}}"
    rf"(?P<name>[{UPPER}][^\W\d_]{{1,20}}(?: (?:[^\W\d_]{{1,3}} )?[{UPPER}][^\W\d_]{{1,20}}(?:-[{UPPER}][^\W\d_]{{1,20}})?){{1,3}})"
    r"(?=[ \t\"'}},*|]{0,4}(?:\n|\Z))"
)
_SIGN = re.compile(r"ame[\"']?[ \t]{0,4}[:=]")  # in any such field; Python skips from one "ame" to the next


def find(text: str) -> Iterator[tuple[int, int]]:
    for match in _FIELD.finditer(text) if _SIGN.search(text) else ():
        if _is_name([kind_of(word) for word in match["name"].split() if word.lower() not in PARTICLES]):
            yield match.span("name")


def _is_name(kinds: list[int]) -> bool:
    """Whether a list knows a name among the words, and no other word: jobs of programs are called "Deploy Jenkins"."""
    if any(kind & NOT_NAME or (kind & WORD and not kind & (ANY_FIRST | LAST)) for kind in kinds):
        return False
    return any(kind & STRONG_FIRST for kind in kinds) or (all(kinds) and any(kind & LAST and not kind & WORD for kind in kinds))
