"""Addresses that the words before them announce ("my address is …", "ich wohne in …"): read to where they end, whatever the street is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.detectors.address_parts import LINE, UPPER, read_on
from sharelm.anonymise.detectors.person_lists import kind_of
from sharelm.anonymise.detectors.street_words import CLOSINGS, PARTICLES, STOP_WORDS, small_words
from sharelm.anonymise.entry import Entry

_WORDS = (
    r"(?<!\w)(?:"
    # The word "address" and its like: what follows is one.
    r"(?P<sure>(?:(?:home|postal|mailing|billing|shipping|street|delivery|current|new|old|work|office|permanent|residential|secondary"
    r"|primary) )?address(?:es)?(?: of [^\n:]{2,40}?)?"
    r"(?:,? here (?:it is|they are))?(?: is| was| used to be| to(?: the same)?| will be| would be| with| as follows| as)?(?: now| currently)?:?"
    r"|(?:to|at) the same:|(?:meine?|neue|unsere) (?:neue )?(?:adresse|anschrift)(?: (?:ist|lautet))?:?|adresse|anschrift|wohnhaft in"
    r"|wohnort|(?:mon|notre|l['’]) ?adresse(?: est)?|adresse postale"
    r"|(?:mi|nuestra|la) dirección(?: es)?|dirección|domicilio|(?:il mio|mio|l['’])? ?indirizzo(?: è)?|residenza|residente in|residente em"
    r"|(?:meu|o meu|minha)? ?(?:endereço|morada)(?: é)?"
    r"|(?:mijn|ons)? ?adres(?: is)?|(?:mój|moj)? ?adres(?: to)?|adres zamieszkania|zamieszkał[ya] (?:przy|na|w)?|na adrese"
    r"|adresa(?: mea)?(?: je| este)?|bytem|lakcím\w{0,4}|(?:a )?címem|osoitteeni(?: on)?|osoite|adresim|adressen?(?: är| er)?)[\s:\-–\"'=]{1,5}"
    # Words that may be followed by one.
    r"|(?P<unsure>(?:i|we|he|she|they|who|and|parents|mom|mother|dad|family|brother|sister) (?:still |now |currently |both |all )?(?:live"
    r"|lives|lived|living|reside|resides|stay|stays|moved|am living|is living|am staying)"
    r"(?: now| currently)? (?:at|on|in|to)|lives? (?:at|on)|(?:living|residing|located|resident|domiciled) (?:at|on|in)|based (?:at|in)"
    r"|moved (?:in)?to|(?:sent|send|ship|shipped|deliver|delivered|mail|return|forward|bring|come|drive|taxi|cab|ride|uber|drop \w{2,4} off"
    r"|pick \w{2,4} up)(?: (?:it|one|them|me|us|this|that|everything|back|over|a new one|the \w{3,12}|my \w{3,12}))? (?:to|at|from)"
    r"|(?:office|house|home|place|flat|apartment|shop|store|clinic|party|meeting|dinner|lunch|wedding|appointment) (?:is )?(?:at|on)"
    r"|(?:i|we)(?:['’]?ll| will) be at|(?:flat|apartment|house) is|neighbou?rs? (?:\w{2,20} ){0,3}at|(?:towed|evicted|stolen"
    r"|parked) (?:from|at|on|in)"
    r"|meet(?:ing)? (?:me |us |you |him |her |them )?(?:at|on|in front of)|arrived (?:at|to)|the corner of|wohne?(?:n|t"
    r"|st)?(?: \w{3,10})? (?:in|an|am|auf|bei)|gezogen (?:in|nach)|umgezogen (?:in|nach)"
    r"|(?:j['’])?habit(?:e|es|ons|ez|ent|ais|ait)(?: \w{3,10})?(?: au| à| dans| chez)?|demeurant|domicilié[e]?(?: au)?|situé[e]? au|viv(?:o"
    r"|e|es|imos|en)(?: \w{3,10})? en|resid[oe] en|abit(?:o|a|i|iamo|ano)(?: \w{3,10})? (?:in|a)"
    r"|bor (?:på|i)|locuiesc (?:pe|în|la)|bydlím (?:na|v)(?! adrese)|viv(?:o|e|iamo) in|mor(?:o|a|amos|am)(?: \w{3,10})? (?:na|no|em)"
    r"|resid[oe] (?:na|no|em)|viv[oe] (?:na|no|em)|wo(?:on|ont"
    r"|nen)(?: \w{3,10})? (?:op|aan|in)|gevestigd (?:op|aan)|mieszka(?:m|sz|my|ją)?(?: \w{3,10})? (?:przy|na|w)|zamieszkuję (?:przy|na"
    r"|w))[\s:]{1,3}"
    r")"
)
_ANNOUNCED = Entry(
    rf"{_WORDS}(?=[^\n]{{0,70}}\d|[^\n]{{0,60}}\n[^\n]{{0,50}}\d)(?:the corner of |(?:the|la|el|der|die|dem|den|le|il|o|a|de|het) )?",
    re.IGNORECASE,
    head=_WORDS,
)
_PIECE = re.compile(rf"(?P<gap>{LINE}|[ \t]{{0,2}}[,;/–\-][ \t]{{0,2}}|[ \t]{{1,3}}|(?=\())(?P<word>\(?[\w#º°ª'’][\w'’.\-/#º°ª]{{0,34}}\)?)")
_FIRST = re.compile(r"(?P<gap>)(?P<word>[\w#'’][\w'’.\-/#]{0,34})")
_NUMERAL = re.compile(r"#?\d{1,6}[A-Za-zº°ª]{0,2}\.?(?:[/\-]\d{1,5}[A-Za-z]?)?")
_SMALL = frozenset(PARTICLES.split("|")) | small_words(
    "street st avenue ave road rd lane ln drive dr court ct apt apt. suite unit flat floor box and und et y e nr nr. no no. n. n n° nº bis"
    " ter rue chemin place impasse allée route quai via viale piazza corso vicolo"
    " calle avenida paseo plaza piso puerta rua travessa praça andar ul. ul ulica al. os. m. lok. straat weg postbus apto apto. dpto. dpto"
    " bloque escalera interno scala int. int piano s/n nan"
)
_JOINING = frozenset({*PARTICLES.split("|"), "and", "und", "et", "y", "e", "in", "nan"})  # an address does not end with them
_STREETS = small_words(
    "street st avenue ave road rd lane drive rue chemin impasse allée quai via viale piazza corso vicolo calle avenida paseo rua travessa"
    " praça ulica ul. al. straat"
)
_TIME = re.compile(r"\d{1,2}(?:[:.h]\d\d)?\s?(?:am|pm|a\.m\.|p\.m\.|uhr|o['’]?clock|h)?|(?:19|20)\d\d", re.IGNORECASE)
_UNIT_OF_MEASURE = re.compile(
    r"\s?(?:am|pm|a\.m|p\.m|uhr|o['’]clock|%|€|\$|£|years?|days?|weeks?|months?|hours?|minutes?|mins?|people|persons?|degrees?|percent"
    r"|million|billion|thousand|m2|m²|qm|sqm|square|km|miles?|kg|times|different|jahre\w?|tage\w?|ans|años|anni)\b",
    re.IGNORECASE,
)
_INSIDE = re.compile(rf" [{UPPER}]")
_NUMBER_NEXT = re.compile(r" (?:[a-zà-ž]{2,20} )?\d{1,5}\b(?! ?[a-z]{3})")
_OF_MACHINES = re.compile(
    r"\b(?:ip|ipv4|ipv6|mac|e-?mail|memory|web|url|base|bus|network|device|physical|virtual|start|return|hex|wallet|bitcoin|i2c)\s\Z", re.IGNORECASE
)
_AT = re.compile(r"\b(?:at|from|on|på|na)\s\Z", re.IGNORECASE)
_HOUSE = re.compile(r"\d{1,4}[A-Za-z]?\.?(?:[/\-]\d{1,4}[A-Za-z]?)?")
_CORNER = "the corner of "
_YEAR = re.compile(r"(?:19|20)\d\d\.?")
# "Die Adresse muss …", "la dirección debe …": what the word for address is told of follows, and no address.
_TOLD_OF = small_words(
    "muss kann soll sollte darf wird wurde hat hatte ist war sind müssen werden wenn oder aus wie gehört doit peut sera est était a ou si comme qui"
    " debe puede será es era que si o como deve può sarà che se ou quando pode será moet kan wordt werd heeft die of als powinien może musi jest był"
    " który lub jeśli must can should may might could has had which that or if"
)
_MOST_PIECES = 22
_MOST_CHARACTERS = 160

ENTRIES = (_ANNOUNCED,)


def told_addresses(text: str) -> Iterator[tuple[int, int]]:
    for match in _ANNOUNCED.finditer(text):
        if _OF_MACHINES.search(text, max(0, match.start() - 12), match.start()):
            continue
        start = match.end()
        in_small_letters = _begins_small(text, start)
        end, words = _read(text, start, in_small_letters=in_small_letters)
        is_sure = match["sure"] is not None or (_AT.search(match[0]) is not None and _is_unknown_street(words))
        if words and _is_address(words, is_sure=is_sure, in_small_letters=in_small_letters):
            if match[0].lower().endswith(_CORNER):
                start -= len(_CORNER)
            yield start, max(end, read_on(text, end, in_small_letters=in_small_letters)[0])


def _is_unknown_street(words: list[str]) -> bool:
    """ "at Solbergskrenten 3": a name that is no word and nothing that is counted, and a number of a house."""
    return (
        len(words) > 1
        and words[0][:1].isupper()
        and len(words[0]) > 4
        and not kind_of(words[0].rstrip(","))
        and _HOUSE.fullmatch(words[1]) is not None
    )


def _begins_small(text: str, start: int) -> bool:
    """Whether somebody wrote without capitals here, so that only stop words tell where the address ends."""
    around = text[start : start + 40].partition("\n")[0]
    return around.lower() == around


def _read(text: str, start: int, *, in_small_letters: bool) -> tuple[int, list[str]]:
    """The address word by word: capitals, numbers and the small words of streets; its end and its words."""
    at, end, words = start, start, list[str]()
    while len(words) < _MOST_PIECES and at - start < _MOST_CHARACTERS:
        piece = (_PIECE if words else _FIRST).match(text, at)
        if piece is None or not _belongs(text, piece, words, in_small_letters=in_small_letters):
            break
        word, at = piece["word"], piece.end()
        words.append(word)
        if _ends_sentence(text, piece):
            end = at - 1
            break
        if word.lower() not in _JOINING:
            end = at
    return end, words


def _belongs(text: str, piece: re.Match[str], words: list[str], *, in_small_letters: bool) -> bool:
    word = piece["word"].strip("()").rstrip(".")
    if _NUMERAL.fullmatch(word):
        return not _UNIT_OF_MEASURE.match(text, piece.end())
    if "\n" in piece["gap"] and not (words and any(map(str.isdecimal, "".join(words)))):
        return False
    if word[:1].isupper() or any(map(str.isdecimal, word)):
        return word.lower() not in CLOSINGS
    if word.lower() in _SMALL:
        return True
    # "Gosposka ulica 61", "Ústí nad Labem": a small word inside a name.
    return word.lower() not in STOP_WORDS | CLOSINGS and (
        in_small_letters
        or (bool(_INSIDE.match(text, piece.end(), piece.end() + 8)) and len(word) <= 3)
        or bool(_NUMBER_NEXT.match(text, piece.end()))
    )


def _ends_sentence(text: str, piece: re.Match[str]) -> bool:
    """A full stop after a word that no address shortens, with a new sentence or nothing behind it."""
    word = piece["word"]
    if not word.endswith("."):
        return False
    behind = text[piece.end() : piece.end() + 2]
    is_short = len(word) <= 5 and not word[:-1].isdecimal()
    return not behind or behind[0] == "\n" or (behind[0] == " " and not is_short and not behind[1:].islower())


def _is_address(words: list[str], *, is_sure: bool, in_small_letters: bool) -> bool:
    numerals = [word for word in words if _NUMERAL.fullmatch(word.strip("().,"))]
    names = [word for word in words if sum(map(str.isalpha, word)) >= 3]
    if not numerals or not names or (len(words) <= 2 and any(map(_TIME.fullmatch, numerals)) and not is_sure):
        return False
    has_capital = any(word[:1].isupper() for word in names)
    if words[0].lower() in _TOLD_OF:
        return False
    if is_sure:
        return len(words) >= (3 if in_small_letters else 2)
    if all(map(_YEAR.fullmatch, numerals)):
        return False
    # "I moved to 3 Berlin flats", "lives in Paris 5 days a week": a number at the beginning, or two of them, or one that ends it.
    has_form = words[0] in numerals or words[-1] in numerals or len(numerals) >= 2 or any(word.lower() in _STREETS for word in words)
    return (has_capital or in_small_letters) and has_form and len(words) >= 3
