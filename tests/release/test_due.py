"""When a release is due: whenever a row would have another form than in the last one, whatever the reason; and what its delta says then."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from sharelm.release.delta import apply_delta
from sharelm.release.verify import find_damage
from sharelm.store.contributor import contributor, update_own_demographics
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from tests.released import newest, rows_in
from tests.web.pages.test_correcting import hide
from tests.web.pages.test_rating import keys, rate

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")


@pytest.fixture
def first(upload, run_job, alice, bob):
    """A release of a conversation of Alice's and one of Bob's."""
    upload(alice, user=["See Blaue Tür"], bot=["Hello"])
    upload(bob, "c-2")
    run_job("anonymise")
    assert run_job("release").counts == {"released": 2}
    assert run_job("release").counts == {}


@pytest.fixture
def delta(app, run_job, tmp_path):
    """The counts of the delta of a release that is due, once it was seen to fit."""

    def build():
        old = newest(app.server.releases_folder)
        run_job("release")
        new = newest(app.server.releases_folder)
        assert new != old, "a release was due"
        folder = app.server.releases_folder / f"{old.name}..{new.name}"
        apply_delta(old, folder, tmp_path / new.name, code_version="0.1.0")
        for path in new.rglob("*"):
            assert path.is_dir() or path.read_bytes() == (tmp_path / new.name / path.relative_to(new)).read_bytes()
        assert find_damage(folder) == []
        manifest = json.loads((folder / "manifest.json").read_text())
        assert run_job("release").counts == {}
        return manifest["added"], manifest["changed"], manifest["removed"]

    return build


def test_growth(first, upload, run_job, delta, alice):
    upload(alice, user=["See Blaue Tür", "two"], bot=["Hello", "yes"])
    run_job("anonymise")
    assert delta() == (0, 1, 0)


def test_a_new_conversation(first, upload, run_job, delta, alice):
    upload(alice, "c-9", user=["What is salt?"], bot=["A mineral."])
    run_job("anonymise")
    assert delta() == (1, 0, 0)


def test_a_near_duplicate_names_the_group_of_the_one_that_was_there(first, upload, run_job, delta, alice):
    upload(alice, "c-9")
    run_job("anonymise")
    assert delta() == (1, 1, 0)


def test_what_a_reviewer_says_of_toxicity(first, delta, app):
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.client_id == "c-2").values(toxic=True))
    assert delta() == (0, 1, 0)


def test_a_rating_alone(first, inside, delta, app, alice):
    visitor = inside(alice)
    rate(visitor, "", "down")
    assert delta() == (0, 1, 0)
    versions = {row["release"] for row in rows_in(newest(app.server.releases_folder))}
    assert len(versions) == 2


def test_a_rating_of_an_answer(first, inside, delta, app, alice):
    visitor = inside(alice)
    rate(visitor, next(key for key in keys(visitor) if key), "up")
    assert delta() == (0, 1, 0)
    assert [row["label"] for row in rows_in(newest(app.server.releases_folder), "kto")] == [True]


def test_a_correction_by_hand(first, inside, delta, app, alice):
    hide(inside(alice))
    assert delta() == (0, 1, 0)
    assert "Blaue" not in str(rows_in(newest(app.server.releases_folder)))


def test_ungrouping(first, inside, delta, alice):
    inside(alice).post("/your-data/grouping", is_ungrouped="yes")
    assert delta() == (0, 1, 0)


def test_a_withdrawal(first, client, delta, app, alice):
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert delta() == (0, 0, 1)


def test_another_licence(first, delta, app):
    (app.server.config.instance / "licences.toml").write_text('[[model]]\npattern = "heron"\nlicence = "CC0-1.0"\n')
    assert delta() == (0, 2, 0)


def test_a_text_that_was_anonymised_again(first, delta, app):
    with write(app.server.engine) as connection:
        c = conversation.c
        values = {"messages": '[{"role":"user","content":"I am [PERSON_1]"},{"role":"assistant","content":"Hello"}]', "content_hash": "1" * 64}
        connection.execute(update(conversation).where(c.client_id == "c-1").values(**values))
    assert delta() == (0, 1, 0)


def test_people_of_whom_something_may_be_said(app, upload, run_job, delta):
    for number in range(10):
        person = {"age": "29", "gender": "female", "location": "Italy"}
        upload(f"Contributor-number-{number:03d}-with-a-long-id", f"c-{number}", user_metadata=person if number else {})
    run_job("anonymise")
    assert run_job("release").counts == {"released": 10}
    assert {row["user_metadata"]["location"] for row in rows_in(newest(app.server.releases_folder))} == {None}
    with write(app.server.engine) as connection:
        connection.execute(update(contributor).values(age_band="25-34", gender="female", country="IT"))
    assert delta() == (0, 10, 0)
    shown = [row["user_metadata"] for row in rows_in(newest(app.server.releases_folder))]
    assert shown == [{"location": "IT", "age": "25-34", "gender": "female"}] * 10


def test_one_of_ten_who_leaves_takes_the_cell_along(app, upload, client, run_job, delta):
    people = [f"Contributor-number-{number:03d}-with-a-long-id" for number in range(10)]
    for number, user_id in enumerate(people):
        upload(user_id, f"c-{number}", user_metadata={"age": "29", "gender": "female", "location": "Italy"})
    run_job("anonymise")
    run_job("release")
    assert {row["user_metadata"]["age"] for row in rows_in(newest(app.server.releases_folder))} == {"25-34"}
    client.delete("/api/v1/conversations/c-3", headers={"Authorization": f"Bearer {people[3]}"})
    assert delta() == (0, 9, 1)
    assert {row["user_metadata"]["age"] for row in rows_in(newest(app.server.releases_folder))} == {None}


def test_without_the_files_of_the_last_release_there_is_no_delta(first, app, upload, run_job, bob):
    import shutil

    shutil.rmtree(newest(app.server.releases_folder))
    assert run_job("release").counts == {}
    upload(bob, "c-3")
    run_job("anonymise")
    assert run_job("release").counts == {"released": 3}
    assert [folder.name for folder in app.server.releases_folder.iterdir() if ".." in folder.name] == []


def test_answers_that_are_erased_are_kept_nowhere(app, upload, inside, run_job):
    people = [f"Contributor-number-{number:03d}-with-a-long-id" for number in range(10)]
    for number, user_id in enumerate(people):
        upload(user_id, f"c-{number}", user_metadata={"age": "29", "gender": "female", "location": "Italy"})
    run_job("anonymise")
    run_job("release")
    with write(app.server.engine) as connection:
        first = connection.execute(select(contributor.c.id).order_by(contributor.c.id)).scalars().first()
        update_own_demographics(connection, first, {"country": None})
        kept = connection.execute(select(contributor.c.shown_cell).order_by(contributor.c.id)).scalars().all()
    assert kept[0] == "waits"
    assert set(kept[1:]) == {'["25-34","IT","female"]'}
