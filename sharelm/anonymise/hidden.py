"""Places that a contributor hid by hand, on their way through the anonymiser: found in the text as given, replaced when all else is replaced.

The other way round, `[HIDDEN_1]` inside of a link or beside `password is` would keep the detectors from seeing what stands around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Hit = tuple[int, int, int]
"""(start, end, number of its label). Number 0: what is left of a hit beside a placeholder that stands for it already."""
FindHidden = Callable[[str], Sequence[Hit]]
"""Sorted by where they start."""


def without_overlap(hits: Iterable[Hit]) -> list[Hit]:
    """One sign can be the end of a hit and the start of the next one: it belongs to the first."""
    free_from, kept = 0, list[Hit]()
    for start, end, number in hits:
        kept.append((max(start, free_from), max(end, free_from), number))
        free_from = kept[-1][1]
    return kept


def carried(hits: Iterable[Hit], places: Sequence[tuple[int, int, str]]) -> list[Hit]:
    """Where the hits are once these places are replaced; both are sorted and without overlap.

    A hit inside of a place is gone with it; of one that reaches into a place the rest is left, without a label of its own;
    a placeholder inside of a hit becomes part of it.
    """
    moved = []
    for start, end, number in hits:
        hit = _carry(start, end, number, places)
        if hit is not None:
            moved.append(hit)
    return moved


def _carry(start: int, end: int, number: int, places: Sequence[tuple[int, int, str]]) -> Hit | None:
    to_start = to_end = 0  # by how much what stands there moves
    for place_start, place_end, placeholder in places:
        if place_start >= end:
            break
        grows = len(placeholder) - (place_end - place_start)
        if place_end <= start:
            to_start, to_end = to_start + grows, to_end + grows
        elif start <= place_start and place_end <= end:
            to_end += grows
        elif place_start <= start and end <= place_end:
            return None
        elif place_start < start:
            start, number = place_end, 0
            to_start, to_end = to_start + grows, to_end + grows
        else:
            end, number = place_start, 0
            break
    return start + to_start, end + to_end, number
