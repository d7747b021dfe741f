"""What a release's card may say of groups of people: a model, a language, a platform has a name there only from ten contributors on. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from sharelm.release.redactions import Redactions

FEWEST_SHOWN = 10  # contributors; fewer might point at one person
REST = "unknown or other"

Kind = tuple[int, str | None, str | None, str | None, str]
"""Contributor, model, language, platform, version of the terms: as some conversation has them together."""


@dataclass(frozen=True, slots=True)
class Told:
    """Beside the counts of rows: who is named with a band, what was left out and replaced, how many were withdrawn and
    rejected since the last release, and how many of what is in it a person has looked at."""

    left_out: Mapping[str, int] = field(default_factory=dict)
    redactions: Redactions = field(default_factory=Redactions)
    named: tuple[tuple[str, str], ...] = ()
    withdrawn: int = 0
    rejected: int = 0
    looked_at: int = 0
    models: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    consents: tuple[str, ...] = ()


def shown_kinds(kinds: Iterable[Kind], *, fewest: int = FEWEST_SHOWN) -> dict[str, frozenset[str]]:
    """The models, languages and platforms of at least `fewest` contributors each."""
    people: dict[str, defaultdict[Hashable, set[int]]] = {name: defaultdict(set) for name in ("models", "languages", "platforms")}
    for contributor, *values, _ in kinds:
        for found, value in zip(people.values(), values, strict=True):
            if value:
                found[value].add(contributor)
    return {name: frozenset(str(value) for value, givers in found.items() if len(givers) >= fewest) for name, found in people.items()}


def consent_versions(kinds: Iterable[Kind]) -> tuple[str, ...]:
    return tuple(sorted({version for *_, version in kinds}))
