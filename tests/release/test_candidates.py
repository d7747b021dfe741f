"""Where somebody approves releases: a candidate waits, served to nobody and marking nothing, until it is approved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from sharelm.errors import ReleaseRefused
from sharelm.jobs import clock, workshop
from sharelm.release.build import approve_release, build_candidate
from sharelm.store.candidate import select_candidate
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.store.release import select_releases
from sharelm.vocabulary import Stage
from tests.released import newest, rows_in
from tests.web.pages.test_correcting import hide

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0", SHARELM_REVIEW="manual")


@pytest.fixture
def approve_all(app):
    """As a reviewer does."""

    def approve():
        with write(app.server.engine) as connection:
            connection.execute(update(conversation).where(conversation.c.stage == Stage.ANONYMISED).values(stage=Stage.APPROVED))

    return approve


@pytest.fixture
def waiting(app, upload, run_job, approve_all, alice, bob):
    """The folder of a candidate with a conversation of Alice's and one of Bob's."""
    upload(alice, user=["See Blaue Tür"], bot=["Hello"])
    upload(bob, "c-2")
    run_job("anonymise")
    approve_all()
    assert run_job("release").counts == {"waiting for approval": 2}
    return candidate(app)


def candidate(app):
    with read(app.server.engine) as connection:
        row = select_candidate(connection)
    return app.server.config.instance / "candidates" / row.version if row else None


def approve(app, version):
    return approve_release(workshop(app.server), version, now=clock() + timedelta(seconds=1))


def stages(app):
    with read(app.server.engine) as connection:
        return list(connection.execute(select(conversation.c.stage).order_by(conversation.c.id)).scalars())


def test_a_candidate_is_neither_served_nor_marked(app, client, waiting):
    assert client.get(f"/releases/{waiting.name}").status_code == 404
    assert client.get(f"/releases/{waiting.name}/manifest.json").status_code == 404
    assert "No release yet" in client.get("/releases").text
    assert stages(app) == ["approved", "approved"]
    assert list(app.server.releases_folder.iterdir()) == []


def test_approved_it_is_the_release_that_was_looked_at(app, client, waiting):
    before = {str(path.relative_to(waiting)): path.read_bytes() for path in waiting.rglob("*.parquet")}
    assert approve(app, waiting.name).row_count == 2
    folder = app.server.releases_folder / waiting.name
    assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet")} == before
    assert client.get(f"/releases/{waiting.name}").status_code == 200
    assert stages(app) == ["released", "released"]
    assert candidate(app) is None
    assert not waiting.exists()


def test_the_second_one_brings_its_delta(app, upload, run_job, approve_all, waiting, alice):
    approve(app, waiting.name)
    upload(alice, "c-3")
    run_job("anonymise")
    approve_all()
    run_job("release")
    second = candidate(app)
    assert not [folder for folder in app.server.releases_folder.iterdir() if ".." in folder.name]
    approve(app, second.name)
    assert (app.server.releases_folder / f"{waiting.name}..{second.name}" / "manifest.json").is_file()


def test_only_what_was_in_the_candidate_is_approved(app, upload, run_job, approve_all, waiting, alice):
    upload(alice, "c-3", user=["Came later"])
    run_job("anonymise")
    approve_all()
    assert approve(app, waiting.name).left_out == {"approved later": 1}
    assert "Came later" not in str(rows_in(newest(app.server.releases_folder)))
    assert sorted(stages(app)) == ["approved", "released", "released"]


def test_what_was_withdrawn_meanwhile_is_not_released(app, client, waiting, alice):
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert approve(app, waiting.name).row_count == 1
    assert "Blaue" not in str(rows_in(newest(app.server.releases_folder)))


def test_a_withdrawal_erases_the_text_from_the_candidate_too(app, client, run_job, waiting, alice):
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert run_job("purge").counts["candidates built anew"] == 1
    assert [row["conversation"][0]["content"] for row in rows_in(candidate(app))] == ["Why does my bread not rise?"]
    assert "candidates built anew" not in run_job("purge").counts


def test_a_withdrawal_that_was_asked_for_before_the_candidate_and_stored_after_it_is_found(app, client, run_job, waiting, alice):
    with read(app.server.engine) as connection:
        built_at = select_candidate(connection).created_at
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    with write(app.server.engine) as connection:
        gone = conversation.c.withdrawn_at.is_not(None)
        connection.execute(update(conversation).where(gone).values(withdrawn_at=built_at - timedelta(seconds=20)))
    assert run_job("purge").counts["candidates built anew"] == 1
    assert "Blaue" not in str(rows_in(candidate(app)))


def test_a_correction_by_hand_reaches_the_candidate_too(app, inside, run_job, waiting, alice):
    hide(inside(alice))
    assert run_job("purge").counts["candidates built anew"] == 1
    assert "candidates built anew" not in run_job("purge").counts
    assert "Blaue" not in str(rows_in(candidate(app)))
    assert "[HIDDEN_1]" in str(rows_in(candidate(app)))


def test_a_correction_waits_for_the_candidate_while_a_build_is_in_progress(app, inside, run_job, waiting, alice, monkeypatch):
    from sharelm import jobs

    hide(inside(alice))
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "refresh_candidate", lambda *_, **__: 0)  # as if a build had been in progress just then
        assert "corrections settled" not in run_job("purge").counts
    counts = run_job("purge").counts
    assert (counts["candidates built anew"], counts["corrections settled"]) == (1, 1)
    assert "Blaue" not in str(rows_in(candidate(app)))


def test_of_a_candidate_that_was_withdrawn_whole_nothing_is_left(app, client, run_job, waiting, alice, bob):
    for user_id, name in ((alice, "c-1"), (bob, "c-2")):
        client.delete(f"/api/v1/conversations/{name}", headers={"Authorization": f"Bearer {user_id}"})
    run_job("purge")
    assert candidate(app) is None
    assert not waiting.exists()


def test_the_job_builds_it_anew_when_it_would_say_something_else(app, upload, run_job, approve_all, waiting, alice):
    assert run_job("release").counts == {}
    upload(alice, "c-3")
    run_job("anonymise")
    approve_all()
    assert run_job("release").counts == {"waiting for approval": 3}
    assert candidate(app).name == waiting.name


def test_a_newer_candidate_takes_the_place_of_the_older(app, waiting):
    build_candidate(workshop(app.server), "v2", now=clock() + timedelta(seconds=1))
    assert candidate(app).name == "v2"
    assert not waiting.exists()
    with pytest.raises(ReleaseRefused, match="waits for approval"):
        approve(app, waiting.name)


def test_an_approval_of_nothing_is_refused(app, waiting):
    with pytest.raises(ReleaseRefused, match="waits for approval"):
        approve(app, "nothing")
    with read(app.server.engine) as connection:
        assert select_releases(connection) == []


def test_a_receipt_waits_until_the_candidate_is_clean(app, client, run_job, waiting, alice, monkeypatch):
    from sharelm import jobs

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "refresh_candidate", lambda *_, **__: 0)  # as if a build had been in progress just then
        path = client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json["receipt"]
        with write(app.server.engine) as connection:
            connection.execute(update(conversation).where(conversation.c.withdrawn_at.is_not(None)).values(erase_after=clock()))
        assert "receipts signed" not in run_job("purge").counts
    counts = run_job("purge").counts
    assert (counts["candidates built anew"], counts["receipts signed"]) == (1, 1)
    assert client.get(f"{path.removeprefix('http://127.0.0.1:8000')}.json").status_code == 200


def test_what_a_killed_build_of_a_candidate_left_is_erased(app, run_job, waiting):
    left = waiting.parent / "v9" / "default"
    left.mkdir(parents=True)
    (left / "train-00000-of-00001.parquet").write_bytes(b"text of somebody")
    run_job("purge")
    assert [folder.name for folder in waiting.parent.iterdir()] == [waiting.name]
