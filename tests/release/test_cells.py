"""What is said of people: nothing that fewer than ten share, and nothing that two releases together would tell."""

from __future__ import annotations

import pytest

from sharelm.release.cells import NOBODY, RUNGS, Person, dumped, find_small_cells, is_publishable, plan_cells, remembered
from sharelm.release.regions import COUNTRIES, REGION_OF

WOMAN = {"age_band": "25-34", "country": "IT", "gender": "female"}
FINE, REGIONAL, WIDE = ("25-34", "IT", "female"), ("25-34", "Europe", "female"), ("18-34", "Europe", "female")


def people(*numbers, shown=None, **told):
    return [Person(number, **(dict.fromkeys(("age_band", "country", "gender")) | told), shown=shown) for number in numbers]


def after(given, cells):
    """The same people once that release is final."""
    kept = remembered(given, cells)
    return [Person(one.number, one.age_band, one.country, one.gender, kept[one.number]) for one in given]


@pytest.mark.parametrize(("count", "shown"), [(9, {}), (10, dict.fromkeys(range(10), FINE)), (11, dict.fromkeys(range(11), FINE))])
def test_a_cell_is_shown_from_ten_people_up(count, shown):
    assert plan_cells(people(*range(count), **WOMAN)) == shown


@pytest.mark.parametrize(
    ("others", "shown"),
    [
        ({"age_band": "25-34", "country": "FR", "gender": "female"}, REGIONAL),
        ({"age_band": "18-24", "country": "FR", "gender": "female"}, WIDE),
        ({"age_band": "18-24", "country": "JP", "gender": "female"}, ("18-34", None, "female")),
        ({"age_band": "65+", "country": "JP", "gender": "female"}, (None, None, "female")),
        ({"age_band": "65+", "country": "JP", "gender": "male"}, None),
    ],
)
def test_smaller_groups_are_joined_rung_by_rung(others, shown):
    found = plan_cells(people(*range(5), **WOMAN) + people(*range(5, 10), **others))
    assert found == ({} if shown is None else dict.fromkeys(range(10), shown))


def test_what_people_put_in_their_own_words_is_never_shown():
    assert plan_cells(people(*range(20), gender="a gender in own words")) == {}
    assert plan_cells(people(*range(20), country="XX")) == {}
    assert plan_cells(people(*range(20))) == {}


def test_who_comes_later_waits_until_ten_can_come_at_once():
    first = people(*range(10), **WOMAN)
    kept = after(first, plan_cells(first))
    nine, ten = people(*range(10, 19), **WOMAN), people(*range(10, 20), **WOMAN)
    assert plan_cells(kept + nine) == dict.fromkeys(range(10), FINE)
    assert plan_cells(kept + ten) == dict.fromkeys(range(20), FINE)


def test_a_cell_that_falls_below_ten_is_blanked_whole():
    first = people(*range(10), **WOMAN)
    kept = after(first, plan_cells(first))
    assert plan_cells(kept[1:]) == {}


def test_who_was_shown_is_blank_in_the_release_in_which_that_changes():
    first = people(*range(12), **WOMAN)
    kept = after(first, plan_cells(first))
    moved = [Person(0, "25-34", "FR", "female", kept[0].shown), *kept[1:]]
    french = people(*range(50, 59), age_band="25-34", country="FR", gender="female")
    assert plan_cells(moved + french) == dict.fromkeys(range(1, 12), FINE)
    then = after(moved + french, plan_cells(moved + french))
    assert plan_cells(then)[0] == ("25-34", "FR", "female")


def test_erased_answers_leave_the_cell():
    first = people(*range(12), **WOMAN)
    kept = after(first, plan_cells(first))
    erased = [Person(0, None, None, None, "waits"), *kept[1:]]
    assert plan_cells(erased) == dict.fromkeys(range(1, 12), FINE)


def test_no_group_of_less_than_ten_ever_changes_together():
    """Between any two releases, everybody who comes into a cell has nine others who come in with them."""
    import random

    chance = random.Random(7)
    kept: list[Person] = []
    before: dict[int, tuple] = {}
    for release in range(30):
        new = [
            Person(100 * release + n, chance.choice(["18-24", "25-34", None]), chance.choice(["IT", "FR"]), chance.choice(["female", "male"]), None)
            for n in range(chance.randint(0, 40))
        ]
        kept = [one for one in kept if chance.random() > 0.05] + new
        cells = plan_cells(kept)
        sizes, entering = {}, {}
        for number, cell in cells.items():
            sizes[cell] = sizes.get(cell, 0) + 1
            if before.get(number) != cell:
                entering[cell] = entering.get(cell, 0) + 1
                assert number not in before, "nobody moves from one cell into another"
        assert min([10, *sizes.values(), *entering.values()]) == 10
        kept, before = after(kept, cells), cells


def test_every_country_has_one_region():
    listed = [code for codes in COUNTRIES.values() for code in codes.split()]
    assert len(listed) == len(set(listed)) == len(REGION_OF) == 249


def test_every_country_that_can_be_told_has_a_region():
    from sharelm.ingest.demographics import country_names

    assert {code for code, _ in country_names()} - set(REGION_OF) <= {"AC", "AQ", "BV", "CP", "CQ", "DG", "EA", "HM", "IC", "QO", "TA"}


@pytest.mark.parametrize("cell", [FINE, REGIONAL, WIDE, (None, None, "non-binary"), ("55+", "Oceania", None), NOBODY])
def test_bands_countries_regions_and_three_genders_may_be_published(cell):
    assert is_publishable(cell)


@pytest.mark.parametrize("cell", [("33", None, None), (None, "Rome", None), (None, None, "own words"), (None, "Italy", None)])
def test_nothing_else_may(cell):
    assert not is_publishable(cell)


def test_small_cells_are_found():
    assert find_small_cells({FINE: set(range(9)), WIDE: set(range(10)), NOBODY: {1}}) == 1


def test_what_is_remembered_fits_its_column():
    from sharelm.store.contributor import contributor

    longest = max((dumped(rung(person)) for rung in RUNGS for person in people(1, age_band="25-34", country="US", gender="non-binary")), key=len)
    assert len(longest) <= contributor.c.shown_cell.type.length
