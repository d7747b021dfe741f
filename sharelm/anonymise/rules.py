"""The rules that the extension follows too: patterns from `extension/redaction.json`, and the named checks that a detector brings to them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from sharelm.anonymise.alternatives import alternatives
from sharelm.anonymise.entry import Entry
from sharelm.config import CHECKOUT
from sharelm.vocabulary import PiiSpan

FILE = CHECKOUT / "extension/redaction.json"

_CLASS = re.compile(r"\[:(\w+):\]")
_RULES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))

Region = tuple[int, int]
Check = Callable[[str, re.Match[str]], Region | None]
"""(text, match) → the place that is to be replaced, or None where it only looks like one."""


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern of the file; with ASCII, Python means the same by it as JavaScript does."""
    return re.compile(_with_classes(pattern), re.ASCII | flags)


def _with_classes(pattern: str) -> str:
    return _CLASS.sub(lambda match: _RULES["classes"][match[1]], pattern)


TEXT: Mapping[str, re.Pattern[str]] = {name: compiled(pattern) for name, pattern in _RULES["text"].items()}


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern. It is tried only where the text holds one of `needs` that often, and something that the gate matches."""

    entry: Entry
    check: str
    needs: tuple[tuple[str, int], ...]
    gate: tuple[Entry, ...]

    def matches(self, text: str, places: Iterable[int] | None) -> Iterator[re.Match[str]]:
        if not self.entry.is_possible(text) or (self.needs and not any(text.count(sign) >= often for sign, often in self.needs)):
            return
        if self.gate and not self._is_open(text):
            return
        yield from self.entry.finditer(text) if places is None else self.entry.find_at(text, places)

    def _is_open(self, text: str) -> bool:
        lower = text.lower()
        return any(entry.can_match(text, lower) and entry.pattern.search(text) for entry in self.gate)


class Kind:
    """What the file says of one kind of personal data."""

    def __init__(self, entity_type: str, *, hints: Sequence[str] = (), needs: Mapping[str, Entry] | None = None) -> None:
        """`hints` are those of the rules, in their order; `needs` what they need, by what checks them."""
        self.facts: Mapping[str, Any] = next(kind for kind in _RULES["kinds"] if kind["type"] == entity_type)
        self.entity_type = entity_type
        # Words are looked for in any case: Python has a flag for it, JavaScript is given the text in lower case.
        self.words = {name: compiled(pattern, re.IGNORECASE) for name, pattern in self.facts["words"].items() if "%d" not in pattern}
        needs = needs or {}
        self._rules = [
            self._rule(rule, hint=hint, needs=needs.get(rule["check"]))
            for rule, hint in zip(self.facts["rules"], chain(hints, repeat("")), strict=False)
        ]
        self.entries = tuple(rule.entry for rule in self._rules)

    def find(self, text: str, checks: Mapping[str, Check], places: Mapping[str, Iterable[int]] | None = None) -> Iterator[PiiSpan]:
        """`places` are those, in order, where the rule with a check can match at all, if anything is known about that."""
        for rule in self._rules:
            check = checks[rule.check]
            for match in rule.matches(text, (places or {}).get(rule.check)):
                region = check(text, match)
                if region is not None:
                    yield PiiSpan(*region, self.entity_type)

    def _rule(self, rule: Mapping[str, Any], *, hint: str, needs: Entry | None) -> Rule:
        gate = alternatives(self.facts["words"][rule["gate"]]) if "gate" in rule else []
        flags = re.IGNORECASE if rule.get("ignore_case") else 0
        return Rule(
            Entry(_with_classes(rule["pattern"]), re.ASCII | flags, hint=hint, needs=needs),
            rule["check"],
            tuple(rule.get("needs", {}).items()),
            # Words are looked for in any case, each by itself: that is faster.
            tuple(Entry(_with_classes(pattern), re.ASCII | re.IGNORECASE) for pattern in gate),
        )
