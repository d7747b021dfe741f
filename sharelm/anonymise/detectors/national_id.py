"""National numbers of persons (identity, tax, insurance, health), by the form and the check digits of each country.

Where chance could produce the check digits, a word that speaks of such a number has to stand before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from sharelm.anonymise.alternatives import factored
from sharelm.anonymise.detectors.national_checks import OWN_CHECKS
from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

# Looked at from every beginning of a word: the word before a number may look like its first letters.
_CANDIDATE = re.compile(r"(?<![\w.\-/+#=&])(?=((?:[A-Za-z]{3} )?(?:[A-Za-z]{1,6}[\- ]?)?\d(?:[ .\-/]{0,2}[A-Za-z0-9]){3,23}(?:\([0-9A-Z]\))?))")
_END = re.compile(r"(?!\w|[.\-/]\w| \d{3}(?!\d))")
_WORDS = re.compile(
    factored(
        r"(?<!\w)(?:id|ids|national|nationality|identity|identification|identifier|personal number|citizen\w{0,4}|resident|tax\w{0,5}|tin|ssn"
        r"|social (?:security|insurance)|insurance|nhs|medicare|sin|tfn|ird|nric|fin|hkid|ktp|nik"
        r"|aadhaa?r|pan|cnic|nid|number is|steuer\S{0,30}|ausweis\w{0,10}|sozial\S{0,20}|renten\S{0,20}|versicher\S{0,20}|svnr|ahv"
        r"|identität\w{0,10}|numéro|sécurité|insee|nir|fiscal\w?|dni|nie|nif|nuss|cédula|cedula|documento"
        r"|identidad|rut|run|cuil|cuit|curp|rfc|codice|cf|tessera|contribuinte|cpf|cidadão|rg|bsn|burgerservice\w{0,10}|sofinummer"
        r"|rijksregister\w{0,10}|registre|pesel|dowód|numer|rodn[éeá]\w{0,2}|č[íi]slo|személyi|taj|adó\w{0,10}"
        r"|cnp|egn|егн|oib|jmbg|emšo|emso|amka|αμκα|afm|αφμ|person(?:al)?n(?:umme)?r\w{0,3}|personnummer|cpr|fødsels\w{0,8}|hetu|henkilötunnus"
        r"|kennitala|isikukood|asmens|personas|kodas|kods|kimlik|tckn|tc|инн|снилс"
        r"|паспорт|рнокпп|інн|ת\.?ז|id-?nummer|idno|身份证\w{0,3}|身分證\w{0,3}|주민\w{0,6}|マイナンバー|個人番号)(?!\w)"
    ),
    re.IGNORECASE,
)
_LOOK_BACK = 60


@dataclass(frozen=True, slots=True)
class Scheme:
    """One country's number: how it is written (9 a digit, A a letter), what checks it, and whether that is enough by itself."""

    country: str
    check: str
    shapes: tuple[str, ...]
    is_enough: bool = False


def _scheme(country: str, check: str, shapes: str, *, is_enough: bool = False) -> Scheme:
    return Scheme(country, check, tuple(shape.replace("_", " ") for shape in shapes.split()), is_enough)


# A check is a module of python-stdnum or one of the functions below. Blanks of a shape are written as _.
SCHEMES = (
    _scheme("AR", "ar.cuit", "99-99999999-9", is_enough=True),
    _scheme("AR", "ar.dni", "99.999.999"),
    _scheme("AT", "at.vnr", "9999999999 9999_999999"),
    _scheme("AU", "au.tfn", "999999999 999_999_999"),
    _scheme("BE", "be.nn", "99.99.99-999.99", is_enough=True),
    _scheme("BE", "be.nn", "99999999999 99.99.99.999.99"),
    _scheme("BG", "bg.egn", "9999999999"),
    _scheme("BR", "br.cpf", "999.999.999-99", is_enough=True),
    _scheme("BR", "br.cpf", "99999999999"),
    _scheme("CA", "ca.sin", "999_999_999 999-999-999 999999999"),
    _scheme("CA", "ca.bc_phn", "9999_999_999 9999999999"),
    _scheme("CH", "ch.ssn", "999.9999.9999.99 9999999999999", is_enough=True),
    _scheme("CL", "cl.rut", "99.999.999-9 9.999.999-9 99.999.999-A 9.999.999-A", is_enough=True),
    _scheme("CL", "cl.rut", "99999999-9 9999999-9 99999999-A"),
    _scheme("CN", "chinese_id", "999999999999999999 99999999999999999A", is_enough=True),
    _scheme("CR", "cr.cpf", "9-9999-9999 99-9999-9999"),
    _scheme("CZ/SK", "cz.rc", "999999/9999", is_enough=True),
    _scheme("CZ/SK", "cz.rc", "9999999999"),
    _scheme("DE", "de.idnr", "99999999999 99_999_999_999"),
    _scheme("DE", "german_insurance", "99_999999_A_999 99999999A999", is_enough=True),
    _scheme("DK", "dk.cpr", "999999-9999"),
    _scheme("DO", "do.cedula", "999-9999999-9", is_enough=True),
    _scheme("EC", "ec.ci", "9999999999"),
    _scheme("EE/LT", "ee.ik", "99999999999"),
    _scheme("EE/LT", "lt.asmens", "99999999999"),
    _scheme("ES", "es.dni", "99999999A 99999999-A 99.999.999-A 99.999.999A", is_enough=True),
    _scheme("ES", "es.nie", "A9999999A A-9999999-A A9999999-A", is_enough=True),
    _scheme("FI", "fi.hetu", "999999-999A 999999-9999 999999A999A 999999A9999", is_enough=True),
    _scheme("FR", "fr.nir", "9_99_99_99_999_999_99 999999999999999 9_99_99_9A_999_999_99 999999A99999999", is_enough=True),
    _scheme("FR", "fr.nif", "9999999999999 99_99_999_999_999"),
    _scheme("GB", "gb.nhs", "999_999_9999 999-999-9999 9999999999"),
    _scheme("GB", "british_insurance", "AA999999A AA_99_99_99_A", is_enough=True),
    _scheme("GR", "gr.amka", "99999999999"),
    _scheme("HK", "hong_kong_id", "A999999(9) AA999999(9) A999999(A)", is_enough=True),
    _scheme("HR", "hr.oib", "99999999999"),
    _scheme("ID", "id.nik", "9999999999999999"),
    _scheme("IE", "ie.pps", "9999999A 9999999AA"),
    _scheme("IL", "il.idnr", "999999999 99999999-9"),
    _scheme("IN", "in_.aadhaar", "9999_9999_9999 999999999999 9999-9999-9999"),
    _scheme("IN", "in_.pan", "AAAAA9999A", is_enough=True),
    _scheme("IS", "is_.kennitala", "999999-9999", is_enough=True),
    _scheme("IT", "it.codicefiscale", "AAAAAA99A99A999A AAA_AAA_99A99_A999A", is_enough=True),
    _scheme("KR", "kr.rrn", "999999-9999999", is_enough=True),
    _scheme("LV", "lv.pvn", "999999-99999"),
    _scheme("MX", "mx.curp", "AAAA999999AAAAAA99 AAAA999999AAAAAAA9", is_enough=True),
    _scheme(
        "MX",
        "mx.rfc",
        "AAAA999999999 AAAA999999A99 AAAA999999AA9 AAAA9999999A9 AAAA99999999A AAAA999999AAA AAAA9999999AA AAAA999999A9A",
        is_enough=True,
    ),
    _scheme("MY", "my.nric", "999999-99-9999", is_enough=True),
    _scheme("NL", "nl.bsn", "999999999 9999.99.999"),
    _scheme("NO", "no.fodselsnummer", "99999999999 999999_99999", is_enough=True),
    _scheme("NZ", "nz.ird", "99-999-999 999-999-999"),
    _scheme("PE", "pe.cui", "99999999-9"),
    _scheme("PK", "pk.cnic", "99999-9999999-9", is_enough=True),
    _scheme("PL", "pl.pesel", "99999999999"),
    _scheme("PT", "pt.cc", "99999999_9_AA9 999999999AA9", is_enough=True),
    _scheme("PT", "pt.nif", "999999999 999_999_999"),
    _scheme("RO", "ro.cnp", "9999999999999"),
    _scheme("RU", "ru.inn", "999999999999"),
    _scheme("RU", "russian_insurance", "999-999-999_99 999-999-999-99", is_enough=True),
    _scheme("SE", "se.personnummer", "999999-9999 99999999-9999", is_enough=True),
    _scheme("SE", "se.personnummer", "9999999999 999999999999"),
    _scheme("SG", "singapore_id", "A9999999A", is_enough=True),
    _scheme("SI/RS", "si.emso", "9999999999999"),
    _scheme("TH", "th.pin", "9-9999-99999-99-9 9_9999_99999_99_9", is_enough=True),
    _scheme("TH", "th.pin", "9999999999999"),
    _scheme("TR", "tr.tckimlik", "99999999999"),
    _scheme("TW", "taiwanese_id", "A999999999"),
    _scheme("UA", "ua.rntrc", "9999999999"),
    _scheme("US", "us.itin", "999-99-9999", is_enough=True),
    _scheme("UY", "uruguayan_id", "9.999.999-9"),
    _scheme("VE", "ve.rif", "A-99999999-9"),
    _scheme("ZA", "za.idnr", "9999999999999 999999_9999_999"),
)


def _by_shape() -> dict[str, list[Scheme]]:
    shapes: dict[str, list[Scheme]] = {}
    for scheme in SCHEMES:
        for shape in scheme.shapes:
            shapes.setdefault(shape, []).append(scheme)
    return shapes


_SHAPES = _by_shape()
_LENGTHS = sorted({len(shape) for shape in _SHAPES}, reverse=True)
_AS_SHAPE = {**{ord(digit): "9" for digit in "0123456789"}, **{ord(letter): "A" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}}


def _pattern(shapes: Collection[str]) -> str:
    """What begins in one of these forms and ends there."""
    firsts = sorted({shape[0] for shape in shapes if shape})
    branches = [_SIGNS.get(first, re.escape(first)) + _pattern({shape[1:] for shape in shapes if shape[:1] == first}) for first in firsts]
    return f"(?:{'|'.join([*branches, *([_END.pattern] if '' in shapes else [])])})"


_SIGNS = {"9": "[0-9]", "A": "[A-Za-z]"}
_LETTERS_FIRST = {shape: shape.partition("9")[::2] for shape in _SHAPES if shape[0] == "A"}
_LEADS = sorted({lead for lead, _ in _LETTERS_FIRST.values()}, key=len, reverse=True)
_REST_BEHIND_LETTERS = _pattern({rest for _, rest in _LETTERS_FIRST.values()})
# The first digit of what has the form of a number. It comes first, so that Python can skip to digits.
_FIRST_DIGIT = re.compile(
    rf"[0-9](?:(?<![\w.\-/+#=&][0-9])(?={_pattern({shape[1:] for shape in _SHAPES if shape[0] == '9'})})"
    rf"|(?:(?<=[A-Za-z][0-9])|(?<=[A-Za-z][\- ][0-9]))(?={_REST_BEHIND_LETTERS}))"
)
# How near each other the digits are that every form begins with.
_FEWEST_DIGITS = min(shape.count("9") for shape in _SHAPES)
_WIDEST_GAP = max(len(gap) for shape in _SHAPES for gap in shape.strip("A- ").split("9")[1:_FEWEST_DIGITS])
_SIGN = rf"[0-9](?:[A-Za-z .\-/(]{{0,{_WIDEST_GAP}}}[0-9]){{{_FEWEST_DIGITS - 1}}}"

ENTRIES = (Entry(_SIGN, hint=_SIGN),)


def find(text: str) -> Iterator[PiiSpan]:
    for start in _starts(text):
        match = _CANDIDATE.match(text, start)
        end = _end_of_number(text, match) if match else None
        if end:
            yield PiiSpan(start, end, "NATIONAL_ID")


def _starts(text: str) -> Iterator[int]:
    for digit in _FIRST_DIGIT.finditer(text):
        at = digit.start()
        if at and (text[at - 1].isalpha() or text[at - 1] in "- "):
            yield from (at - len(lead) for lead in _LEADS if text[max(0, at - len(lead)) : at].translate(_AS_SHAPE) == lead)
        yield at


def _end_of_number(text: str, match: re.Match[str]) -> int | None:
    """Where the longest valid number that begins here ends."""
    shape = match[1].translate(_AS_SHAPE)
    for length in _LENGTHS:
        schemes = _SHAPES.get(shape[:length])
        if schemes is None or length > len(shape) or not _END.match(text, match.start() + length):
            continue
        value = match[1][:length]
        if any(is_valid(scheme, value) and (scheme.is_enough or _is_announced(text, match.start())) for scheme in schemes):
            return match.start() + length
    return None


def _is_announced(text: str, start: int) -> bool:
    return bool(_WORDS.search(text, max(0, start - _LOOK_BACK), start))


def is_valid(scheme: Scheme, value: str) -> bool:
    # "test123456abc" is a name that a program gave.
    if len(set(filter(str.isdecimal, value))) < 2 or (value != value.upper() and len(value) < 16 and sum(map(str.isalpha, value)) > 1):
        return False
    return _check(scheme.check)(value.upper().replace(".", "").replace(" ", ""))


@cache
def _check(name: str) -> Callable[[str], bool]:
    # Imported at the first candidate of its form: most texts have none.
    return OWN_CHECKS[name] if name in OWN_CHECKS else import_module(f"stdnum.{name}").is_valid
