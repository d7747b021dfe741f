"""Dates of birth, by the words before them. What an encyclopaedia says of somebody ("was born on 14 March 1879") stays."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

_MONTH_BEGINS = (
    r"(?:jan|feb|f[ée]v|mar|m[äa]r|maa?rt|apr|avr|abr|ma[iyj]|mag|maio|giu|jun|juin|jui|lug|jul|juil|aug|ago|ao[uû]t|sep|set|wrz|o[ckt]t|out"
    r"|ott|paź|paz|nov|lis|d[eéi][czs]|gru|gen|ene|sty|lut"
    r"|kwi|cze|lip|sie)"
)
_MONTH = rf"{_MONTH_BEGINS}[^\W\d_]{{0,10}}\.?"
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    rf"(?:\d{{1,2}}\s?[./\-]\s?\d{{1,2}}\s?[./\-]\s?(?:{_YEAR}|\d\d)|{_YEAR}\s?[./\-]\s?\d{{1,2}}\s?[./\-]\s?\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s(?:of\s|de\s|di\s)?{_MONTH},?\s(?:de\s|del\s)?{_YEAR}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s{_YEAR})"
)
_SHORT = rf"(?:\d{{1,2}}(?:st|nd|rd|th|º|\.)?\s(?:of\s|de\s)?{_MONTH}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}[./]\d{{1,2}}\.?)(?![\w/])"
_LABEL = (
    r"(?:d\.?o\.?b\.?|date of birth|birth ?date|birth ?day|b-?day|geburtsdatum|geburtstag|geb\.?(?: am)?|date de naissance|anniversaire"
    r"|fecha de nacimiento|cumpleaños|data di nascita|compleanno"
    r"|data de nascimento|aniversário|geboortedatum|verjaardag|data urodzenia|ur\.)"
)
_IS = r"[\s:=\-–*(.?]{0,4}(?:(?:is|was|it's|its|ist|war|est|es|è|é|jest|to|on|am|el|le|il|em|op)[\s:]{1,2}){0,2}(?:the\s|le\s|el\s|il\s|dia\s)?"
_MINE = (
    r"(?:\b(?:i was|i am|i'm|we were|you were|both) born(?: and raised)?|\bich (?:bin|wurde)|\b(?:bin|wurde) ich|\bje suis née?|\bnací"
    r"|\bsono nat[oa]|\bnasci|\bik ben|\burodzi[łl][ae]m się|\bgeboren|\bnée?"
    r"|\bnacid[oa]|\bnat[oa]|\bnascid[oa]|\burodzon[ya])"
)
# What is in every date, with or without its year.
_SIGN = (
    r"\d\s?[./\-]\s?\d"
    rf"|\d(?:st|nd|rd|th|er|º|\.)?\s(?:of\s|de\s|di\s)?{_MONTH_BEGINS}|{_MONTH}\s\d"
)
_A_DATE = Entry(_SIGN, re.IGNORECASE)
_LABELLED = Entry(rf"(?<!\w){_LABEL}{_IS}(?P<value>{_DATE}|{_SHORT})", re.IGNORECASE, needs=_A_DATE)
_TOLD = Entry(rf"{_MINE}[^\n.!?\d]{{0,40}}?\s(?:on|in|am|im|le|el|il|em|op|dnia)?\s?(?:the\s)?(?P<value>{_DATE})", re.IGNORECASE, needs=_A_DATE)
# "She was born on 10/10/1975": a form writes so, an encyclopaedia does not.
_FORM = Entry(r"\bborn(?: on)?:?\s(?P<value>\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?!\w)", re.IGNORECASE)

ENTRIES = (_LABELLED, _TOLD, _FORM)


def find(text: str) -> Iterator[PiiSpan]:
    for pattern in (_LABELLED, _TOLD, _FORM):
        for match in pattern.finditer(text):
            yield PiiSpan(*match.span("value"), "DATE_OF_BIRTH")
