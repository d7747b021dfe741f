"""When something happens again and again, as the five fields of crontab(5): minute, hour, day, month, day of the week."""

from __future__ import annotations

import re
from collections.abc import Iterator

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("day_of_week", 0, 7))
WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # 7 is sunday too
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", re.ASCII)


def parse_crontab(text: str) -> dict[str, str]:
    """The fields by their names, for an APScheduler cron trigger: days of the week as words, since it counts them from another day.

    Where a day and a day of the week are given, both must hold. Raises ValueError.
    """
    words = text.split()
    if len(words) != len(FIELDS):
        raise ValueError("five fields")
    return {name: _field(word, name, low, high) for word, (name, low, high) in zip(words, FIELDS, strict=True)}


def _field(word: str, name: str, low: int, high: int) -> str:
    if word == "*":
        return word
    wanted = sorted({number for part in word.split(",") for number in _numbers(part, low, high)})
    if name == "day_of_week":
        return ",".join(dict.fromkeys(WEEK[number % 7] for number in wanted))
    return ",".join(map(str, wanted))


def _numbers(part: str, low: int, high: int) -> Iterator[int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError("numbers, ranges as 1-5, steps as */2, or *")
    first = low if match[1] is None else int(match[1])
    last = high if match[1] is None or (match[3] and match[2] is None) else int(match[2] or first)
    step = int(match[3] or 1)
    if not low <= first <= last <= high or not 1 <= step <= high:
        raise ValueError(f"numbers from {low} to {high}")
    yield from range(first, last + 1, step)
