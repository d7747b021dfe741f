"""How likely it is that what is left of a conversation still points at somebody: a level, and why. For whoever reviews it; it decides nothing.

Two things count: how much was replaced (where much stood, more may have been missed), and what no detector replaces but what together fits few
people: employer, town, occupation, age, family, health, school.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sharelm.vocabulary import Message, Role


class Level(IntEnum):
    """Stored as a number, so that a queue can be ordered by it."""

    LOW = 0
    RAISED = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Risk:
    """`reasons` are words of `REASONS`, in their order."""

    level: Level
    reasons: tuple[str, ...]

    def columns(self) -> dict[str, Any]:
        return {"risk": int(self.level), "risk_reasons": " ".join(self.reasons)}


READ_CHARACTERS = 200_000  # of one conversation: what people tell about themselves stands early, and work must not grow without end
RAISED_AT, HIGH_AT = 3, 6

# Kinds that belong to one person for life, or open something.
GRAVE = frozenset({"US_SSN", "NATIONAL_ID", "CREDIT_CARD", "IBAN_CODE", "DATE_OF_BIRTH", "STREET_ADDRESS", "ID_NUMBER"})

# What a person says of themselves in passing, in eight languages. No reason is enough by itself; three together fit few people.
_TOLD = {
    "employer": (
        r"\bi(?:'m| am)? (?:work(?:ing|ed)?|employed) (?:at|for|with)\b|\bmy (?:employer|company|boss|office|job at)\b"
        r"|\b(?:ich arbeite|arbeite ich) (?:bei|für)\b|\bmein(?:e|em)? (?:arbeitgeber|firma|chef)|\bje travaille (?:chez|pour|à)\b"
        r"|\bmon (?:employeur|entreprise|patron)|\btrabajo (?:en|para)\b|\bmi (?:empresa|jefe)\b|\blavoro (?:per|presso|alla|in)\b"
        r"|\bla mia azienda\b|\btrabalho (?:na|no|para)\b|\bminha empresa\b|\bik werk (?:bij|voor)\b"
        r"|\bmijn (?:werkgever|baas|bedrijf)\b|\bpracuję w\b|\bmój (?:szef|pracodawca)\b"
    ),
    "town": (
        r"\bi(?:'m| am)? (?:live|living|from|based|moved|grew up|born)(?: here)? (?:in|to|near)\b|\bi(?:'m| am) from\b"
        r"|\bmy (?:home ?town|village|neighbou?rhood)\b|\bich (?:wohne|lebe|komme) (?:in|aus)\b|\bj'habite\b"
        r"|\bje (?:vis|viens) (?:à|de|en)\b|\bvivo (?:en|a|in)\b|\bsoy de\b|\babito (?:a|in)\b|\bmoro (?:em|na|no)\b|\bik woon in\b"
        r"|\bik kom uit\b|\bmieszkam w\b"
    ),
    "occupation": (
        r"\bi(?:'m| am) (?:an?|the) (?:\w+ ){0,2}(?:nurse|\w+(?:er|or|ist|ian|ant|surgeon|chef|clerk"
        r"|pilot|coach|judge|pastor|priest|student|farmer|cook|mayor|ceo|cto|head))\b"
        r"|\bi work as\b|\bmy (?:profession|occupation|job title)\b"
        r"|\bich (?:bin|arbeite als) \w+(?:er|erin|ist|istin|arzt|ärztin|schwester)\b"
        r"|\bje suis (?:\w+ ){0,1}\w+(?:eur|euse|ien|ienne|iste|ière)\b|\bsoy \w+(?:ero|era|or|ora|ista|ogo|oga)\b|\btrabajo como\b"
        r"|\bsono un[oa']? ?\w+(?:ista|ere|era|tore|trice|ante)\b|\bik ben \w+(?:er|ster|ist|eur)\b|\btrabalho como\b"
        r"|\bjestem \w+(?:em|ką|rzem)\b"
    ),
    "age": (
        r"\bi(?:'m| am) \d{1,2}(?! ?(?:%|km|miles|minutes|hours|days|weeks))\b|\b\d{1,2}[- ]years?[- ]old\b|\bich bin \d{1,2}\b"
        r"|\bj'ai \d{1,2} ans\b|\btengo \d{1,2} años\b|\bho \d{1,2} anni\b|\btenho \d{1,2} anos\b|\bik ben \d{1,2}\b"
        r"|\bmam \d{1,2} lat\b"
    ),
    "family": (
        r"\bmy (?:wife|husband|partner|girlfriend|boyfriend|fianc[ée]e?|son|daughter|kids?|children|"
        r"mother|father|mom|mum|dad|brother|sister|twins?)\b"
        r"|\bmein(?:e|em|er)? (?:frau|mann|sohn|tochter|kinder|mutter|vater|bruder|schwester|freundin?)\b"
        r"|\bm(?:on|a|es) (?:mari|femme|fils|fille|enfants|mère|père|frère|s(?:œ|oe)ur)\b"
        r"|\bmis? (?:esposa|esposo|marido|mujer|hij[oa]s?|madre|padre|herman[oa])\b"
        r"|\bmi[oae]i? (?:moglie|marito|figli[oa]?|madre|padre|fratello|sorella)\b"
        r"|\bm(?:eu|inha) (?:esposa|marido|filh[oa]|mãe|pai|irmão|irmã)\b"
        r"|\bmijn (?:vrouw|man|zoon|dochter|kinderen|moeder|vader|broer|zus)\b|\bm(?:ój|oja|oje) (?:mąż|żona|syn|córka|dzieci)\b"
    ),
    "health": (
        r"\b(?:i|my \w+) (?:was|were|have been|has been|got)? ?diagnosed\b"
        r"|\bi (?:have|suffer from|was treated for) (?:\w+ )?(?:cancer|diabetes|depression|anxiety|adhd|autism|epilepsy|hiv|asthma|ptsd|bipolar|ms)\b"
        r"|\bmy (?:diagnosis|therapist|psychiatrist|medication|surgery|pregnancy|doctor)\b"
        r"|\bmein(?:e|er|em)? (?:diagnose|therapeut(?:in)?|schwangerschaft)\b|\bmon (?:diagnostic|médecin)\b"
    ),
    "school": (
        r"\bi(?:'m| am)? (?:study|studying|studied|graduated|enrolled) (?:at|from|in)\b"
        r"|\bmy (?:school|university|college|professor|supervisor|thesis|class|teacher)\b|\bich studiere (?:an|in)\b"
        r"|\bmein(?:e|er)? (?:schule|uni|universität|professorin?|lehrerin?)\b|\bj'étudie à\b|\bestudio en\b|\bstudio (?:a|all)\b"
        r"|\bstudeer (?:aan|in)\b|\bstudiuję na\b"
    ),
}
_PATTERNS = {reason: re.compile(pattern, re.IGNORECASE) for reason, pattern in _TOLD.items()}
_LONG_NUMBER = re.compile(r"(?<![\w.,/\-])\d{7,19}(?![\w,/\-]|\.\d)")
_NUMBERS_LEFT = 3

MANY_KINDS = 4
MANY_PLACES = 15
REASONS = ("grave", "many-kinds", "many-places", "many-persons", *_TOLD, "long-numbers", "combination", "without-names")


def find_risk(messages: Sequence[Message], counts: Mapping[str, int], *, names_ran: bool) -> Risk:
    """`messages` are anonymised, `counts` the replaced places by entity type."""
    points = _of_what_was_replaced(counts) | _of_what_is_left(messages)
    if not names_ran and points:
        points["without-names"] = 1
    total = sum(points.values())
    level = Level.HIGH if total >= HIGH_AT else Level.RAISED if total >= RAISED_AT else Level.LOW
    return Risk(level, tuple(reason for reason in REASONS if reason in points))


def _of_what_was_replaced(counts: Mapping[str, int]) -> dict[str, int]:
    points = {}
    if GRAVE & {kind for kind, count in counts.items() if count}:
        points["grave"] = 2
    if sum(count > 0 for count in counts.values()) >= MANY_KINDS:
        points["many-kinds"] = 2
    if sum(counts.values()) >= MANY_PLACES:
        points["many-places"] = 1
    if counts.get("PERSON", 0) >= MANY_PLACES:
        points["many-persons"] = 1
    return points


def _of_what_is_left(messages: Sequence[Message]) -> dict[str, int]:
    """One point for everything that a person tells of themselves, and more once it begins to fit few people."""
    text = "\n".join(message.content for message in messages if message.role is Role.USER)[:READ_CHARACTERS]
    points = {reason: 1 for reason, pattern in _PATTERNS.items() if pattern.search(text)}
    is_rare = {"employer", "town", "occupation"} <= points.keys() or len(points) >= 4
    if is_rare:
        points["combination"] = 3
    if len(_LONG_NUMBER.findall(text)) >= _NUMBERS_LEFT:
        points["long-numbers"] = 1
    return points
