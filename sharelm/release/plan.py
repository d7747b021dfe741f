"""What the next release holds and what it leaves out, and why. Pure: counts in, plan out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sharelm.errors import ReleaseRefused
from sharelm.release.cells import Cell, Person, plan_cells
from sharelm.vocabulary import Stage

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")


@dataclass(frozen=True, slots=True)
class Remainder:
    """Conversations that are not withdrawn and are no candidates, grouped by what they have in common."""

    stage: Stage
    is_quarantined: bool
    is_in_hold: bool
    flags: str
    count: int


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """`left_out` counts conversations by reason; the reasons become the release card. `cells` is what is shown of contributors, by their numbers."""

    version: str
    row_count: int
    contributor_count: int
    left_out: Mapping[str, int]
    cells: Mapping[int, Cell] = field(default_factory=dict)


def plan_release(version: str, candidates: tuple[int, int], remainders: Iterable[Remainder], people: Iterable[Person] = ()) -> ReleasePlan:
    """`candidates` are (conversations, contributors) that go in, `people` those of them who told something of themselves.

    Raises ReleaseRefused for a version that is no file name, or that reads as a delta.
    """
    if not VERSION.fullmatch(version) or ".." in version:
        raise ReleaseRefused("A version has 1 to 64 of A–Z a–z 0–9 . _ - and begins with a letter or digit; two dots in a row mean a delta.")
    left_out: Counter[str] = Counter()
    for remainder in remainders:
        left_out[_reason(remainder)] += remainder.count
    return ReleasePlan(version, *candidates, dict(sorted(left_out.items())), plan_cells(people))


def next_version(taken: Iterable[str], now: datetime) -> str:
    """`2026.11.0`, and then the number after the highest that was taken in this month."""
    month = f"{now.year}.{now.month:02d}."
    numbers = (version.removeprefix(month) for version in taken if version.startswith(month))
    return f"{month}{max((int(number) + 1 for number in numbers if number.isascii() and number.isdigit()), default=0)}"


def _reason(remainder: Remainder) -> str:
    if remainder.is_quarantined:
        return "quarantined"
    if remainder.stage is Stage.RECEIVED:
        return "not yet anonymised"
    if remainder.stage is Stage.REJECTED:
        return "rejected"
    if remainder.flags:
        return remainder.flags.split()[0]
    if remainder.stage is Stage.ANONYMISED:
        return "not yet approved"
    return "in hold" if remainder.is_in_hold else "approved later"
