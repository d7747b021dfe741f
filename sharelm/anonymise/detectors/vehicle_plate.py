"""Number plates of vehicles, by the words before them: every country writes them differently, and many look like anything else."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

_LABEL = (
    r"(?:licen[cs]e plates?|number plates?|plates?|(?:car|vehicle|van|truck)(?:'s)? reg(?:istration|o)?|(?:my|his|her|our) reg(?:istration"
    r"|o)?|registration|reg|rego"
    r"|autonummer|(?:auto|kfz-?|amtliches )?kennzeichen|nummernschild|plaque(?: d['’]immatriculation)?|immatriculation|immatriculée?|matr[ií]cula"
    r"|placas?|targa|targata|kenteken"
    r"|numer rejestracyjny|nr rejestracyjny|rejestracja|tablic[aey](?: rejestracyjn[aey])?)"
)
_IS = (
    r"(?:\s?(?:numbers?|no\.?|nr\.?|#|mark|numéro|número|numero|nummer))?[\s:=(\"'#]{0,4}"
    r"(?:(?:is|was|reads?|ist|war|lautet|est|es|è|é|jest|to|of|with|mit|avec|con|com|met|z|the|my)[\s:]{1,2}){0,3}[\"'“„]?"
)
# Two to four groups of letters and digits, in capitals, or in small letters where a hyphen or a digit holds them together.
_PLATE = (
    r"(?P<value>[A-ZÄÖÜ0-9]{1,4}(?:[ \-·]?[A-Z0-9]{1,4}){1,3}|[a-zäöü]{1,3}-[a-z]{1,3}[ \-]?\d{1,4}|[a-z]{2}-?\d{3}-?[a-z]{2}"
    r"|[a-z]{2}\d{2} ?[a-z]{3})(?![\w])"
)
_ANNOUNCED = Entry(rf"(?i:(?<!\w){_LABEL}{_IS})(?<![\w]){_PLATE}")

ENTRIES = (_ANNOUNCED,)


def find(text: str) -> Iterator[PiiSpan]:
    for match in _ANNOUNCED.finditer(text):
        if _is_plate(match["value"]):
            yield PiiSpan(*match.span("value"), "VEHICLE_PLATE")


def _is_plate(value: str) -> bool:
    compact = "".join(filter(str.isalnum, value))
    return 4 <= len(compact) <= 10 and any(char.isalpha() for char in compact) and sum(char.isdecimal() for char in compact) >= 1
