"""Receipts, tombstones and the overview name the releases that held a conversation, and no other; on both databases."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from sharelm.jobs import clock, workshop
from sharelm.release import build as building
from sharelm.release.build import approve_release, build_candidate, build_release
from sharelm.store import release as releases
from sharelm.store.conversation import conversation
from sharelm.store.engine import is_sqlite, read, write
from sharelm.store.tombstone import tombstone
from sharelm.vocabulary import Stage
from tests.waiting import wait_for
from tests.withdraw.test_withdrawal import somebody_waits

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
SOON = timedelta(seconds=1)


@pytest.fixture
def build(app):
    """A release of everything that is approved, under this version."""
    return lambda version: build_release(workshop(app.server), version, now=clock() + SOON)


@pytest.fixture
def wait(app):
    """A candidate of everything that is approved, under this version."""
    return lambda version: build_candidate(workshop(app.server), version, now=clock() + SOON)


@pytest.fixture
def approve(app):
    return lambda version: approve_release(workshop(app.server), version, now=clock() + SOON)


@pytest.fixture
def held(app):
    """The releases whose files hold the conversation."""

    def versions(public_id):
        folders = sorted(path for path in app.server.releases_folder.iterdir() if path.is_dir() and ".." not in path.name)
        return [folder.name for folder in folders if f"sharelm:{public_id}" in ids_in(folder)]

    return versions


def ids_in(folder):
    return [name for path in (folder / "default").glob("*.parquet") for name in pq.read_table(path)["conversation_id"].to_pylist()]


@pytest.fixture
def mine(upload, run_job, inside, alice, bob):
    """Alice on her pages, and her conversation; one of Bob's is there too."""
    upload(alice)
    upload(bob)
    run_job("anonymise")
    visitor = inside(alice)
    return visitor, visitor.public_ids()[0]


def told(app, client, run_job, visitor, public_id):
    """What the receipt and the tombstone say after the withdrawal for good."""
    visitor.post(f"/conversations/{public_id}/withdraw")
    path = re.search(r"/receipts/[\w-]{43}", visitor.get(f"/conversations/{public_id}").text)[0]
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.withdrawn_at.is_not(None)).values(erase_after=clock()))
    run_job("purge")
    with read(app.server.engine) as connection:
        marks = [(row.first_release, row.last_release) for row in connection.execute(select(tombstone).where(tombstone.c.public_id == public_id))]
    return json.loads(client.get(f"{path}.json").text)["releases"], marks


def test_a_release_that_was_built_between_a_withdrawal_and_its_undo_did_not_hold_it(app, client, run_job, build, held, mine):
    visitor, public_id = mine
    build("v1")
    visitor.post(f"/conversations/{public_id}/withdraw")
    build("v2")
    visitor.post(f"/conversations/{public_id}/restore")
    assert held(public_id) == ["v1"]
    page = visitor.get("/overview").text
    assert ("v1" in page, "v2" in page) == (True, False)
    assert told(app, client, run_job, visitor, public_id) == (["v1"], [("v1", "v1")])


def test_the_one_after_it_holds_it_again(app, client, run_job, build, held, mine):
    visitor, public_id = mine
    build("v1")
    visitor.post(f"/conversations/{public_id}/withdraw")
    build("v2")
    visitor.post(f"/conversations/{public_id}/restore")
    build("v3")
    page = visitor.get("/overview").text
    assert ("v1" in page, "v2" in page, "v3" in page) == (True, False, True)
    assert held(public_id) == ["v1", "v3"]
    assert told(app, client, run_job, visitor, public_id) == (["v1", "v3"], [("v1", "v3")])


def test_one_that_was_rejected_after_its_first_release_is_in_no_later_one(app, client, run_job, build, held, mine):
    visitor, public_id = mine
    build("v1")
    with write(app.server.engine) as connection:
        mine_only = conversation.c.public_id == public_id
        connection.execute(update(conversation).where(mine_only).values(stage=Stage.REJECTED))
    build("v2")
    page = visitor.get("/overview").text
    assert ("v1" in page, "v2" in page) == (True, False)
    assert held(public_id) == ["v1"]
    assert told(app, client, run_job, visitor, public_id) == (["v1"], [("v1", "v1")])


def leave_time_to_undo(app):
    """Building takes longer than ten seconds on a slow machine."""
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.withdrawn_at.is_not(None)).values(erase_after=clock() + timedelta(hours=1)))


def test_a_candidate_that_was_approved_between_a_withdrawal_and_its_undo_did_not_hold_it(app, client, run_job, build, wait, approve, held, mine):
    visitor, public_id = mine
    build("v1")
    wait("v2")
    visitor.post(f"/conversations/{public_id}/withdraw")
    leave_time_to_undo(app)
    approve("v2")
    assert visitor.post(f"/conversations/{public_id}/restore").status_code == 303
    page = visitor.get("/overview").text
    assert ("v1" in page, "v2" in page) == (True, False)
    assert held(public_id) == ["v1"]
    assert told(app, client, run_job, visitor, public_id) == (["v1"], [("v1", "v1")])


def test_what_came_back_before_the_candidate_was_approved_is_in_that_release(app, client, run_job, build, wait, approve, held, mine):
    visitor, public_id = mine
    build("v1")
    wait("v2")
    visitor.post(f"/conversations/{public_id}/withdraw")
    leave_time_to_undo(app)
    assert run_job("purge").counts["candidates built anew"] == 1
    assert visitor.post(f"/conversations/{public_id}/restore").status_code == 303
    approve("v2")
    assert held(public_id) == ["v1", "v2"]
    assert told(app, client, run_job, visitor, public_id) == (["v1", "v2"], [("v1", "v2")])


def test_what_only_a_candidate_held_was_in_no_release(app, client, run_job, wait, approve, held, mine):
    visitor, public_id = mine
    wait("v1")
    assert told(app, client, run_job, visitor, public_id) == ([], [])
    approve("v1")
    assert held(public_id) == []


def test_what_was_approved_after_the_candidate_is_in_the_next_release_only(app, client, run_job, build, wait, approve, held, mine):
    visitor, public_id = mine
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.public_id == public_id).values(stage=Stage.ANONYMISED))
    wait("v1")
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.stage == Stage.ANONYMISED).values(stage=Stage.APPROVED))
    approve("v1")
    build("v2")
    assert held(public_id) == ["v2"]
    assert told(app, client, run_job, visitor, public_id) == (["v2"], [("v2", "v2")])


@pytest.mark.parametrize("first", [True, False])
def test_an_undo_while_a_release_is_written_brings_it_into_that_release_or_leaves_no_trace(
    app, client, run_job, build, held, mine, monkeypatch, first
):
    """It was withdrawn when the rows were read, and is there again when the release becomes final: the files are written anew."""
    visitor, public_id = mine
    if not first:
        build("v0")
    real_read, real_card, done = building.stream_candidates, building.write_card, []

    def withdraw_before(*arguments, **more):
        if not done:
            visitor.post(f"/conversations/{public_id}/withdraw")
        return real_read(*arguments, **more)

    def undo_after(*arguments):
        if not done:
            done.append(visitor.post(f"/conversations/{public_id}/restore").status_code)
        return real_card(*arguments)

    monkeypatch.setattr(building, "stream_candidates", withdraw_before)
    monkeypatch.setattr(building, "write_card", undo_after)
    build("v1")
    assert done == [303]
    expected = ["v1"] if first else ["v0", "v1"]
    assert held(public_id) == expected
    assert told(app, client, run_job, visitor, public_id) == (expected, [(expected[0], "v1")])


def test_what_is_approved_while_a_release_is_written_waits_for_the_next(app, client, upload, run_job, build, held, mine, monkeypatch, alice):
    visitor, public_id = mine
    real = building.stream_candidates
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.public_id == public_id).values(stage=Stage.ANONYMISED))

    def approve_before(*arguments, **more):
        with write(app.server.engine) as connection:
            connection.execute(update(conversation).where(conversation.c.stage == Stage.ANONYMISED).values(stage=Stage.APPROVED))
        return real(*arguments, **more)

    monkeypatch.setattr(building, "stream_candidates", approve_before)
    build("v1")
    assert held(public_id) == []
    build("v2")
    assert held(public_id) == ["v2"]
    assert told(app, client, run_job, visitor, public_id) == (["v2"], [("v2", "v2")])


def test_what_was_rejected_while_its_first_release_was_written_was_in_none(app, client, run_job, build, held, mine, monkeypatch):
    visitor, public_id = mine
    real = building.write_card

    def reject_meanwhile(*arguments):
        with write(app.server.engine) as connection:
            connection.execute(update(conversation).where(conversation.c.public_id == public_id).values(stage=Stage.REJECTED))
        return real(*arguments)

    monkeypatch.setattr(building, "write_card", reject_meanwhile)
    build("v1")
    assert held(public_id) == []
    assert told(app, client, run_job, visitor, public_id) == ([], [])


def test_an_undo_waits_for_a_release_that_is_just_becoming_final(app, build, mine):
    visitor, public_id = mine
    build("v1")
    visitor.post(f"/conversations/{public_id}/withdraw")
    with ThreadPoolExecutor(1) as threads:
        with write(app.server.engine) as connection:
            releases.lock_registration(connection, is_shared=False)
            undone = threads.submit(visitor.post, f"/conversations/{public_id}/restore")
            if not is_sqlite(app.server.engine):
                wait_for(lambda: somebody_waits(app.server.engine))
            releases.insert_left_out(connection, "v2", now=clock())
            newest = releases.select_releases(connection)[0]._asdict()
            releases.insert_release(connection, newest | {"version": "v2", "created_at": newest["created_at"] + SOON})
        assert undone.result().status_code == 303
    assert "v2" not in visitor.get("/overview").text
