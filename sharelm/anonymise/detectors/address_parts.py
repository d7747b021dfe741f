"""What stands around a street in an address: flat, post code, town, country. Read on from a place in the text, part by part."""

from __future__ import annotations

import re

from sharelm.anonymise.alternatives import factored
from sharelm.anonymise.detectors.street_words import BOX, CLOSINGS, ORDINAL_UNIT, PARTICLES, STOP_WORDS, UNIT

UPPER = "A-Z" + "".join(chr(code) for code in (*range(0xC0, 0x250), *range(0x386, 0x530), *range(0x1E00, 0x1F00)) if chr(code).isupper())
WORD = r"[^\W\d_][\w'’.\-]{0,29}"
CAPITAL_WORD = rf"[{UPPER}][\w'’.\-]{{0,29}}"
NUMBER = r"\d{1,5}(?:\s?[A-Za-z](?![^\W_]))?(?:\s?[\-/–]\s?\d{1,4}[A-Za-z]?)?"

# Quoted mail and lists put signs before each line.
LINE = r"[ \t]*,?[ \t]*\r?\n(?:[ \t]*\n)?(?:[ \t>|*?#,]|//){0,8}"
_BETWEEN = rf"(?:{LINE}|[ \t]*[,;–(][ \t]*|[ \t]+-[ \t]+|[ \t]+)"
_NAMED_UNIT = (
    r"apt|apartment|suite|ste|unit|flat|building|bldg|block|blk|tower|lot|room|studio|appartement|porte|piso|puerta|escalera|interno|scala|apto"
    r"|bloco|lokal|stiege|wohnung"
)
UNIT_PART = (
    rf"(?:(?:(?<![\w])(?:(?:{UNIT})\.?[ ]?(?:\#|n[ro°º]\.?[ ]|number[ ])?[ ]?\d{{1,5}}[A-Za-z]?(?:[/\-]\d{{1,4}})?"
    rf"|(?:{_NAMED_UNIT})\.?[ ](?-i:[A-Z])(?:\d{{1,4}})?(?:[/\-]\d{{1,4}})?)|\#[ ]?\d{{1,5}}[A-Za-z]?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|e|è?me|º|ª|°|\.)?[ ]?(?:{ORDINAL_UNIT})\b\.?(?:[ ][A-Za-z]\b)?|\d{{1,2}}[ºª°][ ]?[A-Za-z]?)(?![\w]))"
)
_UK_AREA = (
    r"A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]"
    r"|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
UK_POSTCODE = rf"(?:{_UK_AREA})\d[\dA-HJKPSTUW]?[ ]\d[ABD-HJLNP-UW-Z]{{2}}"
CANADIAN_POSTCODE = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ ]\d[ABCEGHJ-NPRSTV-Z]\d"
US_STATE = r"(?:A[LKZRPAE]|C[AOT]|D[EC]|F[LM]|G[AU]|HI|I[DLNA]|K[SY]|LA|M[EHDAINSOTP]|N[EVHJMYCD]|O[HKR]|P[WAR]|RI|S[CD]|T[NX]|UT|V[TIA]|W[AVIY])"
STATE_NAME = (
    r"(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas"
    r"|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan"
    r"|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio"
    r"|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina"
    r"|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)"
)
EIRCODE = r"[AC-FHKNPRTV-Y]\d[\dW][ ]?[0-9AC-FHKNPRTV-Y]{4}"
POSTCODE = (
    rf"(?:(?:[A-Z]{{1,3}}[\- ])?\d{{5}}(?:-\d{{3,4}})?|\d{{2}}-\d{{3}}|\d{{3}}[ ]\d{{2}}|\d{{4}}(?:[ ]?[A-Z]{{2}}|[a-z]{{2}})(?![^\W_])|{UK_POSTCODE}"
    rf"|{UK_POSTCODE.lower()}|{CANADIAN_POSTCODE}|{CANADIAN_POSTCODE.lower()}|[A-Z]\d[A-Z]\d[A-Z]\d|{EIRCODE}|\d{{6,8}}"
    r"|\d{3}[ ]\d{3}|\d{4}-\d{3}|(?:[A-Z]{1,2}-?)?\d{4})(?![\w]|[.,/:\-]\d|[ ]?[%€$£])"
)
_TOWN = (
    rf"(?:(?:la|le|les|den|el|los|las|san|'s|s|d[aeo]s?)[ \-])?{CAPITAL_WORD}"
    # A full stop after a long word ends the sentence; "St. Pölten" goes on.
    rf"(?:(?<![^\W\d_]{{4}}\.)[ \-/](?:(?:{PARTICLES}|and|an|ob|bei|in)[ \-]){{0,2}}(?:{CAPITAL_WORD}|\d{{1,2}}(?=[ ,\n]"
    rf"|\Z))){{0,4}}(?:[ ]?\([A-Z]{{2,3}}\)"
    rf"|[ ]/[ ][A-Z]{{2}}\b)?"
)
_SMALL_TOWN = rf"{WORD}(?:[ \-]{WORD}){{0,4}}(?:[ ]?\([A-Za-z]{{2,3}}\))?"

_UNIT = re.compile(factored(rf"{_BETWEEN}?{UNIT_PART}"), re.IGNORECASE)
_POSTCODE_TOWN = re.compile(rf"{_BETWEEN}(?P<code>{POSTCODE})(?:(?:(?:[ \t]*,)?[ \t]+|{LINE})(?P<town>{_TOWN}))?")
_POSTCODE_SMALL_TOWN = re.compile(rf"{_BETWEEN}(?P<code>{POSTCODE})(?:(?:[ \t]*,)?[ \t]+(?P<town>{_SMALL_TOWN}))?")
_TOWN_POSTCODE = re.compile(
    rf"{_BETWEEN}(?P<town>{_TOWN})(?:{_BETWEEN}(?P<state>{_TOWN}))?(?:{_BETWEEN}(?P<country>{_TOWN}))?(?:{_BETWEEN}|[ ]?-[ ]?)(?P<code>{POSTCODE})"
)
_SMALL_TOWN_POSTCODE = re.compile(
    rf"{_BETWEEN}(?P<town>{_SMALL_TOWN})(?:{_BETWEEN}(?P<state>{_SMALL_TOWN}))?(?:{_BETWEEN}(?P<country>{_SMALL_TOWN}))?{_BETWEEN}(?"
    rf"P<code>{POSTCODE})"
)
_CODE_PARTS = [_POSTCODE_TOWN, _TOWN_POSTCODE]
_CODE_PARTS_IN_SMALL_LETTERS = [*_CODE_PARTS, _POSTCODE_SMALL_TOWN, _SMALL_TOWN_POSTCODE]
_BOX = re.compile(factored(rf"{_BETWEEN}(?:{BOX})[ ]?\d{{1,6}}"), re.IGNORECASE)
_TOWN_ALONE = re.compile(rf"(?:[ \t]*,[ \t]*|{LINE})(?P<town>{_TOWN})(?=[ \t]*(?:[,.;!?)\n]|\Z))")
_BEFORE = re.compile(
    factored(
        rf"(?:(?<!\w)(?:{UNIT})\.?[ ]|(?<!\w)H\.?[ ]?No\.?[ ]"
        rf"|(?<![\w.,:/$€£#-]){UNIT_PART},?[ \n]{{1,2}})?(?:(?<![\w.,:/$€£#-])\d{{1,3}}[A-Za-z]?,?[ ])?\Z"
    ),
    re.IGNORECASE,
)
_TOWN_BEHIND_FLAT = re.compile(rf"[ ](?P<town>{_TOWN})(?=[ \t]*(?:[,.;!?)\n]|\Z))")
_TOWN_BEFORE_TEXT = re.compile(rf"(?:,[ ]|{LINE})(?P<town>{_TOWN})(?=[ ][a-zà-ž])")
_WORDS = re.compile(r"[^\W\d_][\w'’]*")
_PARTICLES = frozenset({"and", *PARTICLES.split("|")})
_STOP = STOP_WORDS - _PARTICLES
_SEPARATORS = frozenset(" ,;–-(\n\r\t#")
_CODE_NEAR = re.compile(r"\d{4}|\d\d-\d{3}|\d{3}[ ]\d\d|[A-Za-z]\d[\dA-Za-z]?[ ]?\d[A-Za-z]|[A-Za-z]\d[\dA-Za-z][ ]?[0-9A-Za-z]{4}")
_YEAR = re.compile(r"(?:19|20)\d\d")
MOST_PARTS = 6
LONGEST_ADDRESS = 220


def read_on(text: str, start: int, *, in_small_letters: bool = False, only_sure: bool = False) -> tuple[int, bool]:
    """Where the address that goes on at `start` ends, and whether something was found that only addresses have (a flat, a post code).

    With `only_sure` a row of four digits is a post code only in front of its town.
    """
    end, is_proved = start, False
    for _ in range(MOST_PARTS):
        part = _next_part(text, end, in_small_letters=in_small_letters, only_sure=only_sure)
        if part is None or part.end() - start > LONGEST_ADDRESS:
            break
        end, is_proved = part.end(), True
    for _ in range(2):
        town = _next_town(text, end, is_proved=is_proved)
        if town is None or _has_stop_word(town["town"]) or ("\n" in town[0] and not is_proved):
            break
        end = town.end()
    return end, is_proved


def _next_town(text: str, at: int, *, is_proved: bool) -> re.Match[str] | None:
    alone = _TOWN_ALONE.match(text, at)
    if alone or not is_proved:
        return alone
    return _TOWN_BEHIND_FLAT.match(text, at) or _TOWN_BEFORE_TEXT.match(text, at)


def read_back(text: str, start: int) -> int:
    """Where the address that goes on at `start` begins: a flat, or the number of the house, may stand before the street."""
    if not start or text[start - 1] not in " \n":
        return start
    before = _BEFORE.search(text, max(0, start - 24), start)
    return before.start() if before else start


def _next_part(text: str, at: int, *, in_small_letters: bool, only_sure: bool) -> re.Match[str] | None:
    if text[at : at + 1] not in _SEPARATORS:
        return None
    unit = _UNIT.match(text, at) or _BOX.match(text, at)
    if unit and unit.end() > at:
        return unit
    if not _CODE_NEAR.search(text, at, at + 120):
        return None
    for pattern in _CODE_PARTS_IN_SMALL_LETTERS if in_small_letters else _CODE_PARTS:
        part = pattern.match(text, at)
        if part and _is_part(part, only_sure=only_sure):
            return part
    return None


def _is_part(part: re.Match[str], *, only_sure: bool) -> bool:
    code, groups = part["code"], part.groupdict()
    if any(_has_stop_word(groups.get(name) or "") for name in ("town", "state", "country")):
        return False
    # Without a town beside it a row of four digits may be a year, a room or a price.
    is_long = sum(char.isdecimal() for char in code) >= 5 or not code.isdecimal()
    has_town = groups.get("town") is not None
    if not only_sure:
        return is_long or has_town
    if is_long:
        return has_town or len(code) <= 5 or not code.isdecimal()
    is_state = re.fullmatch(r"[A-Z]{2,3}", groups.get("state") or "") is not None
    is_before_town = part.re is _POSTCODE_TOWN and has_town and ("\n" in part[0] or "," in part[0])
    return not _YEAR.fullmatch(code) and (is_state or is_before_town)


def _has_stop_word(words: str) -> bool:
    found = _WORDS.findall(words)
    return any(word in _STOP or word.lower() in CLOSINGS for word in found if word.lower() not in _PARTICLES)
