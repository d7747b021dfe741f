"""Decides in one linear pass over a text which detectors can find anything in it; the others need not look.

A trigger is a necessary condition: where it is not met, its detector finds nothing. With hyperscan the gate sees what every single pattern of a
detector needs, at 25 MB/s and more. Where it is not installed, Python looks for the simple conditions and lets the other detectors look for
themselves. The spans are the same with either, and the same as without a gate.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sharelm.anonymise.detectors import (
    credential,
    date_of_birth,
    id_number,
    national_id,
    street_address,
    told_address,
    username,
    vehicle_plate,
)
from sharelm.anonymise.entry import Entry
from sharelm.anonymise.widen import widen


@dataclass(frozen=True, slots=True)
class Verdict:
    """The entity types that may stand in a text, of those that have a trigger; and the entries that may match, None standing for all."""

    kinds: frozenset[str]
    entries: frozenset[Entry] | None = None


Gate = Callable[[str], Verdict]
Meaning = tuple[str, Entry | None]
"""What a pattern of hyperscan stands for: a kind, and where it has entries one of them."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """`pattern` matches somewhere, and there are that many digits in all. `entries` are patterns with which the detector begins.

    With hyperscan one of the entries has to match where they are `all` that there are; without it, nothing is asked but `pattern`.
    """

    pattern: str = ""
    digits: int = 0
    entries: tuple[Entry, ...] = ()
    all: bool = True


# A kind that is not named here is always looked for: a person can be any word.
TRIGGERS: Mapping[str, Trigger] = {
    "SECRET": Trigger(r"[A-Za-z0-9_+/=.\-]{15}|://[^/@ ]{0,64}:|(?i:server=|host=|source=)"),
    "EMAIL_ADDRESS": Trigger(r"@|(?i:\bdot\b|[(\[{][^a-z0-9]?at[^a-z0-9]?[)\]}])"),
    "URL": Trigger(r"://|(?i:www\.)|(?i:\.com/|\.me/|\.ee/)"),
    "IBAN_CODE": Trigger(r"[A-Za-z]{2}[0-9]{2}.?[A-Za-z0-9]{2}", digits=2),
    "CREDIT_CARD": Trigger(r"[0-9]{4}", digits=13),
    "US_SSN": Trigger(r"[0-9]{3}-[0-9]{2}-[0-9]{4}|(?i:ssn|social)", digits=9),
    "MAC_ADDRESS": Trigger(r"[0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-]|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"),
    "IP_ADDRESS": Trigger(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|:[0-9A-Fa-f]{0,4}:"),
    "PHONE_NUMBER": Trigger(r"[0-9](?:[^A-Za-z0-9]{0,3}[0-9]){5}", digits=6),
    "CREDENTIAL": Trigger(entries=credential.ENTRIES),
    "NATIONAL_ID": Trigger(digits=4, entries=national_id.ENTRIES),
    "VEHICLE_PLATE": Trigger(digits=1, entries=vehicle_plate.ENTRIES),
    "ID_NUMBER": Trigger(digits=2, entries=id_number.ENTRIES),
    "USERNAME": Trigger(entries=username.ENTRIES),
    "STREET_ADDRESS": Trigger("[0-9]", entries=(*street_address.ENTRIES, *told_address.ENTRIES), all=False),
    "DATE_OF_BIRTH": Trigger(digits=1, entries=date_of_birth.ENTRIES),
}
LONG_PATTERN = 1_500  # characters; longer ones get a database each, since many of them in one take a minute to make
ENOUGH_CHARACTERS = 300_000  # making ready for hyperscan takes seconds, which a short text would not get back

# Digits of other scripts, and letters that are ASCII in another case: `\d` and IGNORECASE match them, hyperscan does not.
_FOLDS = re.compile("\\d(?<![0-9])|[\u017f\u212a\u0130\u0131]")


def judge(text: str, gate: Gate | None = None) -> Verdict | None:
    """What may stand in the text; None where everything has to be looked for."""
    if not text.isascii() and _FOLDS.search(text):
        return None
    verdict = (gate or _GATE)(text)
    digits = sum(map(text.count, "0123456789"))
    return Verdict(frozenset(kind for kind in verdict.kinds if digits >= TRIGGERS[kind].digits), verdict.entries)


class _BestGate:
    """Python's until enough text has gone by, then hyperscan's where it is installed. Remembers how much text, and none of it."""

    def __init__(self) -> None:
        self._gate = python_gate(TRIGGERS)
        self._characters = 0
        self._making = threading.Lock()

    def __call__(self, text: str) -> Verdict:
        if self._characters <= ENOUGH_CHARACTERS:
            self._characters += len(text)
            if self._characters > ENOUGH_CHARACTERS and self._making.acquire(blocking=False):
                self._change()
        return self._gate(text)

    def _change(self) -> None:
        try:
            self._gate = hyperscan_gate(TRIGGERS)
        except ImportError:
            pass
        finally:
            self._making.release()


def hyperscan_gate(triggers: Mapping[str, Trigger]) -> Gate:
    """Raises ImportError where hyperscan is not installed, or does not know the processor."""
    import hyperscan

    light: dict[Meaning, list[str]] = {}
    scans = []
    for kind, trigger in triggers.items():
        for entry in (*trigger.entries, *(() if trigger.entries and trigger.all else (None,))):
            wider = widen(entry.source, entry.pattern.flags) if entry else [_with_ascii_boundaries(trigger.pattern)]
            if sum(map(len, wider)) > LONG_PATTERN:
                scans.append(_scan_of(hyperscan, {(kind, entry): wider}))
            else:
                light[kind, entry] = wider
    scans.append(_scan_of(hyperscan, light))

    def gate(text: str) -> Verdict:
        data = text.encode(errors="replace")
        found = [meaning for scan in scans for meaning in scan(data)]
        return Verdict(frozenset(kind for kind, _ in found), frozenset(entry for _, entry in found if entry))

    return gate


def _scan_of(hyperscan: Any, patterns: Mapping[Meaning, list[str]]) -> Callable[[bytes], list[Meaning]]:
    meanings = [meaning for meaning, wider in patterns.items() for _ in wider]
    expressions = [pattern.encode() for wider in patterns.values() for pattern in wider]
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_UTF8
    database = hyperscan.Database()
    try:
        database.compile(expressions=expressions, ids=list(range(len(meanings))), elements=len(meanings), flags=flags)
    except hyperscan.ArchitectureError as error:
        raise ImportError("hyperscan") from error
    threads = threading.local()

    def scan(data: bytes) -> list[Meaning]:
        if not hasattr(threads, "scratch"):  # two threads in one scratch are errors by the thousand
            threads.scratch = hyperscan.Scratch(database)
        met: list[int] = []
        database.scan(data, match_event_handler=lambda i, *_: met.append(i), scratch=threads.scratch)
        return [meanings[i] for i in met]

    return scan


def python_gate(triggers: Mapping[str, Trigger]) -> Gate:
    conditions = {kind: re.compile(trigger.pattern) for kind, trigger in triggers.items()}
    return lambda text: Verdict(frozenset(kind for kind, condition in conditions.items() if condition.search(text)))


def _with_ascii_boundaries(pattern: str) -> str:
    r"""`\b` at either end of an alternative, so that it also holds beside a letter beyond ASCII, which is no word to hyperscan."""
    pattern = re.sub(r"(^|[|(:])\\b", r"\1(?:^|[^0-9A-Za-z_])", pattern)
    return re.sub(r"\\b(?=$|[|)])", "(?:$|[^0-9A-Za-z_])", pattern)


_GATE = _BestGate()
