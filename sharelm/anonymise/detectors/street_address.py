"""Street addresses as they are written in Europe and the Americas, boxes, and post codes with their town.

A street is a number, a name and a word for street, in the order of its language. Where the word is a word for much else too
("5 Mountain View"), a flat, a post code or words such as "my address is" have to stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.detectors import street_words as words
from sharelm.anonymise.detectors.address_parts import (
    CANADIAN_POSTCODE,
    CAPITAL_WORD,
    LINE,
    NUMBER,
    STATE_NAME,
    UK_POSTCODE,
    UNIT_PART,
    UPPER,
    US_STATE,
    WORD,
    read_back,
    read_on,
)
from sharelm.anonymise.detectors.told_address import told_addresses
from sharelm.vocabulary import PiiSpan

TRIGGER = r"\d"

_NAME = rf"(?:(?:{words.PARTICLES}|{WORD}|\d{{1,3}}(?:st|nd|rd|th|[ºª°])?)[ ]|[dl]['’])"
_START = r"(?<![\w.,:/$€£#@=+\-])"
_ENGLISH = re.compile(
    rf"{_START}(?P<number>(?:\d{{1,3}}[ ])?{NUMBER}),?[ ](?P<name>(?:[NSEW]\.?[ ])?(?:[^\W_][\w'’.\-]{{0,29}}[ ]){{1,4}}?)"
    rf"(?:(?P<sure>{words.ENGLISH_SURE})|(?P<unsure>{words.ENGLISH_UNSURE}))\b\.?(?:[ ](?:[NSEW]|NE|NW|SE|SW|north|south|east|west)\b)?(?![\w'’])",
    re.IGNORECASE,
)
_FRENCH = re.compile(rf"{_START}(?P<number>{NUMBER}),?[ ](?:(?:bis|ter|quater)[ ,]{{1,2}})?(?:{words.FRENCH})[ ](?P<name>(?:{_NAME}){{0,5}}{WORD})", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?<![\w.])(?:(?P<sure>{words.BEFORE_SURE})|(?P<unsure>{words.BEFORE_UNSURE}))(?:[ ]|(?<=[./]))(?P<name>(?:{_NAME}){{0,6}}?{WORD})(?:,[ ]?|[ ])"
    rf"(?:(?:n[ro°º.]{{0,2}}|num\.?|número|numero|civico|д\.|дом|č\.)[ ]?)?(?P<number>{NUMBER}|s/n\b)(?!\w|[.:]\d|[ ]?[%€$£])",
    re.IGNORECASE,
)
_ENDING = re.compile(
    rf"(?<![\w.\-])(?P<name>(?:{CAPITAL_WORD}[ \-](?:(?:{words.PARTICLES})[ ]){{0,2}}){{0,3}}[^\W\d_][\w'’.\-]{{1,28}}?)(?i:(?P<sure>{words.ENDING_SURE})|(?P<unsure>{words.ENDING_UNSURE}))[ ]?,?[ ]?"
    rf"(?:(?:nr|no)\.?:?[ ]?)?(?P<number>{NUMBER})(?!\w|[.:]\d|[ ]?[%€$£])",
)
_BEHIND = re.compile(
    rf"(?<![\w.\-])(?P<name>{CAPITAL_WORD}(?:[ ]{CAPITAL_WORD}){{0,3}}[ ](?i:{words.BEHIND_SURE}))[ ]?(?:(?:nr|no)\.?:?[ ]?)?(?P<number>{NUMBER})\.?(?!\w|[.:]\d|[ ]?[%€$£])"
)
_GERMAN = re.compile(
    rf"(?<!\w)(?i:{words.GERMAN_PREPOSITIONS})[ ](?P<name>{CAPITAL_WORD}(?:[ ]{CAPITAL_WORD}){{0,2}})[ ](?P<number>{NUMBER})(?!\w|[.:]\d|[ ]?[%€$£])"
)
# "71 Paraguay 87\n Apt. 5", "Lindenhof 5\n12345 Musterstadt": proved by the line that follows.
_PLAIN = re.compile(rf"(?:^|{_START})(?P<number>\d{{1,5}}[A-Za-z]?),?[ ](?P<name>[^\W_][\w'’.\-]*(?:[ ][^\W_][\w'’.\-]*){{0,5}}?)(?:[ ]\d{{1,5}}[A-Za-z]?)?\.?(?=[ ]?[,\n]|[ ](?:{words.UNIT})\b)", re.IGNORECASE)
_LINE = re.compile(
    rf"(?<![\w.\-])(?P<name>{CAPITAL_WORD}(?:[ ](?:{CAPITAL_WORD}|(?:{words.PARTICLES})(?!\w))){{0,4}}),?[ ](?:[Nn][ro°º.]{{0,2}}[ ]?)?(?P<number>\d{{1,4}}(?:[ ]?[A-Za-z](?!\w))?(?:[/\-]\d{{1,4}})?)\.?"
    rf"(?=[ ](?:{words.UNIT})\b|[ ]?,[ ]|{LINE})"
)
_WITHOUT_NUMBER = re.compile(rf"(?<![\w.\-])(?i:{words.BEFORE_SURE}|{words.BEFORE_UNSURE})[ ](?P<name>(?:(?:{words.PARTICLES})[ ]){{0,2}}{CAPITAL_WORD}(?:[ ](?:{CAPITAL_WORD}|(?:{words.PARTICLES})(?!\w))){{0,5}})(?=,[ ]|{LINE})")
# "Cl. 4A # 52F-98 Sur": streets and houses by numbers, as in Colombia; "Ruta 5 Norte, km 778".
_GRID = re.compile(
    r"(?<!\w)(?P<name>(?:calle|cl|cll|carrera|cra|kra|kr|cr|diagonal|diag|dg|transversal|tr|tv|avenida|av|ac|ak|autopista)\.?(?:[ ]calle)?)[ ]\d{1,3}[ ]?[A-Zª]{0,2}(?:[ ](?:bis|sur|norte|este|oeste))*[ ](?:\#|n[o°º]\.?)[ ]?\d{1,3}[A-Z]{0,2}[ ]?[\-–][ ]?\d{1,3}(?:[ ](?:sur|norte|este|oeste))?"
    r"|(?<!\w)(?P<road>ruta|route|carretera|autovía|autopista|rodovia|highway|hwy)[ ][A-Z]{0,3}-?\d{1,4}(?:[ ][^\W\d_]{2,12})?,?[ ](?:km|kilómetro|mile)\.?[ ]\d{1,4}(?:[.,]\d)?",
    re.IGNORECASE,
)
_UNIT_FIRST = re.compile(rf"{UNIT_PART},?(?:{LINE})?[ ]?(?P<number>\d{{1,5}}[A-Za-z]?),?[ ](?P<name>(?:[^\W_][\w'’.\-]*[ ]?){{1,6}}?)(?:[ ]\d{{1,5}}[A-Za-z]?)?(?=[ ]?[,\n]|\Z)", re.IGNORECASE)
_MILITARY = re.compile(r"(?<!\w)(?:(?:PSC|CMR|Unit)[ ]\d{1,6},?[ ]Box[ ]\d{1,6}|(?:USNS|USS|USCGC|USNV)[ ][\w .\-]{2,30}?)[,\s]{1,3}(?:[AFD]PO,?[ ]A[AEP],?[ ]\d{5}(?:-\d{4})?)", re.IGNORECASE)
_BOX = re.compile(rf"(?<![\w.\-])(?:(?:{words.BOX.replace('|box|', '|')})[ ]?(?:n[ro°º.]{{0,2}}[ ]?|:[ ]?|#[ ]?)?\d{{1,6}}(?:[ ]\d{{2,3}}){{0,2}}|(?-i:BP|CP)[ ]\d{{1,6}})(?!\w|[.:]\d)", re.IGNORECASE)
_POSTCODES = (
    re.compile(rf"(?<![\w.\-])(?:{CAPITAL_WORD}[ ]?){{1,3}},?[ ]{US_STATE}\.?,?[ ]\d{{5}}(?:-\d{{4}})?(?!\w|[.,\-]\d)"),
    re.compile(rf"(?<![\w.\-])(?:{CAPITAL_WORD}[ ]){{0,3}}{CAPITAL_WORD},[ ]{STATE_NAME},?[ ]\d{{5}}(?:-\d{{4}})?(?!\w|[.,\-]\d)"),
    re.compile(rf"(?<![\w.\-/])(?:{UK_POSTCODE}|{CANADIAN_POSTCODE})(?![\w\-/])"),
    re.compile(rf"(?<![\w.\-/])(?:[A-Z]{{1,2}}-\d{{4,5}}|\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{5}}-\d{{3}}|[1-9]\d{{3}}[ ](?!AD|AM|BC|BE|CE|EB|GB|HP|HZ|KB|KM|KW|MB|MM|MP|OR|PM|PS|PX|SA|SD|SS|TB|TV|UK|US|VA|ZB)[A-Z]{{2}})[ ](?:d[aeo]s?[ ])?{CAPITAL_WORD}(?:[ \-/]{{1,3}}(?:d[aeo]s?[ ])?{CAPITAL_WORD}){{0,3}}"),
)
_CODE_SAID = re.compile(
    r"(?<!\w)(?:zip(?: ?code)?|post(?:al)? ?code|postleitzahl|plz|code postal|código postal|codice postale|c\.a\.p\.|cap(?= ?[:\d])|cep|postnummer|kod pocztowy|eircode|pin ?code)"
    r"(?:[\s:=#]|\b(?:is|of|in|ist|est|es|è|é|jest|number|no)\b){1,4}(?P<code>(?=[\w\- ]{0,4}\d)(?:[A-Z]{1,2}-)?[A-Z0-9]{2,6}(?:[ \-][A-Z0-9]{2,4})?)(?!\w)",
    re.IGNORECASE,
)
# "Chapter 5 The Long Road", "Top 10 Hidden Trail", "Season 3".
_COUNTED = re.compile(r"(?:chapter|figure|fig\.?|table|season|episode|part|top|page|version|level|step|day|week|volume|vol\.?|no|act|scene|book|grade|class|round|game|phase|lesson|unit|about|over|than|the|all|of|next|last|first)\s\Z", re.IGNORECASE)
_TOWN_NEXT = re.compile(rf",[ ]{CAPITAL_WORD}")
_PUBLISHED = re.compile(r"(?:51|59) (?:Franklin St|Temple Pl)", re.IGNORECASE)  # the Free Software Foundation's, in every copy of its licences
_YEAR = re.compile(r"(?:19|20)\d\d")


def find(text: str) -> Iterator[PiiSpan]:
    for start, end in (*_streets(text), *_proved_by_what_follows(text), *_without_street(text), *told_addresses(text)):
        yield PiiSpan(start, end, "STREET_ADDRESS")


def normalise(value: str) -> str:
    return "".join(filter(str.isalnum, value)).casefold()


def _streets(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_ENGLISH, _FRENCH, _BEFORE, _ENDING, _BEHIND, _GERMAN):
        for match in pattern.finditer(text):
            if _PUBLISHED.search(match[0]):
                continue
            in_small_letters = match[0].lower() == match[0]
            end, is_proved = read_on(text, match.end(), in_small_letters=in_small_letters)
            if is_proved and _is_name(match) or _is_street(text, match, pattern, in_small_letters=in_small_letters):
                # "in der Hauptstraße 5" begins with the street, "Am Markt 5" with the word before it.
                has_preposition = pattern is _GERMAN and match[0][0].islower()
                yield read_back(text, match.start("name" if has_preposition else 0)), end


def _proved_by_what_follows(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_PLAIN, _LINE, _UNIT_FIRST, _WITHOUT_NUMBER):
        for match in pattern.finditer(text):
            end, is_proved = read_on(text, match.end(), in_small_letters=match[0].lower() == match[0], only_sure=True)
            if is_proved and _is_name(match) and not _PUBLISHED.search(match[0]) and not _COUNTED.search(text, max(0, match.start() - 12), match.start()):
                yield read_back(text, match.start()), end


def _without_street(text: str) -> Iterator[tuple[int, int]]:
    for match in (*_MILITARY.finditer(text), *_BOX.finditer(text), *_GRID.finditer(text)):
        yield match.start(), read_on(text, match.end(), in_small_letters=match[0].lower() == match[0])[0]
    for pattern in _POSTCODES:
        for match in pattern.finditer(text):
            yield match.span()
    for match in _CODE_SAID.finditer(text):
        if sum(char.isdecimal() for char in match["code"]) >= 2:
            yield match.span("code")


def _is_street(text: str, match: re.Match[str], pattern: re.Pattern[str], *, in_small_letters: bool) -> bool:
    """Whether the street needs nothing beside it: its word is sure, its name is one, and nothing is counted."""
    unsure = match.groupdict().get("unsure")
    if pattern is _BEFORE and unsure and unsure[0].isupper():
        return bool(_TOWN_NEXT.match(text, match.end())) and match["name"][0].isupper()
    if pattern is _GERMAN or unsure or _COUNTED.search(text, max(0, match.start() - 12), match.start()):
        return False
    names = match["name"].split()
    if pattern is _ENGLISH and (_YEAR.fullmatch(match["number"]) or in_small_letters):
        return False
    is_named = any(name[:1].isupper() or name[:1].isdecimal() for name in names) or (pattern in {_FRENCH, _ENDING} and not in_small_letters)
    return is_named and _is_name(match) and (pattern is not _ENGLISH or all(_may_be_in_a_name(name) for name in names))


def _may_be_in_a_name(name: str) -> bool:
    return name[:1].isupper() or name[:1].isdecimal() or name.lower() in words.PARTICLES.split("|")


def _is_name(match: re.Match[str]) -> bool:
    names = [name.lower().strip(".,") for name in match["name"].split()]
    has_letters = any(sum(map(str.isalpha, name)) >= 2 for name in names)
    return has_letters and names[0] not in words.NOT_STREETS and names[-1] not in words.NOT_STREETS and not any(name in words.STOP_WORDS for name in names)
