"""What is kept in memory for a minute, and no more than a few."""

from __future__ import annotations

from sharelm.web.recent import KEPT_SECONDS, MOST_KEPT, Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_keeps_what_it_was_given_for_a_minute():
    clock = Clock()
    recent = Recent(clock=clock)
    assert recent.get("a") is None
    assert recent.put("a", 1) == 1
    clock.now = KEPT_SECONDS
    assert recent.get("a") == 1
    clock.now += 0.1
    assert recent.get("a") is None


def test_it_forgets_the_oldest_when_there_are_many():
    recent = Recent(clock=Clock())
    for number in range(MOST_KEPT + 1):
        recent.put(number, number)
    assert recent.get(0) is None
    assert recent.get(1) == 1
