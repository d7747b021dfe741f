"""Scores places that an anonymiser found against labelled rows: what leaks, how precise it is, how much clean text it changes.

A labelled place counts as caught when at least 90 % of its letters and digits are covered, whatever they were taken for.
Labels that begin with `x_`, and LOCATION, are neither to be found nor wrong to be found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PERSONAL = frozenset(["PERSON", "EMAIL", "PHONE", "ADDRESS", "IP", "MAC", "CREDIT_CARD", "IBAN", "URL", "SSN", "ID", "SECRET"])
ALNUM = re.compile(r"\w")
ENOUGH = 0.9

Place = tuple[int, int, str]
Row = dict[str, Any]


@dataclass
class Score:
    """Counts of one file; `recall` by label, shares as fractions, None where there was nothing to count."""

    gold: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    predicted: int = 0  # characters
    right: int = 0

    @property
    def leak(self) -> float | None:
        total = sum(self.gold[label] for label in PERSONAL)
        return 1 - sum(self.caught[label] for label in PERSONAL) / total if total else None

    @property
    def precision(self) -> float | None:
        return self.right / self.predicted if self.predicted else None

    @property
    def recall(self) -> dict[str, float]:
        return {label: self.caught[label] / count for label, count in sorted(self.gold.items()) if label in PERSONAL}

    def __iadd__(self, other: Score) -> Score:
        self.gold += other.gold
        self.caught += other.caught
        self.predicted += other.predicted
        self.right += other.right
        return self


def score(row: Row, places: Sequence[Place]) -> Score:
    text, result = row["text"], Score()
    covered, personal, labelled = (bytearray(len(text)) for _ in range(3))
    for start, end, _ in places:
        covered[start:end] = b"\1" * (min(end, len(text)) - start)
    for span in row["spans"]:
        start, end, label = span["start"], span["end"], span["label"]
        marks = [i for i in range(start, end) if ALNUM.match(text[i])]
        if marks:
            result.gold[label] += 1
            result.caught[label] += sum(covered[i] for i in marks) >= ENOUGH * len(marks)
        labelled[start:end] = b"\1" * (end - start)
        if label in PERSONAL:
            personal[start:end] = b"\1" * (end - start)
    found = [i for i, is_covered in enumerate(covered) if is_covered and ALNUM.match(text[i])]
    result.right = sum(personal[i] for i in found)
    result.predicted = sum(personal[i] or not labelled[i] for i in found)
    return result


def changed_lines(text: str, places: Sequence[Place]) -> tuple[int, int]:
    """How many of how many lines that are not empty would be changed."""
    lines = changed = position = 0
    for line in text.split("\n"):
        if line.strip():
            lines += 1
            changed += any(start < position + len(line) and end > position for start, end, _ in places)
        position += len(line) + 1
    return changed, lines
