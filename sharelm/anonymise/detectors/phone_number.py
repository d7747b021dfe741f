"""Phone numbers: international ones by `phonenumbers`, national ones by their form or by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from sharelm.anonymise.alternatives import factored
from sharelm.anonymise.detectors.phone_column import Columns
from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_EXTENSION = r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?"
_SIX_DIGITS = re.compile(r"\d(?:[ .\-/()\u00a0\u2010-\u2015]{0,3}\d){5}")
_END = r"(?!\w|[.\-/,:]\d|[ \u00a0]\d{2})"
_SEPARATED_DIGIT = r"(?:[ .\-/()\u00a0\u2010-\u2015]{0,3}\d)"

# Every group is bounded: these run over text that somebody may have made of nothing but digits.
# What a number begins with stands before the look behind it, so that Python can skip to it.
_INTERNATIONAL = re.compile(
    rf"[+0](?<![\w+=/*^.\-][+0])(?:(?<=\+)|(?<=0)0(?=[1-9]))\d{_SEPARATED_DIGIT}{{6,15}}{_EXTENSION}(?!\w|[./]\d)", re.IGNORECASE
)
_BEGINS_FORM = re.compile(r"[(\d](?<![\w.\-/+=:][(\d])(?=\d?(?:[ .\-()/]{0,2}\d){6})")
_BY_FORM = re.compile(
    rf"(?:"
    rf"(?:1[ .\-])?\(\d{{3}}\)[ .\-]?\d{{3}}[ .\-]\d{{4}}{_EXTENSION}"  # (303) 334-7090
    rf"|(?:1[ .\-])?(?<!\d[ ])[2-9]\d{{2}}([ .\-])[2-9]\d{{2}}\1\d{{4}}{_EXTENSION}(?![ ]\d{{3}})"  # 303-334-7090
    r"|[2-9]\d{2}-\d{3}-\d{4}"  # 555-123-4567, as films have it
    r"|\([1-9]\d\) ?9?\d{4}-\d{4}"  # (11) 91234-5678
    rf"|(?:1[ .\-])?\d{{3}}[ .\-]\d{{3}}[ .\-]\d{{4}}\s?(?:x|ext\.?)\s?\d{{1,6}}"  # 833.719.3994x1887
    rf"|\(0\d{{1,5}}\)[ .\-/]?\d{{3,5}}[ .\-/]?\d{{2,5}}(?:[ ]\d{{2,3}}(?!\w))?"  # (0117) 4960478
    rf"|0[1-9](?:([ .])\d{{2}})(?:\2\d{{2}}){{3}}(?![ .]\d\d)"  # 06 58 95 46 94
    rf")(?!\w|[.\-/]\d)",
    re.IGNORECASE,
)
_BY_WORDS = re.compile(
    rf"[(\d](?<![\w.\-/+$€£#][(\d])(?<!\d[:,][(\d])(?<![$€£]\s[(\d])(?:(?<=\d)|(?<=\()\d)"
    rf"{_SEPARATED_DIGIT}{{5,12}}{_EXTENSION}{_END}(?!\s?[%€$£])",
    re.IGNORECASE,
)

_NOUN = (
    r"\b(?:(?:phones?|telephone|tel|mob(?:ile)?|cell(?:phone)?|fax|hotline|landline|whats ?app|sms|ph|toll[ \-]free|kontakt"
    r"|(?:contact|home|work|my|his|her|our|their|your|new|old|other|[^\W\d_]{2,20}['’]s) number|rsvp|contatto|contato|contacto"
    r"|contact(?= ?:)|(?:recovery|emergency|backup|alternative|office) number|leave (?:me |us )?a (?:message|voicemail)"
    r"|privat|(?:meine?|seine?|ihre?|unsere?|deine?|mijn|zijn|haar) (?:neue )?nummer"
    r"|(?:mon|son|notre|ton) numéro"
    r"|(?:mi|su|tu|mio|suo|nostro|tuo|meu|seu|nosso|minha) n[uú]mero|(?:mój|moj|jego|jej|nasz) (?:nowy )?numer|nummer|numéro|telem[oó]vel"
    r"|cep telefonu|puhelin\w{0,10}|numeroni|telefonszám\w{0,3}|kom\."
    r"|telefon\w{0,8}|handy\w{0,8}|rufnummer|mobil\w{0,4}|t[eé]l[eé]fono?|t[eé]l|portable|m[oó]vil|celular|telefone|cellulare|telefoon|komórka|tlf"
    r")\b|[TMFP]:)"
)
_NOUN_BEFORE = re.compile(factored(rf"{_NOUN}[^\n\d]{{0,30}}\Z"), re.IGNORECASE)
# "mobile revenue grew to 12500000": a short bare number needs its noun right before it.
_NOUN_CLOSE_BEFORE = re.compile(
    factored(rf"{_NOUN}(?:[\s:=#.(?\-]|\b(?:numbers?|no|nr|is|was|are|at|on|to|it['’]?s|ist|est|es)\b){{0,8}}\Z"), re.IGNORECASE
)
_OWN_NUMBER = re.compile(
    r"\b(?:(?:phone|mobile|cell|telephone|my|his|her) number|telefonnummer|handynummer)(?:[\s:]|\b(?:is|ist)\b){1,5}\Z", re.IGNORECASE
)
_VERB_BEFORE = re.compile(
    factored(
        r"\b(?:call(?:ed|ing)?|dial|text|ring|reach|contact|answering|signal|ruf\w{0,4}|anruf\w{0,3}|erreich\w{0,4}|joindre|contact\w{0,5}"
        r"|zadzwo\w{0,3}|dzwo\w{0,3}|ligar|liga|marqu\w{0,3}|appel\w{0,4}|ll[aá]m\w{0,5}|chiam\w{0,5}|ligu?e\w{0,3}|bel)\b"
        r"(?:[^\n\d.!?]{0,30}\b(?:on|at|via|under|unter|au|al|para|op|number|pod|no|en|le|el|o)\b|(?:\s(?:me|us|him|her|them))?)[\s:]{1,3}\(?\Z"
    ),
    re.IGNORECASE,
)
_ANY_WORD = re.compile(r"[^\W\d_]")
_LABEL_AFTER = re.compile(r"[ \-]{0,3}\(?(?:office|fax|mobile|cell|home|work)\b", re.IGNORECASE)
_ANOTHER = re.compile(r"\s{0,2}(?:or|and|,|/|oder|und|ou|et|o|y|e|of|en|lub)\s{0,2}\(?\Z", re.IGNORECASE)
# What has a phone number beside it: an e-mail address ("a@b.example, 030 …"), a name in front of a bracket, the number of somebody else.
_JOIN = r"(?:\s?[,;|/•·]\s?|\s(?:or|and|oder|und|ou|et|o|y|e|of|en|lub|eller|nebo)\s|\s[\-–—]\s|\s?\n\s?|\t)"
_MAIL_BEFORE = re.compile(rf"@[\w.\-]{{3,60}}\.[A-Za-z]{{2,24}}[>\])\"']{{0,2}}{_JOIN}\(?\Z")
_MAIL_AFTER = re.compile(rf"{_JOIN}[<(\[\"']?[\w.+\-]{{1,64}}@\w")
_IN_BRACKETS = re.compile(r"[^\W\d_]{2}\s\Z")
_END_OF_BRACKETS = re.compile(r"\)(?!\w)")
_WHOSE = re.compile(
    r"(?:['’]s|s['’]|\b(?:mine|his|hers|theirs|ours|the (?:new|old|other|second) one)) (?:(?:phone |new |old )?number )?is:?\s\(?\Z", re.IGNORECASE
)
_LONGEST_IS = len("is: (")
_MOST_BETWEEN = 60
# The last line of a card: a name, a street with its number, a town.
_CARD_BEFORE = re.compile(r"\d[^\n]{0,60}\n(?:[ \t]*[^\d\n]{2,40}\n){1,2}[ \t]*\Z|(?:\A|\n)[^\d\n]{0,60}\d{1,5}\b[^\n\d]{0,40}\n[ \t]*\Z")
_NOT_A_PHONE = re.compile(
    r"(?:19|20)\d\d[\-/. ]\d\d?[\-/. ]\d\d?(?:[ ]\d\d?)?"  # 2024-01-31
    r"|\d\d?[\-/.]\d\d?[\-/.](?:(?:19|20)\d\d(?: \d\d?)?|\d\d)"  # 31.01.2024
    r"|[12]\d{3}\s?[\-/]\s?[12]\d{3}"  # 1995-2005
    r"|\d+\.\d+"  # 1234567.89
    r"|\d{1,3}(?:\.\d{1,3}){3}|\d{1,2}\.\d{1,2}\.\d{1,5}"  # 10.20.30.40
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"  # 20240131
    r"|97[89][ \-]?\d[\d \-]{8,12}"  # ISBN
    r"|1[5-9]\d{8}(?:\d{3})?"  # seconds or milliseconds since 1970
)
_NATIONAL_PREFIX = re.compile(r"\(?0[1-9]\d{0,4}\)?[ .\-/]\d")
_MOST_READ = 500
_LAST_GROUP = re.compile(r"(.{6,}\d)[ .\-/()\u00a0\u2010-\u2015]{1,3}\d{1,12}\Z")
# Words that say whose rules a number without country code follows.
_REGION_HINTS = (
    ("DE", re.compile(r"\b(?:ich|bitte|und|nicht|meine|ist)\b", re.IGNORECASE)),
    ("FR", re.compile(r"\b(?:je|vous|mon|est|pour|merci|bonjour)\b", re.IGNORECASE)),
    ("ES", re.compile(r"\b(?:mi|por favor|gracias|hola|para|llame)\b", re.IGNORECASE)),
    ("IT", re.compile(r"\b(?:mio|sono|grazie|ciao|per favore)\b", re.IGNORECASE)),
    ("NL", re.compile(r"\b(?:ik|mijn|het|niet|graag)\b", re.IGNORECASE)),
    ("GB", re.compile(r"\b(?:UK|London|England|postcode|cheers|mate)\b")),
    ("IN", re.compile(r"\b(?:India|Mumbai|Delhi|Bangalore|Bengaluru)\b")),
)


_SIGN = r"[0-9](?:[^A-Za-z0-9]{0,3}[0-9]){5}"
ENTRIES = (Entry(_SIGN, hint=_SIGN),)


def find(text: str) -> Iterator[PiiSpan]:
    if not _SIX_DIGITS.search(text):
        return
    ends: set[int] = set()
    for start, end in [*_international(text), *_by_form(text)]:
        ends.add(end)
        yield PiiSpan(start, end, "PHONE_NUMBER")
    regions: list[str] | None = None
    columns = Columns(text)
    for match in _BY_WORDS.finditer(text):
        if _NOT_A_PHONE.fullmatch(match[0]) and not _is_named(text, match):
            continue
        if not _is_announced(match, ends, columns):
            if not _NATIONAL_PREFIX.match(match[0]):
                continue
            regions = _regions(text) if regions is None else regions
            if not any(_is_valid(match[0], region) for region in regions):
                continue
        ends.add(match.end())
        yield PiiSpan(match.start() + _opens_outside(match[0]), match.end(), "PHONE_NUMBER")


def _opens_outside(value: str) -> bool:
    """Whether the bracket in front is around the whole number."""
    return value[0] == "(" and ")" not in value


def normalise(value: str) -> str:
    """The digits that are dialled: `+49 (0)30 12` and `0049 30/12` are one number."""
    compact = re.sub(r"[^\d+x]", "", re.sub(r"\(0\)", "", value.casefold().replace("ext", "x")))
    return "+" + compact[2:] if compact.startswith("00") else compact


def _is_named(text: str, match: re.Match[str]) -> bool:
    """ "My number is 1700000000": ten bare digits are no time then."""
    return match[0].isdecimal() and bool(_OWN_NUMBER.search(text, max(0, match.start() - 40), match.start()))


def _international(text: str) -> Iterator[tuple[int, int]]:
    readings: dict[str, str | None] = {}  # for this call only: a list of one number repeated is read once
    for match in _INTERNATIONAL.finditer(text):
        if match[0] not in readings:
            # In a list that goes on and on, the form is enough: reading a number takes long.
            readings[match[0]] = _best_reading(match[0]) if len(readings) < _MOST_READ else match[0]
        value = readings[match[0]] or (match[0] if _NOUN_BEFORE.search(text, max(0, match.start() - 60), match.start()) else None)
        # "x = +12345678" is arithmetic.
        if value and not text.startswith("= ", max(0, match.start() - 2)):
            yield match.start(), match.start() + len(value)


def _by_form(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    for begin in _BEGINS_FORM.finditer(text):
        match = _BY_FORM.match(text, begin.start()) if begin.start() >= end else None
        if match:
            end = match.end()
            if not _NOT_A_PHONE.fullmatch(match[0]):
                yield match.span()


def _is_announced(match: re.Match[str], ends: set[int], columns: Columns) -> bool:
    """Whether the words around say that this is a phone number, or it follows one ("030 123 or 030 124")."""
    text, start = match.string, match.start()
    if _LABEL_AFTER.match(text, match.end()):
        return True
    # The words are looked for only where there are any: rows of bare numbers are common and long.
    if _ANY_WORD.search(text, max(0, start - 60), start):
        is_short = len(match[0]) < 9 and match[0].isdecimal() and match[0][0] != "0"
        noun = _NOUN_CLOSE_BEFORE if is_short else _NOUN_BEFORE
        if noun.search(text, max(0, start - 60), start) or _VERB_BEFORE.search(text, max(0, start - 60), start):
            return True
    link = _ANOTHER.search(text, max(0, start - 8), start)
    return (link is not None and link.start() in ends) or _stands_beside(match, ends, columns)


def _stands_beside(match: re.Match[str], ends: set[int], columns: Columns) -> bool:
    """Whether what is next to the number makes it one that somebody is called at."""
    text, (start, end) = match.string, match.span()
    digits = sum(map(str.isdecimal, match[0]))
    if digits < (9 if match[0].isdecimal() else 8):
        return False
    before = text[max(0, start - 100) : start]
    if ("@" in before and _MAIL_BEFORE.search(before)) or _MAIL_AFTER.match(text, end):
        return True
    if match[0].startswith("(0") and _END_OF_BRACKETS.match(text, end) and _IN_BRACKETS.search(before):
        return True
    if "|" in before and columns.hold(start):
        return True
    if _ANY_WORD.search(before[-_LONGEST_IS:]) and _WHOSE.search(before) and any(start - _MOST_BETWEEN < other < start for other in ends):
        return True
    return not match[0].isdecimal() and text[end : end + 1] in {"", "\n"} and _CARD_BEFORE.search(before) is not None


def _best_reading(value: str) -> str | None:
    """The longest reading that is a valid number, else the longest that could be dialled; None if no country has such numbers.

    Shorter readings leave out groups at the end: they may belong to the next number, or to a year.
    """
    import phonenumbers  # loaded at the first candidate: it takes long and most texts have none

    numbers: list[tuple[str, PhoneNumber | None]] = []
    for reading in _readings(value):
        number = _parse(reading if reading[0] == "+" else "+" + reading[2:], None)
        if number and phonenumbers.is_valid_number(number):
            return reading
        numbers.append((reading, number))
    for reading, number in numbers:
        # Zeros in front of a bare number are padding more often than a way to dial abroad.
        if number and not reading.isdecimal() and phonenumbers.is_possible_number(number):
            return reading
    return None


def _readings(value: str) -> Iterator[str]:
    yield value
    for _ in range(3):
        shorter = _LAST_GROUP.match(value)
        if not shorter:
            return
        value = shorter[1]
        yield value


def _is_valid(value: str, region: str) -> bool:
    import phonenumbers

    number = _parse(value, region)
    return number is not None and phonenumbers.is_valid_number(number)


def _parse(value: str, region: str | None) -> PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(value.replace("(0)", ""), region)
    except phonenumbers.NumberParseException:
        return None


def _regions(text: str) -> list[str]:
    """Regions that at least two words of the text speak for."""
    return [region for region, hint in _REGION_HINTS if len(list(islice(hint.finditer(text), 2))) == 2]
