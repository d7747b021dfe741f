"""Several conversations at once: withdraw them under one receipt, take that back, download them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.store.receipt import receipt, receipt_conversation
from sharelm.web.current import now
from sharelm.web.pages.listing import MOST_SELECTED
from sharelm.web.pages.selected import DOWNLOADS_PER_MINUTE
from tests.web.pages.conftest import HTMX, Browser, without_marks
from tests.web.pages.test_correcting import said

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
ACTIONS = ("withdraw", "download")


@pytest.fixture
def three(upload: Upload, inside: Inside, alice: str, bob: str) -> Browser:
    """Alice's browser, with three conversations; Bob has one."""
    for number in range(3):
        upload(alice, f"c-{number}", user=[f"Question {number}"])
    upload(bob)
    return inside(alice)


def choose(visitor: Browser, action: str, ids: list[str], *, query: str = "", headers: dict[str, str] | None = None) -> TestResponse:
    fields = {"csrf_token": visitor.token(), "id": ids}
    return visitor.client.post(f"/conversations/{action}{query}", data=fields, headers=headers)


def withdrawn(app: ShareLM) -> dict[str, bool]:
    c = conversation.c
    with read(app.server.engine) as connection:
        return {row.public_id: row.withdrawn_at is not None for row in connection.execute(select(c.public_id, c.withdrawn_at))}


def act_of(answer: TestResponse) -> str:
    found = re.search(r"withdrawal=([0-9a-f]{32})", answer.location or "")
    assert found
    return found[1]


def test_what_is_downloaded_has_other_versions_and_reasons(send: Any, inside: Inside, run_job: Run, alice: str) -> None:
    send(said("u1", "one"), said("a1", "first version", "u1", rating=-1), said("a2", "second version", "u1"), rating=1)
    run_job("anonymise")
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    visitor.post(f"/conversations/{public_id}/reason", message="", reason="so helpful")
    whole = json.loads(choose(visitor, "download", [public_id]).text)
    assert whole == visitor.get(f"/conversations/{public_id}/conversation.json").json
    assert whole["reason"] == "so helpful"
    assert [(message["content"], message["shown"], message["rating"]) for message in whole["messages"]][1:] == [
        ("first version", False, -1),
        ("second version", True, None),
    ]


def test_it_withdraws_them_under_one_receipt(app: ShareLM, three: Browser, run_job: Run) -> None:
    ids = three.public_ids()
    answer = choose(three, "withdraw", [ids[0], ids[1], ids[1]], query="?q=Question&order=oldest")
    assert answer.status_code == 303
    assert answer.location == f"/conversations?q=Question&order=oldest&withdrawal={act_of(answer)}"
    assert [withdrawn(app)[public_id] for public_id in ids] == [True, True, False]
    page = three.get(answer.location).text
    assert "2 conversations withdrawn" in page
    assert "Undo</button>" in page
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(receipt)).all()) == 1
        assert len(connection.execute(select(receipt_conversation)).all()) == 2
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.withdrawn_at.is_not(None)).values(erase_after=now()))
    run_job("purge")
    page = three.get(answer.location).text
    assert "2 conversations erased" in page
    token = re.search(r'href="(/receipts/[^"]+)"', page)
    assert token
    proof = three.get(f"{token[1]}.json").json
    assert sorted(proof["public_ids"]) == sorted(ids[:2])


def test_it_is_taken_back(app: ShareLM, three: Browser) -> None:
    ids = three.public_ids()
    for headers in ({}, HTMX):
        act = act_of(choose(three, "withdraw", ids[:2]))
        answer = three.post("/conversations/restore?order=oldest", receipt_id=act, headers=headers)
        assert (answer.status_code, answer.location) == ((303, "/conversations?order=oldest") if not headers else (200, None))
        assert not any(withdrawn(app).values())
    assert "Back again: 2 conversations not withdrawn." in answer.text
    with read(app.server.engine) as connection:
        assert connection.execute(select(receipt)).all() == connection.execute(select(receipt_conversation)).all() == []
    assert three.get(f"/conversations?withdrawal={act}").status_code == 200


def test_it_is_not_taken_back_after_ten_seconds(app: ShareLM, three: Browser) -> None:
    ids = three.public_ids()
    act = act_of(choose(three, "withdraw", ids[:2]))
    with read(app.server.engine) as connection:
        row = connection.execute(select(conversation.c.withdrawn_at, conversation.c.erase_after).where(conversation.c.public_id == ids[0])).one()
    assert row.erase_after - row.withdrawn_at == timedelta(seconds=10)
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.withdrawn_at.is_not(None)).values(erase_after=now()))
    answer = three.post("/conversations/restore", receipt_id=act)
    assert (answer.status_code, answer.location) == (303, f"/conversations?withdrawal={act}")
    note = three.get(f"/conversations/withdrawals/{act}", headers=HTMX).text
    assert "The time to undo this is over." in note
    assert "Undo</button>" not in note + three.get(answer.location).text
    assert sum(withdrawn(app).values()) == 2


def test_it_answers_htmx_with_the_list_and_the_focus_on_undo(three: Browser) -> None:
    answer = choose(three, "withdraw", three.public_ids()[:2], query="?q=", headers=HTMX)
    assert answer.text.startswith('<div id="list"')
    assert "autofocus" in answer.text.split("Undo</button>")[0]
    assert "2 conversations withdrawn. You can undo this for 10 seconds." in answer.text
    assert 'hx-trigger="load delay:10500ms"' in answer.text


def test_those_that_are_withdrawn_already_stay_under_their_own_receipt(app: ShareLM, three: Browser) -> None:
    ids = three.public_ids()
    three.post(f"/conversations/{ids[0]}/withdraw")
    assert choose(three, "withdraw", ids[:2]).status_code == 303
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(receipt)).all()) == 2
    assert choose(three, "withdraw", ids[:2]).location == "/conversations"


def test_it_downloads_them_as_their_own_pages_do(three: Browser, upload: Upload, run_job: Run, alice: str) -> None:
    upload(alice, "c-0", user=["Question 0"], bot=["Ü 苹果 \u2028 “quoted”\n=1+1"])
    run_job("anonymise")
    upload(alice, "c-3", user=["As given"])
    ids = three.public_ids()
    three.post(f"/conversations/{ids[1]}/withdraw")
    answer = choose(three, "download", ids)
    assert answer.mimetype == "application/jsonl"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sharelm-conversations.jsonl"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = [json.loads(line) for line in answer.data.decode().split("\n")[:-1]]
    assert {row["public_id"] for row in rows} == set(ids) - {ids[1]}
    assert all(row == three.get(f"/conversations/{row['public_id']}/conversation.json").json for row in rows)


@pytest.mark.parametrize("action", ACTIONS)
def test_it_hides_what_belongs_to_someone_else(app: ShareLM, three: Browser, inside: Inside, bob: str, action: str) -> None:
    mine, (his,) = three.public_ids(), inside(bob).public_ids()
    answers = [choose(three, action, [mine[0], other]) for other in (his, "0" * 32, "x", "\x00", mine[1].upper())]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_marks(answer.text) for answer in answers}) == 1
    assert not any(withdrawn(app).values())


def test_a_withdrawal_of_someone_else_is_not_there(app: ShareLM, three: Browser, inside: Inside, bob: str) -> None:
    act = act_of(choose(three, "withdraw", three.public_ids()))
    other = inside(bob)
    for call in (lambda name: other.get(f"/conversations/withdrawals/{name}"), lambda name: other.post("/conversations/restore", receipt_id=name)):
        answers = [call(name) for name in (act, "0" * 32, "x")]
        assert {answer.status_code for answer in answers} == {404}
        assert len({without_marks(answer.text) for answer in answers}) == 1
    assert "3 conversations withdrawn" not in other.get(f"/conversations?withdrawal={act}").text
    assert other.get("/conversations?withdrawal=%00").status_code == 200
    assert other.post("/conversations/restore", receipt_id="\x00").status_code == 404
    assert sum(withdrawn(app).values()) == 3


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(("count", "words"), [(0, "Nothing was selected"), (MOST_SELECTED + 1, "At most 200")])
def test_it_refuses_none_and_too_many(app: ShareLM, three: Browser, action: str, count: int, words: str) -> None:
    answer = choose(three, action, [f"{number:032x}" for number in range(count)])
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize("action", [*ACTIONS, "restore"])
def test_it_changes_nothing_without_our_own_form(app: ShareLM, three: Browser, action: str) -> None:
    path, fields = f"/conversations/{action}", {"id": three.public_ids()[0]}
    assert three.client.post(path, data=fields).status_code == 403
    assert three.post(path, headers={"Origin": "https://evil.example"}, **fields).status_code == 403
    stranger = Browser(app.test_client())
    assert stranger.post(path, **fields).location == "/login"
    assert stranger.post(path, headers=HTMX, **fields).headers["HX-Redirect"] == "/login"
    assert three.get(path).status_code == 404
    assert not any(withdrawn(app).values())


def test_downloads_are_counted(three: Browser) -> None:
    ids = three.public_ids()
    codes = [choose(three, "download", ids[:1]).status_code for _ in range(DOWNLOADS_PER_MINUTE + 1)]
    assert codes == [200] * DOWNLOADS_PER_MINUTE + [429]
