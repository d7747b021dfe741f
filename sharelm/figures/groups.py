"""Groups of contributions, counted in one pass, and what of them may be said. Pure.

Whoever reads every public figure must not be able to find out how much a group of fewer than ten contributors gave:
such groups are joined as `other`, which is itself left out below ten, and every count is rounded, so that no difference of two is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

MIN_CONTRIBUTORS = 10
PEOPLE_GRAIN = 5
COUNT_GRAIN = 10


class Count(Protocol):
    """What one contributor gave, as far as it falls into the same groups."""

    contributor_id: int
    conversations: int
    up: int
    down: int


@dataclass(slots=True)
class Group:
    """How much, from how many people. `few` says who they are, while that must be known to join small groups."""

    conversations: int = 0
    up: int = 0
    down: int = 0
    people: int = 0
    few: set[int] = field(default_factory=set)
    _last: int | None = None

    def add(self, count: Count) -> None:
        """Counts of one contributor must come one after the other: so nobody is counted twice, and nobody need be remembered."""
        self.conversations += count.conversations
        self.up += count.up
        self.down += count.down
        if count.contributor_id != self._last:
            self._last = count.contributor_id
            self.people += 1
            if self.people <= MIN_CONTRIBUTORS:
                self.few.add(count.contributor_id)

    @property
    def is_public(self) -> bool:
        return self.people >= MIN_CONTRIBUTORS


def join(groups: Iterable[Group]) -> Group:
    """Small groups as one, with each person counted once. They must have fewer than ten contributors each."""
    given = list(groups)
    people = set().union(*(group.few for group in given))
    sums = (sum(group.conversations for group in given), sum(group.up for group in given), sum(group.down for group in given))
    return Group(*sums, people=len(people), few=people)


def split(groups: Mapping[str | None, Group]) -> tuple[list[tuple[str | None, Group]], Group | None]:
    """The groups that may be shown, the largest first, and the others as one, if that may be."""
    shown = [(name, group) for name, group in groups.items() if group.is_public]
    shown.sort(key=lambda item: (-item[1].people, -item[1].conversations, item[0] or ""))
    other = join(group for group in groups.values() if not group.is_public)
    return shown, other if other.is_public else None


def people(count: int) -> int:
    """A number of contributors as it is published."""
    return _rounded(count, PEOPLE_GRAIN)


def amount(count: int) -> int:
    """A number of conversations or thumbs as it is published."""
    return _rounded(count, COUNT_GRAIN)


def _rounded(count: int, grain: int) -> int:
    return (2 * count + grain) // (2 * grain) * grain
