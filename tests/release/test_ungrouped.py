"""Who does not want to be grouped has no pseudonym in a release, and nobody can count how many such people there are."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from sharelm.jobs import clock, workshop
from sharelm.release.build import build_release
from tests.released import rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")


@pytest.fixture
def build(app):
    """The folder of a release of everything that is approved."""
    return lambda: app.server.releases_folder / build_release(workshop(app.server), None, now=clock() + timedelta(seconds=1)).version


def pseudonyms(folder):
    return [row["user_id"] for row in rows_in(folder)]


@pytest.fixture
def given(upload, run_job, alice, bob):
    for number in range(3):
        upload(alice, f"a-{number}")
    upload(bob)
    run_job("anonymise")


def choose(visitor, words):
    assert visitor.post("/your-data/grouping", is_ungrouped=words).location == "/your-data#grouping"


def test_a_release_groups_by_default(build, given):
    names = pseudonyms(build())
    assert sorted(names.count(name) for name in set(names)) == [1, 3]


def test_all_rows_of_who_switched_it_on_stand_alone(build, given, inside, alice):
    before = set(pseudonyms(build()))
    choose(inside(alice), "yes")
    folder = build()
    names = pseudonyms(folder)
    assert names.count(None) == 3
    assert len(before & set(names)) == 1
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["contributors"], manifest["ungrouped"], manifest["rows"]) == (1, 3, 4)
    assert "1 contributor, not counting those of 3 conversations" in (folder / "README.md").read_text()


def test_it_can_be_switched_off_again(build, given, inside, alice):
    visitor = inside(alice)
    before = set(pseudonyms(build()))
    choose(visitor, "yes")
    assert 'aria-checked="true"' in visitor.get("/your-data").text
    choose(visitor, "no")
    assert 'aria-checked="false"' in visitor.get("/your-data").text
    assert set(pseudonyms(build())) == before


def test_a_release_of_nobody_but_them_can_be_built(build, given, inside, alice, bob):
    for user_id in (alice, bob):
        choose(inside(user_id), "yes")
    assert pseudonyms(build()) == [None] * 4


def test_the_row_on_the_page_has_no_pseudonym_either(given, inside, alice):
    visitor = inside(alice)
    address = re.search(r"/conversations/[0-9a-f]{32}", visitor.get("/conversations").text)[0]
    assert json.loads(visitor.get(f"{address}/row.json").data)["user_id"] is not None
    choose(visitor, "yes")
    assert json.loads(visitor.get(f"{address}/row.json").data)["user_id"] is None
