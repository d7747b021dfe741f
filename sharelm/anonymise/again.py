"""The second look at a message: only beside what was replaced in it can more have come to light."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sharelm.anonymise.detectors import DETECTORS, person, phone_number
from sharelm.anonymise.detectors.person_lower import with_capitals
from sharelm.anonymise.rules import Region
from sharelm.anonymise.spans import Found, found_in, touches

REACH = 200
"""Characters before and after a replaced place in which a second look can find what the first did not."""
AROUND = 320
"""Characters that are read for that: most reasons are no further away than the difference. Those that are, all of the text is asked for."""
LONGEST_WORD = 2_000
"""So far from there a word or a link is followed to its end."""
_PHONE_RANK = next(rank for rank, detector in enumerate(DETECTORS) if detector.find is phone_number.find)
_IN_A_PART = tuple(
    replace(detector, find=person.find_as_written) if detector.find is person.find else detector
    for rank, detector in enumerate(DETECTORS)
    if rank != _PHONE_RANK
)


def found_beside(masked: str, code: Sequence[Region], replaced: Sequence[Region]) -> Found:
    """What `found_in` finds in a text that was looked at before these places were replaced in it. Sorted places, one at least.

    Mostly nothing; where a part shows something, all of the text says whether it is what it looks like: the beginning of a long line of a
    program, or a full name that everybody knows, can be far away. Phone numbers are looked for in all of it: the head of a column and
    the language of the message make them.
    """
    # Small letters can be names anywhere in it.
    if with_capitals(masked) != masked or _shows_anything(masked, code, replaced):
        return found_in(masked, code)
    return [(_PHONE_RANK, span) for span in phone_number.find(masked) if not touches(span, code)]


def _shows_anything(masked: str, code: Sequence[Region], replaced: Sequence[Region]) -> bool:
    for start, end in _around(masked, replaced):
        for _, span in found_in(masked[start:end], list(_within(code, start, end)), _IN_A_PART):
            if _is_beside(span.start + start, span.end + start, replaced):
                return True
    return False


def _around(text: str, replaced: Sequence[Region]) -> Iterator[Region]:
    """What stands around the places, each from word to word, joined where they touch."""
    start = end = 0
    for first, last in replaced:
        begins = _word_begins(text, max(0, first - AROUND))
        if end and begins > end:
            yield start, end
            end = 0
        start = start if end else begins
        end = _word_ends(text, min(len(text), last + AROUND))
    yield start, end


def _word_begins(text: str, at: int) -> int:
    first = max(0, at - LONGEST_WORD)
    return max(text.rfind(" ", first, at), text.rfind("\n", first, at), first - 1) + 1


def _word_ends(text: str, at: int) -> int:
    last = min(len(text), at + LONGEST_WORD)
    return min(place if place >= 0 else last for place in (text.find(" ", at, last), text.find("\n", at, last)))


def _within(regions: Sequence[Region], start: int, end: int) -> Iterator[Region]:
    for first, last in regions:
        if first < end and start < last:
            yield max(first, start) - start, min(last, end) - start


def _is_beside(start: int, end: int, replaced: Sequence[Region]) -> bool:
    at = bisect_right(replaced, (start,))
    return any(first - REACH <= end and start <= last + REACH for first, last in replaced[max(0, at - 1) : at + 1])
