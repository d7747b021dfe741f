"""Street addresses as they are written in Europe and the Americas, boxes, and post codes with their town.

A street is a number, a name and a word for street, in the order of its language. Where the word is a word for much else too
("5 Mountain View"), a flat, a post code or words such as "my address is" have to stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from sharelm.anonymise.detectors import street_words as words
from sharelm.anonymise.detectors.address_card import streets_on_cards
from sharelm.anonymise.detectors.address_parts import (
    CANADIAN_POSTCODE,
    CAPITAL_WORD,
    LINE,
    STATE_NAME,
    UK_POSTCODE,
    UPPER,
    US_STATE,
    read_back,
    read_on,
)
from sharelm.anonymise.detectors.street_candidate import Candidate, candidates, numbers
from sharelm.anonymise.detectors.told_address import told_addresses
from sharelm.anonymise.entry import Entry
from sharelm.anonymise.rules import Region
from sharelm.anonymise.windows import Windows
from sharelm.vocabulary import PiiSpan

_DIGIT = re.compile(r"\d")
_MILITARY = Entry(
    r"(?<!\w)(?:(?:PSC|CMR|Unit)[ ]\d{1,6},?[ ]Box[ ]\d{1,6}|(?:USNS|USS|USCGC"
    r"|USNV)[ ][\w .\-]{2,30}?)[,\s]{1,3}(?:[AFD]PO,?[ ]A[AEP],?[ ]\d{5}(?:-\d{4})?)",
    re.IGNORECASE,
)
_BOX = Entry(
    rf"(?<![\w.\-])(?:(?:{words.BOX.replace('|box|', '|')})[ ]?(?:n[ro°º.]{{0,2}}[ ]?|:[ ]?|#[ ]?)?\d{{1,6}}(?:[ ]\d{{2,3}}){{0,2}}|(?-i:BP"
    rf"|CP)[ ]\d{{1,6}})(?!\w|[.:]\d)",
    re.IGNORECASE,
)
_FIVE_DIGITS = r"[0-9](?<=[ ][0-9])[0-9]{4}"
_POSTCODES = (
    Entry(rf"(?<![\w.\-])(?:{CAPITAL_WORD}[ ]?){{1,3}},?[ ]{US_STATE}\.?,?[ ]\d{{5}}(?:-\d{{4}})?(?!\w|[.,\-]\d)", hint=_FIVE_DIGITS),
    Entry(rf"(?<![\w.\-])(?:{CAPITAL_WORD}[ ]){{0,3}}{CAPITAL_WORD},[ ]{STATE_NAME},?[ ]\d{{5}}(?:-\d{{4}})?(?!\w|[.,\-]\d)", hint=_FIVE_DIGITS),
    Entry(rf"(?<![\w.\-/])(?:{UK_POSTCODE}|{CANADIAN_POSTCODE})(?![\w\-/])", hint=r"[0-9](?<=[A-Z][0-9])[0-9A-Z]?[ ][0-9][A-Z]"),
    Entry(
        rf"(?<![\w.\-/])(?:[A-Z]{{1,2}}-\d{{4,5}}|\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{5}}-\d{{3}}|[1-9]\d{{3}}[ ](?!AD|AM|BC|BE|CE|EB|GB|HP"
        rf"|HZ|KB|KM|KW|MB|MM|MP|OR|PM|PS|PX|SA|SD|SS|TB|TV|UK|US|VA"
        rf"|ZB)[A-Z]{{2}})[ ](?:d[aeo]s?[ ])?{CAPITAL_WORD}(?:[ \-/]{{1,3}}(?:d[aeo]s?[ ])?{CAPITAL_WORD}){{0,3}}",
        hint=rf"[0-9](?:(?<=-[0-9]{{3}})|(?<=-[0-9]{{4}})|(?<=-[0-9]{{5}})|(?<=[0-9]{{4}})[ ][A-Z]{{2}})[ ](?:d[aeo]s?[ ])?[{UPPER}]",
    ),
)
_CODE_SAID = Entry(
    r"(?<!\w)(?:zip(?: ?code)?|post(?:al)? ?code|postleitzahl|plz|code postal|código postal|codice postale|c\.a\.p\.|cap(?= ?[:\d])|cep"
    r"|postnummer|kod pocztowy|eircode|pin ?code)"
    r"(?:[\s:=#]|\b(?:is|of|in|ist|est|es|è|é|jest|number"
    r"|no)\b){1,4}(?P<code>(?=[\w\- ]{0,4}\d)(?:[A-Z]{1,2}-)?[A-Z0-9]{2,6}(?:[ \-][A-Z0-9]{2,4})?)(?!\w)",
    re.IGNORECASE,
)
# "Cl. 4A # 52F-98 Sur": streets and houses by numbers, as in Colombia; "Ruta 5 Norte, km 778".
_GRID = Entry(
    r"(?<!\w)(?P<name>(?:calle|cl|cll|carrera|cra|kra|kr|cr|diagonal|diag|dg|transversal|tr|tv|avenida|av|ac|ak"
    r"|autopista)\.?(?:[ ]calle)?)[ ]\d{1,3}[ ]?[A-Zª]{0,2}(?:[ ](?:bis|sur|norte|este|oeste))*[ ](?:\#"
    r"|n[o°º]\.?)[ ]?\d{1,3}[A-Z]{0,2}[ ]?[\-–][ ]?\d{1,3}(?:[ ](?:sur|norte|este|oeste))?"
    r"|(?<!\w)(?P<road>ruta|route|carretera|autovía|autopista|rodovia|highway|hwy)[ ][A-Z]{0,3}-?\d{1,4}(?:[ ][^\W\d_]{2,12})?,?[ ](?:km"
    r"|kilómetro|mile)\.?[ ]\d{1,4}(?:[.,]\d)?",
    re.IGNORECASE,
)
# "Vereda Luiza Silva\nPindorama\n32873-314": a street without number in front of a post code.
_BEGINS_WITHOUT_NUMBER = Entry(rf"(?<![\w.\-])(?i:{words.BEFORE_NAME})[ ](?=(?:(?:{words.PARTICLES})[ ]){{0,2}}[{UPPER}])")
_WITHOUT_NUMBER = re.compile(
    rf"[^\W\d_]{{2,12}}\.?[ ](?P<name>(?:(?:{words.PARTICLES})[ ]){{0,2}}{CAPITAL_WORD}(?:[ ](?:{CAPITAL_WORD}"
    rf"|(?:{words.PARTICLES})(?!\w))){{0,5}})"
    rf"(?=(?:,[ ]|{LINE})[^\d\n]{{0,40}}(?:\n[^\d\n]{{0,40}})?\d)"
)
# Of the Free Software Foundation (in every copy of its licences), of two heads of state and of a detective.
_PUBLISHED = re.compile(r"(?:51|59) (?:Franklin St|Temple Pl)|1600 Pennsylvania Av|10 Downing St|221b Baker St", re.IGNORECASE)
_TOWN_NEXT = re.compile(rf",[ ]{CAPITAL_WORD}")
# "Flat 83, 89 Harper Flats", "Unit 90 507 Ryan Corner", but not "Unit 5 Key Points".
_FLAT = re.compile(r"(?:(?:flat|apartment|apt|suite|studio)\.?[ ]\d|unit[ ]\d{1,4}[A-Z]?,?[ ]\d)", re.IGNORECASE)
_MOST_UNSURE = 2_000
_LETTER = re.compile(r"[^\W\d_]")
_FARTHEST_LETTER = 100
"""Characters between a number and the letters that can make it a house's."""
_MANY_NUMBERS = 40
# Characters around a number that may belong to its address, with all that says so.
_MOST_BEFORE, _MOST_BEHIND = 160, 1_200
ENTRIES = (_MILITARY, _BOX, *_POSTCODES, _CODE_SAID, _GRID, _BEGINS_WITHOUT_NUMBER)


def find(text: str) -> Iterator[PiiSpan]:
    if _DIGIT.search(text):
        for start, end in (*_streets(text), *_without_street(text), *told_addresses(text), *streets_on_cards(text)):
            yield PiiSpan(start, _without_full_stop(text, end), "STREET_ADDRESS")


def _without_full_stop(text: str, end: int) -> int:
    """Without the end of the sentence; "St." keeps its own."""
    return end - 1 if text[end - 1] == "." and text[max(0, end - 6) : end - 1].isalpha() else end


def _streets(text: str) -> Iterator[tuple[int, int]]:
    unsure = 0
    windows: Windows[list[tuple[Region | None, bool]]] = Windows(text, _MOST_BEFORE, _MOST_BEHIND)
    bare_from = bare_to = 0  # between these places there is no letter near any number
    for count, number in enumerate(numbers(text)):
        at, is_table = number.start(), unsure >= _MOST_UNSURE
        if bare_from <= at and number.end() < bare_to:
            continue
        if count > _MANY_NUMBERS and bare_to <= at:
            letter = _LETTER.search(text, at)
            bare_from, bare_to = at + _FARTHEST_LETTER, (letter.start() if letter else len(text)) - _FARTHEST_LETTER
        for street, is_unsure in windows.at(at, partial(_streets_at, text, number, is_table=is_table)):
            unsure += is_unsure
            if street and not (is_unsure and unsure > _MOST_UNSURE):
                yield at + street[0], at + street[1]


def _streets_at(text: str, number: re.Match[str], *, is_table: bool) -> list[tuple[Region | None, bool]]:
    """For each candidate the street as seen from the number, and whether nothing but what follows can make it one; of tables these are not read."""
    at, streets = number.start(), []
    for candidate in candidates(text, number):
        is_skipped = (is_table and candidate.only_proved) or _PUBLISHED.search(text, candidate.start, candidate.end)
        street = None if is_skipped else _street(text, candidate)
        streets.append(((street[0] - at, street[1] - at) if street else None, candidate.only_proved))
    return streets


def _street(text: str, candidate: Candidate) -> Region | None:
    end, is_proved = read_on(text, candidate.end, in_small_letters=candidate.in_small_letters, only_sure=candidate.only_proved)
    start = read_back(text, candidate.start)
    is_flat = not candidate.only_proved and _FLAT.match(text, start, candidate.end) is not None
    return (start, end) if is_proved or is_flat or _is_street(text, candidate) else None


def _is_street(text: str, candidate: Candidate) -> bool:
    """Whether the street needs nothing beside it, or no more than a town behind a comma."""
    return candidate.is_sure or (candidate.is_sure_before_town and bool(_TOWN_NEXT.match(text, candidate.end)))


def _without_street(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_MILITARY, _BOX, _GRID):
        for match in pattern.finditer(text):
            yield match.start(), read_on(text, match.end(), in_small_letters=match[0].lower() == match[0])[0]
    for pattern in _POSTCODES:
        yield from (match.span() for match in pattern.finditer(text))
    yield from (match.span("code") for match in _CODE_SAID.finditer(text) if sum(map(str.isdecimal, match["code"])) >= 2)
    yield from _without_number(text)


def _without_number(text: str) -> Iterator[tuple[int, int]]:
    for begin in _BEGINS_WITHOUT_NUMBER.finditer(text):
        match = _WITHOUT_NUMBER.match(text, begin.start())
        end, is_proved = read_on(text, match.end(), only_sure=True) if match else (0, False)
        if is_proved:
            yield begin.start(), end
