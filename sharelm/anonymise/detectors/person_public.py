"""People of public life, of history and of fiction: who they are, and whether somebody of their name is meant personally."""

from __future__ import annotations

import re
from functools import cache

from sharelm.anonymise.detectors import person_context as context
from sharelm.anonymise.detectors.person_lists import read_list
from sharelm.anonymise.detectors.person_runs import Key, key_of

_FORMS_OF_ADDRESS = re.compile(r"(?:mrs?|ms|miss|mx|herr|frau|monsieur|madame|señora?|signora?|senhora?|meneer|mevrouw|pani?)\b\.?\s", re.IGNORECASE)
_MINE = r"(?:my|our|mein|meine[mnrs]?|mon|ma|mi|mio|mia|meu|minha|mijn|mój|moja|min)"
_PERSONAL = re.compile(
    r"\b(?:name is|name's|name:|i am|i'm|i’m|call me|this is|dear|hi|hello|hey|hallo|liebe[rs]?|cher|chère|querid[oa]|car[oa]|mein name ist|ich bin|"
    r"ich hei(?:ß|ss)e|m'appelle|je suis|me llamo|nombre es|soy|mi chiamo|sono|me chamo|sou|ik ben|ik heet|nazywam się|jestem|"
    rf"{_MINE}\s(?:\w+\s)?(?:{'|'.join(sorted(map(re.escape, context.KIN)))})(?:'s name is|,| is)?)[\s,:*\"'“]{{1,3}}\Z",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"[\w.+\-]@\w|\+?\d[\d ()./\-]{7,}\d|(?i:\b(?:phone|tel|e-?mail|address|ssn|iban|passport)\b)")
_LIFE_DATES = re.compile(
    r"['’]?s? \((?:c\. ?|born |b\. ?|geb\. ?|né en |\* ?)?[1-9]\d{2,3}(?:\s?[–—\-]\s?(?:(?:c\. ?)?\d{1,4}(?![\d\-. ])|\)|[^\W\d])|\)| [^\W\d])"
)
_AROUND = 60


@cache
def _figures() -> frozenset[Key]:
    names = {key_of(line) for line in read_list("public_figures.txt")}
    # The middle of a name is often left out: Lyndon B. Johnson.
    return frozenset(names | {(name[0], name[-1]) for name in names if len(name) == 3 and len(name[1]) == 1 and len(name[0]) > 1})


def is_public(text: str, start: int, end: int) -> bool:
    """Whether the name belongs to somebody everybody knows, and nothing around it is personal."""
    if _LIFE_DATES.match(text, end):
        return True
    key = key_of(text[start:end])
    if key not in _figures() and not (len(key) == 3 and (key[0], key[-1]) in _figures()):
        return False
    is_addressed = len(key) == 1 and _FORMS_OF_ADDRESS.match(text, start) is not None
    return not is_addressed and not is_personal(text, start, end)


def is_personal(text: str, start: int, end: int) -> bool:
    """Whether the name is somebody's in this conversation: introduced, addressed, related, or beside something to reach them by."""
    before = text[max(0, start - _AROUND) : start]
    if _PERSONAL.search(before) or context.LABEL.search(before):
        return True
    behind = text[end : end + _AROUND].partition("\n")[0]
    return _CONTACT.search(before.rpartition("\n")[2] + text[start:end] + behind) is not None
