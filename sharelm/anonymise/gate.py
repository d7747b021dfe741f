"""Decides in one pass over a text which detectors can find anything in it; the others need not look.

A trigger is a necessary condition: where it is not met, its detector finds nothing. Hyperscan answers all of them at 200 MB/s; where it is not
installed, Python looks for their words and patterns one by one. The spans are the same with either, and the same as without a gate.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

from sharelm.anonymise.detectors import credential, date_of_birth, id_number, national_id, street_address, username, vehicle_plate

Gate = Callable[[str], frozenset[str]]
"""text → the entity types that may stand in it."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """`pattern` matches somewhere, and there are that many digits in all. Alternatives in `(?i:…)` are written in small letters."""

    pattern: str
    digits: int = 0


# A kind that is not named here is always looked for: a person can be any word.
TRIGGERS: Mapping[str, Trigger] = {
    "SECRET": Trigger(r"[A-Za-z0-9_+/=.\-]{15}|://[^/@ ]{0,64}:|(?i:server=|host=|source=)"),
    "EMAIL_ADDRESS": Trigger(r"@|(?i:\bdot\b|[(\[{][^a-z0-9]?at[^a-z0-9]?[)\]}])"),
    "URL": Trigger(r"://|(?i:www\.)"),
    "IBAN_CODE": Trigger(r"[A-Za-z]{2}[0-9]{2}.?[A-Za-z0-9]{2}", digits=2),
    "CREDIT_CARD": Trigger(r"[0-9]{4}", digits=13),
    "US_SSN": Trigger(r"[0-9]{3}-[0-9]{2}-[0-9]{4}|(?i:ssn|social)", digits=9),
    "MAC_ADDRESS": Trigger(r"[0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-]|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"),
    "IP_ADDRESS": Trigger(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|:[0-9A-Fa-f]{0,4}:"),
    "PHONE_NUMBER": Trigger(r"[0-9](?:[^A-Za-z0-9]{0,3}[0-9]){5}", digits=6),
    "CREDENTIAL": Trigger(credential.TRIGGER),
    "NATIONAL_ID": Trigger(national_id.TRIGGER + r"|\d\d[A-Za-z]\d\d", digits=4),
    "VEHICLE_PLATE": Trigger(vehicle_plate.TRIGGER, digits=1),
    "ID_NUMBER": Trigger(id_number.TRIGGER, digits=3),
    "USERNAME": Trigger(username.TRIGGER),
    "STREET_ADDRESS": Trigger(street_address.TRIGGER),
    "DATE_OF_BIRTH": Trigger(date_of_birth.TRIGGER, digits=2),
}

# Digits of other scripts, and letters that are ASCII in another case: `\d` and IGNORECASE match them, hyperscan does not.
_FOLDS = re.compile("\\d(?<![0-9])|[\u017f\u212a\u0130\u0131]")
_GROUP = re.compile(r"\(\?i:(.*)\)", re.DOTALL)
_WORDS = re.compile(r"[\w ]+")
_TOKEN = re.compile(r"\w+")
_WHOLE_WORD = re.compile(r"\\b(\w+)\\b")


def open_kinds(text: str, gate: Gate | None = None) -> frozenset[str] | None:
    """The kinds that may be found in the text, of those that have a trigger; None where all have to be looked for."""
    if not text.isascii() and _FOLDS.search(text):
        return None
    digits = sum(map(text.count, "0123456789"))
    return frozenset(kind for kind in (gate or _gate())(text) if digits >= TRIGGERS[kind].digits)


@cache
def _gate() -> Gate:
    try:
        return hyperscan_gate(TRIGGERS)
    except ImportError:
        return python_gate(TRIGGERS)


def hyperscan_gate(triggers: Mapping[str, Trigger]) -> Gate:
    """Raises ImportError where hyperscan is not installed, or does not know the processor."""
    import hyperscan

    kinds = list(triggers)
    patterns = [_with_ascii_boundaries(trigger.pattern).encode() for trigger in triggers.values()]
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_UTF8
    database = hyperscan.Database()
    try:
        database.compile(expressions=patterns, ids=list(range(len(kinds))), elements=len(kinds), flags=flags)
    except hyperscan.ArchitectureError as error:
        raise ImportError("hyperscan") from error
    threads = threading.local()

    def gate(text: str) -> frozenset[str]:
        if not hasattr(threads, "scratch"):  # two threads in one scratch are errors by the thousand
            threads.scratch = hyperscan.Scratch(database)
        met: list[int] = []
        database.scan(text.encode(errors="replace"), match_event_handler=lambda i, *_: met.append(i), scratch=threads.scratch)
        return frozenset(kinds[i] for i in met)

    return gate


def python_gate(triggers: Mapping[str, Trigger]) -> Gate:
    conditions = {kind: _condition(trigger.pattern) for kind, trigger in triggers.items()}

    def gate(text: str) -> frozenset[str]:
        seen = Seen(text)
        return frozenset(kind for kind, is_met in conditions.items() if is_met(seen))

    return gate


class Seen:
    """A text as it is looked at without hyperscan: as given, in small letters, and as a set of words once somebody asks for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self._tokens: frozenset[str] | None = None

    @property
    def tokens(self) -> frozenset[str]:
        if self._tokens is None:
            self._tokens = frozenset(_TOKEN.findall(self.lower))
        return self._tokens


def _condition(pattern: str) -> Callable[[Seen], bool]:
    """The same condition, with what is no more than a word looked for as such: `in` is many times faster than an alternative."""
    outer = alternatives(pattern)
    groups = [match[1] for part in outer if (match := _GROUP.fullmatch(part))]
    exact = [part for part in outer if not _GROUP.fullmatch(part)]
    inner = list(chain.from_iterable(alternatives(group) for group in groups))
    words = [part for part in inner if _WORDS.fullmatch(part)]
    whole = {match[1] for part in inner if (match := _WHOLE_WORD.fullmatch(part))}
    others = [part for part in inner if not _WORDS.fullmatch(part) and not _WHOLE_WORD.fullmatch(part)]
    in_any_case, as_written = _any_of(others), _any_of(exact)

    def is_met(seen: Seen) -> bool:
        return (
            any(word in seen.lower for word in words)
            or (as_written is not None and as_written.search(seen.text) is not None)
            or (bool(whole) and not whole.isdisjoint(seen.tokens))
            or (in_any_case is not None and in_any_case.search(seen.lower) is not None)
        )

    return is_met


def alternatives(pattern: str) -> list[str]:
    """The pattern cut at the bars that stand in no bracket."""
    parts, depth, in_class, i, start = [], 0, False, 0, 0
    while i < len(pattern):
        char = pattern[i]
        if char == "\\":
            i += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(pattern[start:i])
            start = i + 1
        i += 1
    return [*parts, pattern[start:]]


def _any_of(parts: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(parts)) if parts else None


def _with_ascii_boundaries(pattern: str) -> str:
    r"""`\b` at either end of an alternative, so that it also holds beside a letter beyond ASCII, which is no word to hyperscan."""
    pattern = re.sub(r"(^|[|(:])\\b", r"\1(?:^|[^0-9A-Za-z_])", pattern)
    return re.sub(r"\\b(?=$|[|)])", "(?:$|[^0-9A-Za-z_])", pattern)
