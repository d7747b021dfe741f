"""How a download is prepared and ends: it survives whatever happens while it is made, and goes with every withdrawal."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from sharelm.download import prepare
from sharelm.download.prepare import prepare_next
from sharelm.jobs import clock, job_named, purge_batch
from sharelm.jobs import run_job as run
from sharelm.store import download as downloads
from sharelm.store.download import download, download_part
from sharelm.store.engine import read, write

LIST = "/api/v1/conversations"


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


def rows_of(app, table=download):
    with read(app.server.engine) as connection:
        return connection.execute(select(table)).all()


@pytest.mark.parametrize("path", [f"{LIST}/c-1", "/api/v1/me"])
def test_a_withdrawal_ends_it_and_the_purge_erases_it(app, client, upload, run_job, ask, alice, bob, path):
    upload(alice)
    upload(bob)
    run_job("anonymise")
    for owner in (1, 2):
        ask(owner)
    run_job("download")
    client.delete(path, headers=bearer(alice))
    with read(app.server.engine) as connection:
        assert downloads.select_last(connection, contributor_id=1, now=clock()) is None
        assert downloads.select_part(connection, 1, 0) is None
    run_job("purge")
    assert [row.contributor_id for row in rows_of(app)] == [2]
    assert {row.download_id for row in rows_of(app, download_part)} == {2}


def test_a_withdrawal_while_it_is_made_ends_it(app, client, upload, run_job, ask, alice, monkeypatch):
    upload(alice)
    run_job("anonymise")
    ask()
    real = prepare.write_archive

    def withdraw_meanwhile(*arguments, **more):
        real(*arguments, **more)
        client.delete(f"{LIST}/c-1", headers=bearer(alice))

    monkeypatch.setattr(prepare, "write_archive", withdraw_meanwhile)
    assert run_job("download").counts == {"downloads discarded": 1}
    run_job("purge")
    assert rows_of(app) == rows_of(app, download_part) == []


def test_a_new_one_takes_the_place_of_the_old(app, upload, run_job, ask, alice):
    upload(alice)
    for _ in range(2):
        ask()
        run_job("download")
    run_job("purge")
    assert [row.id for row in rows_of(app)] == [2]


def test_it_goes_after_a_day(app, upload, run_job, ask, alice):
    upload(alice)
    ask()
    run_job("download")
    with write(app.server.engine) as connection:
        connection.execute(update(download).values(expires_at=clock()))
    run_job("purge")
    assert rows_of(app) == rows_of(app, download_part) == []


def test_one_that_died_half_way_is_made_from_the_start(app, upload, run_job, ask, unpack, alice):
    upload(alice)
    run_job("anonymise")
    ask()
    with write(app.server.engine) as connection:
        downloads.begin_next(connection, now=clock())
        downloads.insert_part(connection, 1, 0, b"half a file")
    run_job("download")
    assert len(json.loads(unpack()["conversations.json"])) == 1


def test_it_gives_up_after_three_tries_and_says_so(app, upload, ask, alice, monkeypatch):
    def fail(*_, **__):
        raise OSError("no")

    upload(alice)
    ask()
    monkeypatch.setattr(prepare, "write_archive", fail)
    assert [run(app.server, job_named("download")).error_type for _ in range(4)] == ["OSError"] * 3 + [None]
    (row,) = rows_of(app)
    assert (row.tries, row.ready_at) == (3, None)
    assert row.expires_at is not None


def test_it_is_made_in_pieces(app, upload, run_job, ask, unpack, alice, monkeypatch):
    """Of rows, so that memory stays flat; of the file, so that no row of the database is large."""
    monkeypatch.setattr("sharelm.store.belongings.MOST_CHARACTERS", 100)
    monkeypatch.setattr("sharelm.store.belongings.MOST_ROWS", 3)
    monkeypatch.setattr(prepare, "PART_BYTES", 200)
    for number in range(10):
        upload(alice, f"c-{number}", user=["x" * (1 + 90 * (number % 3))])
    run_job("anonymise")
    ask()
    run_job("download")
    assert len(json.loads(unpack()["conversations.json"])) == 10
    sizes = [len(row.content) for row in rows_of(app, download_part)]
    assert len(sizes) > 5
    assert set(sizes[:-1]) == {200}


def test_a_purge_erases_a_large_one_in_several_turns(app, upload, ask, alice, run_job):
    upload(alice)
    ask()
    with write(app.server.engine) as connection:
        for number in range(downloads.PARTS_AT_ONCE + 5):
            downloads.insert_part(connection, 1, number, b"x")
        downloads.discard_downloads(connection, contributor_id=1, now=clock())
        assert not downloads.insert_part(connection, 1, 99, b"x")
        assert not downloads.mark_ready(connection, 1, parts=1, size=1, conversations=1, now=clock())
    with write(app.server.engine) as connection:
        assert [downloads.erase_some(connection, now=clock()) for _ in range(4)] == [downloads.PARTS_AT_ONCE, 5, 1, 0]


def test_a_receipt_is_signed_only_when_the_download_is_gone(app, client, upload, run_job, ask, alice, monkeypatch):
    upload(alice)
    run_job("anonymise")
    ask()
    run_job("download")
    client.delete(f"{LIST}/c-1", headers=bearer(alice))
    counted = []
    for _ in range(4):
        counts = purge_batch(app.server)
        counted.append((counts["download parts erased"], counts["receipts signed"]))
    assert counted == [(1, 0), (1, 0), (0, 1), (0, 0)]


def test_who_asks_while_something_is_withdrawn_waits_for_it(app, upload, alice):
    """Else what is just being withdrawn could be read for a download that no withdrawal knows of."""
    upload(alice)
    with ThreadPoolExecutor(1) as thread, write(app.server.engine) as connection:
        downloads.discard_downloads(connection, contributor_id=1, now=clock())
        asked = thread.submit(insert, app)
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.5)
        assert rows_of(app) == []
    assert len(rows_of(app)) == 1


def insert(app):
    with write(app.server.engine) as connection:
        downloads.insert_download(connection, public_id="0" * 32, contributor_id=1, now=clock())


def test_nothing_waits_no_work_is_done(app):
    assert prepare_next(app.server.engine, app.server.keys, address="", now=clock()) is None
