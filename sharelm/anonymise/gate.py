"""Decides in one linear pass over a text which detectors can find anything in it, and with which patterns; the others need not look.

First it looks for what has to stand in a text for a pattern to match: a number of digits, and the literals of the pattern. Hyperscan, where
it is installed, sees all literals at once, and then tries the patterns that are left in a wider form. The spans are the same with it, without
it, and without a gate.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from sharelm.anonymise.alternatives import any_of
from sharelm.anonymise.detectors import (
    credential,
    credit_card,
    date_of_birth,
    email_address,
    iban_code,
    id_number,
    ip_address,
    mac_address,
    national_id,
    person_lower,
    phone_number,
    secret,
    street_address,
    told_address,
    us_ssn,
    username,
    vehicle_plate,
)
from sharelm.anonymise.entry import Entry, Possible


@dataclass(frozen=True, slots=True)
class Verdict:
    """The entity types that may stand in a text, of those that have a trigger; and the entries that may match."""

    kinds: frozenset[str]
    entries: frozenset[Entry]
    ends: Mapping[Entry, Sequence[int]] = field(default_factory=dict)


Gate = Callable[[str, frozenset[Entry]], Possible]
"""(text, entries) → those of them that may match it."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """There are that many digits in all, and one of `entries`, if they are `all` that the detector begins with."""

    digits: int = 0
    entries: tuple[Entry, ...] = ()
    all: bool = True


TRIGGERS: Mapping[str, Trigger] = {
    "SECRET": Trigger(entries=secret.ENTRIES),
    "EMAIL_ADDRESS": Trigger(entries=email_address.ENTRIES),
    "URL": Trigger(entries=(Entry(r"://|www\.|\.com/|\.me/|\.ee/", re.IGNORECASE),)),
    "IBAN_CODE": Trigger(digits=2, entries=iban_code.ENTRIES),
    "CREDIT_CARD": Trigger(digits=13, entries=credit_card.ENTRIES),
    "US_SSN": Trigger(digits=9, entries=us_ssn.ENTRIES),
    "MAC_ADDRESS": Trigger(entries=mac_address.ENTRIES),
    "IP_ADDRESS": Trigger(digits=1, entries=ip_address.ENTRIES),
    "PHONE_NUMBER": Trigger(digits=6, entries=phone_number.ENTRIES),
    "CREDENTIAL": Trigger(entries=credential.ENTRIES),
    "NATIONAL_ID": Trigger(digits=4, entries=national_id.ENTRIES),
    "VEHICLE_PLATE": Trigger(digits=1, entries=vehicle_plate.ENTRIES),
    "ID_NUMBER": Trigger(digits=2, entries=id_number.ENTRIES),
    "USERNAME": Trigger(entries=username.ENTRIES),
    "STREET_ADDRESS": Trigger(digits=1, entries=(*street_address.ENTRIES, *told_address.ENTRIES), all=False),
    "DATE_OF_BIRTH": Trigger(digits=1, entries=date_of_birth.ENTRIES),
    "PERSON": Trigger(entries=person_lower.ENTRIES, all=False),
}
MOST_REMEMBERED = 1_000
"""Of what follows from the entries that may match, which says nothing of any text."""
ENOUGH_CHARACTERS = 100_000  # making ready for hyperscan takes a second or two, which a short text would not get back

_DIGITS = b"0123456789"
_MOST_DIGITS = max(trigger.digits for trigger in TRIGGERS.values())
# Digits of other scripts, and letters that are ASCII in another case: `\d` and IGNORECASE match them, hyperscan does not.
_FOLDS = frozenset([*filter(str.isdecimal, map(chr, range(128, 0x110000))), "\u017f", "\u212a", "\u0130", "\u0131"])
_ASCII = bytes(range(128))


def judge(text: str, gate: Gate | None = None) -> Verdict | None:
    """What may stand in the text; None where everything has to be looked for."""
    data = text.encode(errors="replace")
    if len(data) != len(text) and not _FOLDS.isdisjoint(data.translate(None, _ASCII).decode()):
        return None
    asked = _ASKED[min(len(data) - len(data.translate(None, _DIGITS)), _MOST_DIGITS)]
    possible, ends = (gate or _GATE)(text, asked.entries)
    return Verdict(*asked.told(possible), ends)


class _Asked:
    """What is asked about a text with that many digits: the entries of the kinds that these are enough for, and what each can tell."""

    def __init__(self, digits: int) -> None:
        triggers = {kind: trigger for kind, trigger in TRIGGERS.items() if trigger.digits <= digits}
        entries = [entry for trigger in triggers.values() for entry in trigger.entries]
        self.entries = frozenset([*entries, *(entry.needs for entry in entries if entry.needs)])
        self.open = frozenset(kind for kind, trigger in triggers.items() if not trigger.entries or not trigger.all)
        self.opened_by: dict[Entry, list[str]] = {}
        for kind in triggers.keys() - self.open:
            for entry in triggers[kind].entries:
                self.opened_by.setdefault(entry, []).append(kind)
        self.told = lru_cache(maxsize=MOST_REMEMBERED)(self._told)

    def _told(self, possible: frozenset[Entry]) -> tuple[frozenset[str], frozenset[Entry]]:
        """The kinds that may stand in a text with these entries, and those that are of use."""
        entries = frozenset(entry for entry in possible if entry.needs is None or entry.needs in possible)
        return self.open.union(kind for entry in entries for kind in self.opened_by.get(entry, ())), entries


_ASKED = [_Asked(digits) for digits in range(_MOST_DIGITS + 1)]


class _BestGate:
    """Python's until enough text has gone by, then hyperscan's where it is installed. Remembers how much text, and none of it."""

    def __init__(self) -> None:
        self._gate: Gate = python_gate
        self._characters = 0
        self._making = threading.Lock()

    def __call__(self, text: str, entries: frozenset[Entry]) -> Possible:
        if self._characters <= ENOUGH_CHARACTERS:
            self._characters += len(text)
            if self._characters > ENOUGH_CHARACTERS and self._making.acquire(blocking=False):
                self._change()
        return self._gate(text, entries)

    def _change(self) -> None:
        try:
            self._gate = hyperscan_gate()
        except ImportError:
            pass
        finally:
            self._making.release()


def python_gate(text: str, entries: frozenset[Entry]) -> Possible:
    lower = text.lower()
    literal, owners, owned = _literals()
    possible = {entry for match in literal.finditer(lower) for entry in owners[match[1]]}
    possible.update(entry for entry in entries - owned if entry.can_match(text, lower))
    return Possible(entries & possible, {})


@cache
def _literals() -> tuple[re.Pattern[str], dict[str, list[Entry]], frozenset[Entry]]:
    """The literals of all entries that can be told by them, in one pattern; whose each is, and of whatever it begins with."""
    owned = frozenset(entry for entry in _ASKED[-1].entries if entry.is_told_by_literals)
    words = {word for entry in owned for word in entry.literals or ()}
    owners = {word: [entry for entry in owned if word.startswith(tuple(entry.literals or ()))] for word in words}
    return re.compile(f"(?=({any_of(words)}))"), owners, owned


def hyperscan_gate() -> Gate:
    """Raises ImportError where hyperscan is not installed, or does not know the processor."""
    from sharelm.anonymise.scan import Scanner

    return Scanner(_ASKED[-1].entries, few=_ASKED[0].entries)


_GATE = _BestGate()
