"""What releases say of people: age band, place and gender, coarse enough that at least K contributors share it. Pure.

A cell is what is shown of a person, and all who share it are in it. Three rules keep the difference of two releases from showing anybody:
people come into a cell K at a time or not at all; a cell that falls below K is blanked whole; and who was shown otherwise before is blank in
the release in which that changes.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sharelm.release.regions import REGION_OF
from sharelm.vocabulary import GENDERS

Cell = tuple[str | None, str | None, str | None]
"""What is shown of a person: age band, place, gender."""
NOBODY: Cell = (None, None, None)
K = 10
WIDE_BANDS = {"18-24": "18-34", "25-34": "18-34", "35-44": "35-54", "45-54": "35-54", "55-64": "55+", "65+": "55+"}


@dataclass(frozen=True, slots=True)
class Person:
    """What one contributor told, and how the last release showed it: as `dumped`, or another word where the answers changed since; None where it
    showed nothing."""

    number: int
    age_band: str | None
    country: str | None
    gender: str | None
    shown: str | None


def plan_cells(people: Iterable[Person], *, k: int = K) -> dict[int, Cell]:
    """What a release shows of the contributors in it, by their numbers; nothing of those who are not named. Ungrouped ones count like all."""
    people = list(people)
    staying = {person.number: cell for person in people if (cell := as_before(person)) is not None}
    sizes = Counter(staying.values())
    kept = {number: cell for number, cell in staying.items() if sizes[cell] >= k}
    # Whoever leaves a cell now, with all others or alone, does not come into another one at the same time.
    return kept | _newcomers([person for person in people if person.shown is None], k)


def dumped(cell: Cell) -> str:
    return json.dumps(cell, separators=(",", ":"))


def remembered(people: Iterable[Person], cells: Mapping[int, Cell]) -> dict[int, str | None]:
    """What is to be kept of how each person was shown, once the release is final."""
    return {person.number: dumped(cells[person.number]) if person.number in cells else None for person in people}


def find_small_cells(members: Mapping[Cell, set[int]], *, k: int = K) -> int:
    """How many cells are shown with fewer than `k` people in them."""
    return sum(cell != NOBODY and len(numbers) < k for cell, numbers in members.items())


def is_publishable(cell: Cell) -> bool:
    """Whether nothing stands in it but bands, countries, regions and genders of our own lists."""
    age, place, gender = cell
    ages = {None, *WIDE_BANDS, *WIDE_BANDS.values()}
    return age in ages and (place is None or place in REGION_OF or place in REGION_OF.values()) and (gender is None or gender in GENDERS)


def as_before(person: Person) -> Cell | None:
    """The cell that the last release showed, if it still says the truth."""
    return next((cell for cell in _ladder(person) if dumped(cell) == person.shown), None)


def _newcomers(waiting: list[Person], k: int) -> dict[int, Cell]:
    """From the finest rung down, everybody who comes into a cell together with at least k - 1 others."""
    shown: dict[int, Cell] = {}
    for rung in RUNGS:
        together: defaultdict[Cell, list[int]] = defaultdict(list)
        for person in waiting:
            if person.number not in shown and (cell := rung(person)) != NOBODY:
                together[cell].append(person.number)
        shown |= {number: cell for cell, numbers in together.items() if len(numbers) >= k for number in numbers}
    return shown


def _ladder(person: Person) -> Iterator[Cell]:
    return (cell for rung in RUNGS if (cell := rung(person)) != NOBODY)


def _band(person: Person) -> str | None:
    return person.age_band if person.age_band in WIDE_BANDS else None


def _wide_band(person: Person) -> str | None:
    return WIDE_BANDS.get(person.age_band or "")


def _country(person: Person) -> str | None:
    return person.country if person.country in REGION_OF else None


def _region(person: Person) -> str | None:
    return REGION_OF.get(person.country or "")


def _gender(person: Person) -> str | None:
    return person.gender if person.gender in GENDERS else None


# The place becomes coarser before the age, and each is blank before the gender is.
RUNGS: tuple[Callable[[Person], Cell], ...] = (
    lambda person: (_band(person), _country(person), _gender(person)),
    lambda person: (_band(person), _region(person), _gender(person)),
    lambda person: (_wide_band(person), _region(person), _gender(person)),
    lambda person: (_wide_band(person), None, _gender(person)),
    lambda person: (None, None, _gender(person)),
)
