"""Receipts on their pages: open to whoever has the address, signed after the purge; checked by paste or file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from sharelm.web.current import now
from tests.web.pages.conftest import HTMX, Browser

Inside = Callable[[str], Browser]
RunJob = Callable[[str], object]
TEXT = "Why does my bread not rise?"


@pytest.fixture
def withdrawn(inside: Inside, alice: str) -> tuple[Browser, str, str]:
    """Alice's browser, the page of her withdrawn conversation, and its receipt."""
    visitor = inside(alice)
    page = f"/conversations/{visitor.public_ids()[0]}"
    visitor.post(f"{page}/withdraw")
    return visitor, page, receipt_on(visitor.get(page).text)


def receipt_on(page: str) -> str:
    found = re.search(r'href="(/receipts/[\w\-]{43})"', page)
    assert found
    return found[1]


def end_undo(app: ShareLM) -> None:
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.erase_after.is_not(None)).values(erase_after=now()))


def test_it_is_open_to_whoever_has_the_address(app: ShareLM, withdrawn: tuple[Browser, str, str], run_job: RunJob) -> None:
    _, page, path = withdrawn
    stranger = app.test_client()
    asked = stranger.get(path)
    assert "Withdrawal asked for" in asked.text
    assert 'hx-trigger="every 2s"' in asked.text
    assert "Look again" in asked.text
    assert (stranger.get(path, headers=HTMX).status_code, stranger.get(path, headers=HTMX).data) == (204, b"")
    end_undo(app)
    run_job("purge")
    shown = stranger.get(path)
    assert "We have erased this conversation." in shown.text
    assert page.rsplit("/", 1)[1] in shown.text
    assert "hx-trigger" not in shown.text + stranger.get(path, headers=HTMX).text
    assert "The receipt is signed." in stranger.get(path, headers=HTMX).text
    assert (shown.headers["Cache-Control"], shown.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Set-Cookie" not in shown.headers


def test_it_holds_no_text_and_nothing_of_the_person(app: ShareLM, withdrawn: tuple[Browser, str, str], run_job: RunJob, alice: str) -> None:
    visitor, _, path = withdrawn
    end_undo(app)
    run_job("purge")
    everything = visitor.get(path).text + visitor.get(f"{path}.json").text
    assert not any(word in everything for word in (TEXT, alice, "huggingface", "heron", "c-1"))


def test_an_undo_takes_it_back(withdrawn: tuple[Browser, str, str]) -> None:
    visitor, page, path = withdrawn
    visitor.post(f"{page}/restore")
    assert TEXT in visitor.get(page).text
    assert "/receipts/" not in visitor.get(page).text
    assert visitor.get(path).status_code == visitor.get(f"{path}.json").status_code == 404
    assert visitor.get(path, headers=HTMX).headers["HX-Refresh"] == "true"
    visitor.post(f"{page}/withdraw")
    assert receipt_on(visitor.get(page).text) != path


def test_it_is_a_file_to_download(app: ShareLM, withdrawn: tuple[Browser, str, str], run_job: RunJob) -> None:
    visitor, _, path = withdrawn
    assert visitor.get(f"{path}.json").status_code == 202
    end_undo(app)
    run_job("purge")
    file = visitor.get(f"{path}.json")
    assert (file.status_code, file.content_type) == (200, "application/json")
    assert file.headers["Content-Disposition"] == f'attachment; filename="sharelm-receipt-{file.json["receipt_id"]}.json"'


@pytest.mark.parametrize("token", ["x", "x" * 43, "../login", "x" * 42 + "\u00e9", "verify.json", "x" * 43 + ".json", "x" * 44])
def test_what_is_no_token_is_not_found(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/receipts/{token}")
    assert answer.status_code == 404
    assert (answer.content_type == "application/problem+json") == token.endswith(".json")


def test_withdrawn_ones_are_listed_with_id_dates_and_receipt_only(app: ShareLM, withdrawn: tuple[Browser, str, str], run_job: RunJob) -> None:
    visitor, page, path = withdrawn
    for _ in range(2):
        (row,) = re.findall(r"<li[^>]*>(?:(?!</li>).)*class=\"mono\".*?</li>", visitor.get("/conversations").text, re.DOTALL)
        assert path in row
        assert page in row
        assert not any(word in row for word in (TEXT, "huggingface", "heron", "message"))
        end_undo(app)
        run_job("purge")


def test_somebody_elses_receipt_is_on_no_page_of_mine(withdrawn: tuple[Browser, str, str], inside: Inside, bob: str) -> None:
    _, page, _ = withdrawn
    theirs = inside(bob)
    assert theirs.get(page).status_code == 404
    assert "/receipts/" not in theirs.get("/conversations").text


def test_it_is_checked_by_paste_and_by_file(
    app: ShareLM, withdrawn: tuple[Browser, str, str], run_job: RunJob, browser: Callable[[], Browser]
) -> None:
    end_undo(app)
    run_job("purge")
    text = browser().get(f"{withdrawn[2]}.json").text
    stranger = browser()
    assert "This receipt is genuine" in stranger.post("/receipts/verify", receipt=f"  {text}  ").text
    token = stranger.token("/receipts/verify")
    sent = {"csrf_token": token, "receipt": "", "file": (io.BytesIO(text.encode()), "receipt.json")}
    answer = stranger.client.post("/receipts/verify", data=sent, content_type="multipart/form-data")
    assert "This receipt is genuine" in answer.text
    assert json.loads(text)["receipt_id"] in answer.text


@pytest.mark.parametrize(("old", "new"), [('"everything": false', '"everything": true'), ("sharelm withdrawal receipt", "sharelm"), ("{", "")])
def test_a_changed_one_is_not_genuine(
    app: ShareLM, withdrawn: tuple[Browser, str, str], run_job: RunJob, browser: Callable[[], Browser], old: str, new: str
) -> None:
    end_undo(app)
    run_job("purge")
    text = browser().get(f"{withdrawn[2]}.json").text
    assert old in text
    answer = browser().post("/receipts/verify", receipt=text.replace(old, new))
    assert "Not genuine" in answer.text
    assert "This receipt is genuine" not in answer.text


@pytest.mark.parametrize("given", ["", "<script>alert(1)</script>", '{"server": "<img src=x onerror=alert(1)>"}', "\x00", "\u202e"])
def test_what_is_no_receipt_is_neither_genuine_nor_repeated(browser: Callable[[], Browser], given: str) -> None:
    answer = browser().post("/receipts/verify", receipt=given)
    assert answer.status_code == 200
    assert "Not genuine" in answer.text
    assert not given or given not in answer.text


def test_checking_needs_our_own_form(client: FlaskClient) -> None:
    assert client.post("/receipts/verify", data={"receipt": "x"}).status_code == 403


def test_its_own_pages_poll_and_no_other_open_page_loads_htmx(client: FlaskClient, withdrawn: tuple[Browser, str, str]) -> None:
    assert "htmx" in client.get(withdrawn[2]).text
    assert "htmx" not in client.get("/receipts/verify").text
