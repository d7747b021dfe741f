"""/api/v1/exports: send, look, choose, erase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from sharelm import ShareLM
from sharelm.store.engine import read, write
from sharelm.store.own_export import export_candidate, export_part, own_export
from sharelm.web.current import now
from tests.web.api.exports import PATH, Sender, claude, claude_chat, fixture, some_chats
from tests.web.pages.conftest import Browser

Run = Callable[[str], Any]
ID = "claude:c-9"
CHAT = claude(claude_chat("c-9", "How do I sharpen a plane iron?", "On a stone."))


@pytest.fixture
def hers(client: FlaskClient, run_job: Run, alice: str) -> Sender:
    return Sender(client, alice, run_job)


@pytest.fixture
def his(client: FlaskClient, run_job: Run, bob: str) -> Sender:
    return Sender(client, bob, run_job)


def count(app: ShareLM, table: Any) -> int:
    with read(app.server.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_it_is_read_shown_and_given(hers: Sender) -> None:
    answer = hers.send(fixture("chatgpt_export_2026.zip"))
    assert answer.status_code == 202
    export_id = answer.json["export_id"]
    assert hers.get(export_id) == {"state": "reading", "problem": None, "conversations": [], "skipped": {}, "next": None}
    hers.run_job("export")
    found = hers.get(export_id)
    assert (found["state"], found["problem"], found["skipped"], found["next"]) == ("ready", None, {"unreadable": 1}, None)
    chat = "chatgpt:00000000-0000-4000-8000-000000000001"
    said = [("user", "Hi"), ("assistant", "kept branch"), ("user", "look"), ("assistant", "A cat.")]
    messages = [{"role": role, "content": content} for role, content in said]
    assert found["conversations"] == [{"id": chat, "model": "gpt-5", "messages": messages, "chosen": False}]
    assert hers.given() == []
    assert hers.results(export_id, chat) == ["created"]
    assert hers.get(export_id)["conversations"][0]["chosen"] is True
    assert hers.contents(chat) == ["Hi", "kept branch", "look", "A cat."]
    assert [(item["source"], item["platform"]) for item in hers.given()] == [("export", "chatgpt")]


def test_nothing_is_given_before_it_is_chosen_and_nothing_else_with_it(hers: Sender) -> None:
    export_id = hers.bring(some_chats(3))
    ids = [one["id"] for one in hers.get(export_id)["conversations"]]
    assert hers.results(export_id, ids[1]) == ["created"]
    assert [item["conversation_id"] for item in hers.given()] == [ids[1]]
    assert [one["chosen"] for one in hers.get(export_id)["conversations"]] == [False, True, False]


def test_it_can_be_chosen_from_again(hers: Sender) -> None:
    export_id = hers.bring(some_chats(2))
    first, second = (one["id"] for one in hers.get(export_id)["conversations"])
    assert hers.results(export_id, first) == ["created"]
    assert hers.results(export_id, second, first, first) == ["created", "unchanged"]


def test_the_same_export_again_adds_nothing_and_a_newer_one_updates(hers: Sender) -> None:
    assert hers.results(hers.bring(CHAT), ID) == ["created"]
    public_id = hers.given()[0]["public_id"]
    assert hers.results(hers.bring(CHAT), ID) == ["unchanged"]
    grown = claude_chat("c-9", "How do I sharpen a plane iron?", "On a stone.", "Which?", "A fine one.", updated_at="2026-04-01T10:00:00Z")
    assert hers.results(hers.bring(claude(grown)), ID) == ["updated"]
    assert hers.contents(ID) == ["How do I sharpen a plane iron?", "On a stone.", "Which?", "A fine one."]
    assert hers.results(hers.bring(CHAT), ID) == ["unchanged"]
    assert [item["public_id"] for item in hers.given()] == [public_id]
    assert len(hers.contents(ID)) == 4


def test_a_newer_export_updates_what_is_anonymised_already(hers: Sender) -> None:
    hers.results(hers.bring(CHAT), ID)
    hers.run_job("anonymise")
    grown = claude_chat("c-9", "How do I sharpen a plane iron?", "On a stone.", "Which?", "A fine one.", updated_at="2026-04-01T10:00:00Z")
    assert hers.results(hers.bring(claude(grown)), ID) == ["updated"]
    hers.run_job("anonymise")
    assert hers.contents(ID)[2:] == ["Which?", "A fine one."]


def test_what_was_withdrawn_stays_withdrawn(hers: Sender) -> None:
    hers.results(hers.bring(CHAT), ID)
    assert hers.client.delete(f"/api/v1/conversations/{ID}", headers=hers.headers).status_code == 200
    answer = hers.choose(hers.bring(CHAT), ID)
    assert [(item["result"], item["status"]) for item in answer.json["items"]] == [("refused", 410)]
    assert hers.one(ID).status_code == 410


def test_it_is_read_page_by_page(hers: Sender) -> None:
    export_id = hers.bring(some_chats(5))
    seen, query = [], "?limit=2"
    while query is not None:
        found = hers.get(export_id, query)
        assert len(found["conversations"]) <= 2
        seen += [one["id"] for one in found["conversations"]]
        query = found["next"].removeprefix(f"{PATH}/{export_id}") if found["next"] else None
    assert seen == [one["id"] for one in hers.get(export_id)["conversations"]]
    assert len(set(seen)) == 5


def test_a_page_is_shorter_where_conversations_are_long(hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.web.api.exports.MOST_CHARACTERS", 10)
    found = hers.get(hers.bring(some_chats(2)))
    assert len(found["conversations"]) == 1
    assert found["next"]


def test_the_file_is_erased_as_soon_as_it_is_read(app: ShareLM, hers: Sender) -> None:
    hers.send(CHAT)
    assert count(app, export_part) == 1
    hers.run_job("export")
    assert count(app, export_part) == 0
    hers.bring(b'[{"no": "export"}]')
    assert count(app, export_part) == 0


def test_it_is_hidden_at_once_and_erased_soon_when_its_owner_says_so(app: ShareLM, hers: Sender) -> None:
    export_id = hers.bring(CHAT)
    assert hers.client.delete(f"{PATH}/{export_id}", headers=hers.headers).json == {"export_id": export_id, "erased": True}
    assert hers.client.get(f"{PATH}/{export_id}", headers=hers.headers).status_code == 404
    assert hers.choose(export_id, ID).status_code == 404
    hers.run_job("purge")
    assert [count(app, table) for table in (own_export, export_part, export_candidate)] == [0, 0, 0]


def test_it_is_erased_while_it_waits_to_be_read(app: ShareLM, hers: Sender) -> None:
    export_id = hers.send(CHAT).json["export_id"]
    hers.client.delete(f"{PATH}/{export_id}", headers=hers.headers)
    for job in ("export", "purge"):
        hers.run_job(job)
    assert [count(app, table) for table in (own_export, export_part, export_candidate)] == [0, 0, 0]


def test_it_is_erased_after_a_day(app: ShareLM, hers: Sender) -> None:
    export_id = hers.bring(CHAT)
    with read(app.server.engine) as connection:
        row = connection.execute(select(own_export)).one()
    assert timedelta(hours=23) < row.expires_at - now() <= timedelta(hours=24)
    with write(app.server.engine) as connection:
        connection.execute(update(own_export).values(expires_at=now()))
    assert hers.client.get(f"{PATH}/{export_id}", headers=hers.headers).status_code == 404
    hers.run_job("purge")
    assert [count(app, table) for table in (own_export, export_candidate)] == [0, 0]


def test_a_withdrawal_takes_the_copy_along_that_waits(app: ShareLM, hers: Sender) -> None:
    export_id = hers.bring(CHAT)
    hers.results(export_id, ID)
    hers.client.delete(f"/api/v1/conversations/{ID}", headers=hers.headers)
    assert hers.get(export_id)["conversations"] == []


def test_withdrawing_everything_takes_all_exports_along(app: ShareLM, hers: Sender, his: Sender) -> None:
    export_id, waiting, others = hers.bring(CHAT), hers.send(CHAT).json["export_id"], his.bring(CHAT)
    hers.client.delete("/api/v1/me", headers=hers.headers)
    for gone in (export_id, waiting):
        assert hers.client.get(f"{PATH}/{gone}", headers=hers.headers).status_code == 404
        assert hers.choose(gone, ID).status_code == 409
    hers.run_job("purge")
    assert count(app, own_export) == 1
    assert his.get(others)["state"] == "ready"


def test_choosing_needs_a_current_agreement(app: ShareLM, hers: Sender, client: FlaskClient, run_job: Run, eve: str) -> None:
    export_id = hers.bring(CHAT)
    app.server.__dict__.pop("own_door", None)
    app.server.config.__dict__["hold_hours"] = 1  # another hold makes another version of the terms
    for name in ("consent_facts", "consent"):
        app.server.__dict__.pop(name, None)
    answer = hers.choose(export_id, ID)
    assert (answer.status_code, answer.json["version"]) == (409, app.server.consent.version)
    assert hers.given() == []
    assert hers.send(CHAT).status_code == 409
    hers.agree()
    assert hers.results(export_id, ID) == ["created"]
    assert Sender(client, eve, run_job, agrees=False).send(CHAT).status_code == 409
    assert count(app, own_export) == 1


def test_it_is_not_there_for_somebody_else(hers: Sender, his: Sender) -> None:
    export_id = hers.bring(CHAT)
    missing = "0" * 32
    for method, path, body in (("GET", "", None), ("DELETE", "", None), ("POST", "/choose", {"conversation_ids": [ID]})):
        asked = [his.client.open(f"{PATH}/{one}{path}", method=method, json=body, headers=his.headers) for one in (export_id, missing, "x")]
        assert [answer.status_code for answer in asked] == [404, 404, 404]
        assert len({answer.json["detail"] for answer in asked}) == 1
    assert hers.get(export_id)["state"] == "ready"
    other = his.bring(some_chats(1))
    assert hers.choose(export_id, his.get(other)["conversations"][0]["id"]).status_code == 404
    assert his.given() == hers.given() == []


@pytest.mark.parametrize("chosen", [None, [], "claude:c-9", [1], ["ü"]])
def test_it_says_what_is_wrong_with_a_choice(hers: Sender, chosen: Any) -> None:
    export_id = hers.bring(CHAT)
    assert hers.client.post(f"{PATH}/{export_id}/choose", json={"conversation_ids": chosen}, headers=hers.headers).status_code == 422


def test_nothing_is_chosen_from_what_is_not_read(hers: Sender) -> None:
    waiting = hers.send(CHAT).json["export_id"]
    assert hers.choose(waiting, ID).status_code == 409
    failed = hers.bring(b'{"no": "export"}')
    assert hers.choose(failed, ID).status_code == 409


def test_it_requires_a_user_id(client: FlaskClient) -> None:
    assert client.post(PATH).status_code == 401
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/choose")):
        assert client.open(f"{PATH}/{'0' * 32}{path}", method=method).status_code == 401


def test_a_form_without_a_file_is_refused(hers: Sender) -> None:
    assert hers.client.post(PATH, data={"other": "x"}, content_type="multipart/form-data", headers=hers.headers).status_code == 422
    assert hers.client.post(PATH, json={}, headers=hers.headers).status_code == 415
    assert hers.client.get(PATH, headers=hers.headers).status_code == 405


def test_a_try_that_dies_is_begun_anew(app: ShareLM, hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    from sharelm.jobs import job_named
    from sharelm.jobs import run_job as run

    def fail(*_: object, **__: object) -> None:
        raise OSError

    export_id = hers.send(some_chats(3)).json["export_id"]
    with monkeypatch.context() as broken:
        broken.setattr("sharelm.store.own_export.mark_ready", fail)
        report = run(app.server, job_named("export"))
        assert report is not None and report.error_type == "OSError"
    assert hers.get(export_id)["state"] == "reading"
    hers.run_job("export")
    assert len(hers.get(export_id)["conversations"]) == 3


def test_after_three_tries_it_says_whose_fault_it_is(app: ShareLM, hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    from sharelm.jobs import job_named
    from sharelm.jobs import run_job as run

    def fail(*_: object, **__: object) -> None:
        raise OSError

    export_id = hers.send(CHAT).json["export_id"]
    monkeypatch.setattr("sharelm.store.own_export.mark_ready", fail)
    for _ in range(4):
        run(app.server, job_named("export"))
    found = hers.get(export_id)
    assert found["state"] == "failed"
    assert "our fault" in found["problem"]
    assert count(app, export_part) == count(app, export_candidate) == 0


def test_a_new_user_id_does_not_open_what_waits_under_the_old_one(app: ShareLM, hers: Sender) -> None:
    from sharelm.identity.replace import id_mark, replace_user_id
    from sharelm.store import contributor as contributors
    from sharelm.vocabulary import UserId

    hers.bring(CHAT)
    new_id = "New-user-ID_0123456789abcdefghijklmnopqrstuv"
    with write(app.server.engine) as connection:
        giver = contributors.select_by_id(connection, 1)
        mark = id_mark(giver.user_digest)
        assert replace_user_id(connection, app.server.keys, UserId(new_id), contributor_id=1, present=mark, now=now())
    hers.run_job("purge")
    assert count(app, export_candidate) == 0


SENTINEL = "quendelwurzel"


def traces(app: ShareLM, folder: Path) -> bool:
    """Whether the word is still in a row, or anywhere in the instance's files."""
    with read(app.server.engine) as connection:
        rows = [connection.execute(select(table)).all() for table in (export_part, export_candidate)]
    return SENTINEL in repr(rows) or any(SENTINEL.encode() in path.read_bytes() for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize("way", ["erased", "expired", "everything", "one", "failed"])
def test_nothing_is_left_of_the_text(app: ShareLM, hers: Sender, tmp_path: Path, way: str) -> None:
    export = claude(claude_chat("c-9", f"Where does {SENTINEL} grow?", "In dry places.")) + (b"x" if way == "failed" else b"")
    export_id = hers.bring(export)
    assert traces(app, tmp_path) or way == "failed"
    if way == "erased":
        hers.client.delete(f"{PATH}/{export_id}", headers=hers.headers)
    elif way == "expired":
        with write(app.server.engine) as connection:
            connection.execute(update(own_export).values(expires_at=now()))
    elif way == "one":
        hers.results(export_id, ID)
        hers.client.delete(f"/api/v1/conversations/{ID}", headers=hers.headers)
    elif way == "everything":
        hers.client.delete("/api/v1/me", headers=hers.headers)
    hers.run_job("purge")
    assert not traces(app, tmp_path)


def test_taking_something_out_by_hand_takes_the_copy_along_that_waits(hers: Sender, app: ShareLM) -> None:
    export_id = hers.bring(claude(claude_chat("c-9", "Why?", "Because.", "And?", "So.")))
    hers.results(export_id, ID)
    browser = Browser(hers.client)
    browser.log_in(hers.headers["Authorization"].removeprefix("Bearer "))
    public_id = hers.given()[0]["public_id"]
    answer = browser.post(f"/conversations/{public_id}/hide", passage="Because", confirm="yes")
    assert answer.status_code == 303
    assert hers.get(export_id)["conversations"] == []
