"""What the next release holds and what it leaves out, and why. Pure: counts in, plan out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sharelm.errors import ReleaseRefused
from sharelm.vocabulary import Stage

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")
ROWS_PER_SHARD = 150_000


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
    """`left_out` counts conversations by reason; the reasons become the release card."""

    version: str
    row_count: int
    contributor_count: int
    left_out: Mapping[str, int]

    @property
    def shard_count(self) -> int:
        return max(1, -(-self.row_count // ROWS_PER_SHARD))


def plan_release(version: str, candidates: tuple[int, int], remainders: Iterable[Remainder]) -> ReleasePlan:
    """`candidates` are (conversations, contributors) that go in. Raises ReleaseRefused for a version that is no file name."""
    if not VERSION.fullmatch(version):
        raise ReleaseRefused("A version has 1 to 64 of A–Z a–z 0–9 . _ - and begins with a letter or digit.")
    left_out: Counter[str] = Counter()
    for remainder in remainders:
        left_out[_reason(remainder)] += remainder.count
    return ReleasePlan(version, *candidates, dict(sorted(left_out.items())))


def next_version(taken: Iterable[str], now: datetime) -> str:
    """`2026.11.0`, and the next free number of the month after it."""
    used = set(taken)
    month = f"{now.year}.{now.month:02d}"
    return next(version for n in range(len(used) + 1) if (version := f"{month}.{n}") not in used)


def _reason(remainder: Remainder) -> str:
    if remainder.is_quarantined:
        return "quarantined"
    if remainder.stage is Stage.RECEIVED:
        return "not yet anonymised"
    if remainder.stage is Stage.REJECTED:
        return "rejected"
    if remainder.flags:
        return remainder.flags.split()[0]
    return "not yet approved" if remainder.stage is Stage.ANONYMISED else "in hold"
