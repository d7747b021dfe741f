"""From the wish to the proof: what a withdrawal leaves, and that nothing else is left; on both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from sharelm.jobs import clock, workshop
from sharelm.keys import receipt_token
from sharelm.release.build import build_release
from sharelm.release.workbench import LOCK
from sharelm.store import release as releases
from sharelm.store.contributor import contributor
from sharelm.store.conversation import conversation
from sharelm.store.engine import is_sqlite, read, write
from sharelm.store.lock import ProcessLock
from sharelm.store.receipt import receipt, receipt_conversation
from sharelm.store.tables import TABLES
from sharelm.withdraw.receipt import check_receipt, read_keys, receipt_keys
from tests.waiting import wait_for

LIST = "/api/v1/conversations"
TOMBSTONES = "/releases/tombstones.jsonl"
SENTINEL = "sentinel-5b1f0e-words"


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


@pytest.fixture
def withdraw(client):
    """Through the API: the address of the receipt, without the server's name."""

    def ask(user_id, conversation_id="c-1"):
        path = f"{LIST}/{conversation_id}" if conversation_id else "/api/v1/me"
        return client.delete(path, headers=bearer(user_id)).json["receipt"].removeprefix("http://127.0.0.1:8000")

    return ask


@pytest.fixture
def build(app):
    """A release of everything that is approved; its version."""
    return lambda: build_release(workshop(app.server), None, now=clock() + timedelta(seconds=1)).version


@pytest.fixture
def marks(client):
    return lambda: [json.loads(line) for line in client.get(TOMBSTONES).text.splitlines()]


def signed(app, client, path):
    """The receipt as its holder downloads it, checked."""
    answer = client.get(f"{path}.json")
    assert answer.status_code == 200
    return check_receipt(answer.text, read_keys(receipt_keys(app.server.keys)))


def public_id(client, user_id, conversation_id="c-1"):
    return client.get(f"{LIST}/{conversation_id}", headers=bearer(user_id)).json["public_id"]


def everything_stored(app):
    """Every value of every table as text, and on SQLite the files as they lie on the disk."""
    with read(app.server.engine) as connection:
        rows = [str(row) for table in TABLES for row in connection.execute(select(table))]
    folder = Path(app.server.config.instance)
    files = [path for path in folder.glob("sharelm.sqlite3*") if path.is_file()] if is_sqlite(app.server.engine) else []
    return "".join(rows) + "".join(path.read_bytes().decode("latin-1") for path in files)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_sentinel_is_gone_from_everywhere_and_the_proof_is_there(app, client, upload, run_job, build, withdraw, marks, alice, bob, caplog):
    caplog.set_level("DEBUG")
    upload(alice, user=[f"{SENTINEL} to anna@example.org"], bot=[f"Yes, {SENTINEL}"])
    upload(bob)
    run_job("anonymise")
    first = build()
    mine = public_id(client, alice)
    assert SENTINEL in everything_stored(app)
    assert SENTINEL.encode() in b"".join(path.read_bytes() for path in unpacked(app, first))
    path = withdraw(alice)
    assert marks() == [
        {"public_id": mine, "conversation_id": f"sharelm:{mine}", "first_release": first, "last_release": first, "date": f"{clock():%Y-%m-%d}"}
        | {"reason": "withdrawn"}
    ]
    run_job("purge")
    assert SENTINEL not in everything_stored(app) + caplog.text
    upload(bob, conversation_id="c-2")
    run_job("anonymise")
    second = build()
    assert SENTINEL.encode() not in b"".join(path.read_bytes() for path in unpacked(app, second))
    proof = signed(app, client, path)
    assert (proof["public_ids"], proof["releases"], proof["everything"]) == ([mine], [first], False)
    assert proof["asked_at"] <= proof["erased_at"]
    assert [mark["last_release"] for mark in marks()] == [first]


def unpacked(app, version):
    """The rows of a release as plain text: Parquet is compressed."""
    import pyarrow.parquet as pq

    folder = app.server.releases_folder / version
    plain = folder.parent.parent / f"{version}.txt"
    plain.write_text(str([pq.read_table(path).to_pylist() for path in sorted(folder.rglob("*.parquet"))]), encoding="utf-8")
    return [plain, folder / "README.md", folder / "manifest.json"]


def test_a_receipt_is_signed_only_once_all_is_erased(app, client, upload, run_job, withdraw, alice):
    upload(alice)
    path = withdraw(alice)
    answer = client.get(f"{path}.json")
    assert (answer.status_code, answer.json["erased_at"]) == (202, None)
    assert "signature" not in answer.json
    run_job("purge")
    proof = signed(app, client, path)
    assert (len(proof["public_ids"]), proof["releases"]) == (1, [])
    assert client.get(f"{path}.json").data == client.get(f"{path}.json").data
    assert run_job("purge").counts == {}


def test_a_signature_waits_for_a_build_that_may_still_hold_the_text(app, client, upload, run_job, withdraw, alice):
    upload(alice)
    path = withdraw(alice)
    lock = ProcessLock(app.server.engine, LOCK)
    assert lock.acquire(wait=True)
    try:
        run_job("purge")
        assert client.get(f"{path}.json").status_code == 202
    finally:
        lock.release()
    assert run_job("purge").counts == {"receipts signed": 1}
    assert signed(app, client, path)


def test_a_signature_waits_for_the_log_to_be_emptied(app, client, upload, run_job, withdraw, alice, monkeypatch):
    def fail(_):
        raise TimeoutError

    from sharelm.jobs import job_named
    from sharelm.jobs import run_job as run_job_now

    upload(alice)
    path = withdraw(alice)
    with monkeypatch.context() as patch:
        patch.setattr("sharelm.jobs.forget_deleted_text", fail)
        assert run_job_now(app.server, job_named("purge")).error_type == "TimeoutError"
    assert client.get(f"{path}.json").status_code == 202
    run_job("purge")
    assert signed(app, client, path)


def test_asking_twice_gives_the_same_receipt(upload, run_job, withdraw, alice):
    upload(alice)
    first = withdraw(alice)
    assert withdraw(alice) == first
    run_job("purge")
    assert withdraw(alice) == first


def test_only_a_digest_of_the_token_is_kept(app, upload, run_job, withdraw, alice):
    upload(alice)
    token = withdraw(alice).rsplit("/", 1)[1]
    run_job("purge")
    assert token not in everything_stored(app)
    with read(app.server.engine) as connection:
        row = connection.execute(select(receipt)).one()
    assert receipt_token(app.server.keys, row.seed) == token
    assert alice not in row.signed


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_what_was_in_no_final_release_leaves_no_tombstone(app, client, upload, run_job, build, withdraw, marks, alice, bob):
    upload(alice)
    upload(alice, conversation_id="c-2")
    upload(bob)
    run_job("anonymise")
    with write(app.server.engine) as connection:  # a build that dies has marked all three
        assert releases.pin_ready(connection, "dead", now=clock() + timedelta(seconds=1), limit=9) == 3
    withdraw(alice)
    build()
    run_job("purge")
    assert marks() == []
    withdraw(alice, "c-2")
    assert len(marks()) == 1


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_who_withdraws_while_a_release_is_written_was_not_in_it(app, client, upload, run_job, withdraw, marks, alice, bob, monkeypatch):
    from sharelm.release import build as building

    upload(alice)
    upload(bob)
    run_job("anonymise")
    real, paths = building.write_card, []

    def withdraw_meanwhile(*arguments):
        if not paths:
            paths.append(withdraw(alice))
        return real(*arguments)

    monkeypatch.setattr(building, "write_card", withdraw_meanwhile)
    assert build_release(workshop(app.server), "v1", now=clock() + timedelta(seconds=1)).row_count == 1
    run_job("purge")
    assert marks() == []
    assert signed(app, client, paths[0])["releases"] == []
    with read(app.server.engine) as connection:
        assert connection.execute(select(conversation.c.first_release).where(conversation.c.withdrawn_at.is_not(None))).scalar_one() is None


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_withdrawal_waits_for_a_release_that_is_just_becoming_final(app, upload, run_job, build, withdraw, marks, alice):
    upload(alice)
    run_job("anonymise")
    build()
    with ThreadPoolExecutor(1) as threads:
        with write(app.server.engine) as connection:
            releases.lock_registration(connection, is_shared=False)
            asked = threads.submit(withdraw, alice)
            if not is_sqlite(app.server.engine):
                wait_for(lambda: somebody_waits(app.server.engine))
            newest = releases.select_releases(connection)[0]._asdict()
            releases.insert_release(connection, newest | {"version": "v2", "created_at": newest["created_at"] + timedelta(seconds=1)})
        assert asked.result()
    assert [mark["last_release"] for mark in marks()] == ["v2"]


def somebody_waits(engine):
    with read(engine) as connection:
        here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        return connection.execute(text(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = {here}")).scalar()


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_everything_is_withdrawn_under_one_receipt(app, client, upload, run_job, build, withdraw, marks, alice, bob):
    for number in range(3):
        upload(alice, conversation_id=f"c-{number}", user=[f"{SENTINEL} {number}"], user_metadata={"age": "33", "gender": "f", "location": "Italy"})
    upload(bob)
    run_job("anonymise")
    version = build()
    upload(alice, conversation_id="late", user=[SENTINEL])
    earlier = withdraw(alice, "c-0")
    path = withdraw(alice, None)
    assert withdraw(alice, None) == path
    run_job("purge")
    proof = signed(app, client, path)
    assert (len(proof["public_ids"]), proof["everything"], proof["releases"]) == (3, True, [version])
    assert len(signed(app, client, earlier)["public_ids"]) == 1
    assert SENTINEL not in everything_stored(app)
    assert len(marks()) == 3
    assert [upload(alice, conversation_id=one).status_code for one in ("c-0", "c-1", "late", "new")] == [410] * 4
    with read(app.server.engine) as connection:
        row = connection.execute(select(contributor).where(contributor.c.consent_ended_at.is_not(None))).one()
    assert [row.age_band, row.country, row.gender, row.consent_version, row.plugin_version] == [None] * 5


def test_who_agrees_again_and_withdraws_everything_again_gets_another_receipt(app, client, upload, run_job, withdraw, alice):
    first = withdraw(alice, None)
    run_job("purge")
    assert signed(app, client, first)["public_ids"] == []
    version = client.get("/api/v1/consent").json["version"]
    client.post("/api/v1/consent", json={"version": version, "language": "en", "adult": True}, headers=bearer(alice))
    assert withdraw(alice, None) != first


def test_a_conversation_that_was_just_being_stored_goes_too(app, client, upload, run_job, withdraw, alice):
    upload(alice)
    path = withdraw(alice, None)
    with write(app.server.engine) as connection:  # as an upload does that had begun before and committed after
        row = connection.execute(select(conversation)).mappings().one()
        late = {name: value for name, value in row.items() if name != "id"} | {"public_id": "f" * 32, "client_digest": b"2" * 32}
        connection.execute(conversation.insert().values(late | {"withdrawn_at": None, "erase_after": None, "pending": SENTINEL}))
    run_job("purge")
    assert client.get(f"{path}.json").status_code == 202
    run_job("purge")
    assert "f" * 32 in signed(app, client, path)["public_ids"]
    assert SENTINEL not in everything_stored(app)


def test_who_has_no_receipt_yet_is_answered_without_one(app, client, upload, alice):
    upload(alice)
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(withdrawn_at=clock(), erase_after=clock()))
        assert connection.execute(select(receipt_conversation)).all() == []
    assert client.delete(f"{LIST}/c-1", headers=bearer(alice)).json["receipt"] is None


def test_twenty_who_withdraw_the_same_at_once_get_one_receipt(app, upload, alice):
    upload(alice)
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: app.test_client().delete(f"{LIST}/c-1", headers=bearer(alice)), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["receipt"] for answer in answers}) == 1
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(receipt)).all()) == 1
