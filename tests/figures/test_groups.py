"""What may be said about groups: both sides of ten contributors, and what differences of published numbers give away."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sharelm.figures.groups import MIN_CONTRIBUTORS, Group, amount, join, people, split


@dataclass(frozen=True)
class Given:
    contributor_id: int
    conversations: int = 1
    up: int = 0
    down: int = 0


def group(first: int, how_many: int, *, conversations: int = 1) -> Group:
    made = Group()
    for contributor_id in range(first, first + how_many):
        made.add(Given(contributor_id, conversations))
    return made


@pytest.mark.parametrize(("how_many", "is_public"), [(0, False), (9, False), (10, True), (11, True)])
def test_ten_contributors_make_a_group_public(how_many: int, is_public: bool) -> None:
    assert MIN_CONTRIBUTORS == 10
    assert group(1, how_many).is_public is is_public
    shown, other = split({"a": group(1, how_many)})
    assert bool(shown) is is_public
    assert other is None


def test_one_busy_contributor_is_no_group() -> None:
    busy = Group()
    for _ in range(50):
        busy.add(Given(7, conversations=100))
    assert (busy.people, busy.conversations) == (1, 5_000)
    assert not busy.is_public


@pytest.mark.parametrize(("second_begins", "is_shown"), [(6, False), (7, True)])
def test_small_groups_are_shown_together_from_ten_different_people_on(second_begins: int, is_shown: bool) -> None:
    """People 1 to 9, and four more of whom some are the same."""
    shown, other = split({"a": group(1, 9), "b": group(second_begins, 4, conversations=2)})
    assert not shown
    assert (other is not None) is is_shown
    if other:
        assert (other.people, other.conversations) == (10, 17)


def test_a_large_group_does_not_lift_a_small_one() -> None:
    shown, other = split({"large": group(1, 40), "small": group(41, 9)})
    assert [name for name, _ in shown] == ["large"]
    assert other is None


def test_joining_counts_everybody_once() -> None:
    assert join([group(1, 9), group(5, 9), group(1, 3)]).people == 13
    assert join([]).people == 0


@pytest.mark.parametrize(("count", "published"), [(0, 0), (2, 0), (3, 5), (10, 10), (12, 10), (13, 15), (1_000_002, 1_000_000)])
def test_people_are_rounded_to_five(count: int, published: int) -> None:
    assert people(count) == published


@pytest.mark.parametrize(("count", "published"), [(0, 0), (4, 0), (5, 10), (14, 10), (15, 20), (1_234_567, 1_234_570)])
def test_amounts_are_rounded_to_ten(count: int, published: int) -> None:
    assert amount(count) == published


def test_no_difference_of_published_numbers_is_the_hidden_group() -> None:
    """A total less the groups that are shown: the same answer for hidden groups of different sizes."""
    differences = set()
    for hidden in range(1, 10):
        everything, shown = amount(103 + hidden), amount(103)
        differences.add(everything - shown)
    assert differences == {0, 10}
