"""Withdraw one conversation on its page, and take that back for ten seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.web.current import now
from tests.web.pages.conftest import HTMX, Browser

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
TEXT = "Why does my bread not rise?"


@pytest.fixture
def opened(upload: Upload, inside: Inside, alice: str) -> tuple[Browser, str]:
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    return visitor, f"/conversations/{public_id}"


def test_it_hides_at_once_and_offers_undo(opened: tuple[Browser, str]) -> None:
    visitor, page = opened
    answer = visitor.post(f"{page}/withdraw")
    assert (answer.status_code, answer.location) == (303, page)
    shown = visitor.get(page).text
    assert "Undo" in shown
    assert TEXT not in shown + visitor.get("/conversations").text


def test_it_answers_htmx_with_the_region_and_announces_it(opened: tuple[Browser, str]) -> None:
    visitor, page = opened
    answer = visitor.post(f"{page}/withdraw", headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.strip().startswith('<div id="conversation"')
    assert 'hx-swap-oob="innerHTML:#announcement"' in answer.text
    assert "Undo" in answer.text
    assert TEXT not in answer.text


def test_it_is_taken_back(opened: tuple[Browser, str]) -> None:
    visitor, page = opened
    visitor.post(f"{page}/withdraw")
    assert visitor.post(f"{page}/restore").status_code == 303
    assert TEXT in visitor.get(page).text
    visitor.post(f"{page}/withdraw")
    assert TEXT in visitor.post(f"{page}/restore", headers=HTMX).text


def test_a_withdrawal_through_the_api_ends_the_time_to_undo(client: FlaskClient, opened: tuple[Browser, str], alice: str) -> None:
    visitor, page = opened
    visitor.post(f"{page}/withdraw")
    bearer = {"Authorization": f"Bearer {alice}"}
    assert client.delete("/api/v1/conversations/c-1", headers=bearer).json["receipt"].split("/receipts/")[1] in visitor.get(page).text
    assert TEXT not in visitor.post(f"{page}/restore", headers=HTMX).text
    assert client.get("/api/v1/conversations/c-1", headers=bearer).status_code == 410


def test_the_announcement_changes_when_the_time_to_undo_is_over(app: ShareLM, opened: tuple[Browser, str]) -> None:
    visitor, page = opened
    visitor.post(f"{page}/withdraw")
    assert "#announcement" not in visitor.get(page, headers=HTMX).text
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(erase_after=now()))
    assert 'innerHTML:#announcement">The time to undo the withdrawal is over.' in visitor.get(page, headers=HTMX).text
    assert "#announcement" not in visitor.get(page).text


def test_it_is_not_taken_back_after_ten_seconds(app: ShareLM, opened: tuple[Browser, str]) -> None:
    visitor, page = opened
    visitor.post(f"{page}/withdraw")
    with read(app.server.engine) as connection:
        row = connection.execute(select(conversation.c.withdrawn_at, conversation.c.erase_after)).one()
    assert row.erase_after - row.withdrawn_at == timedelta(seconds=10)
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(erase_after=now()))
    answer = visitor.post(f"{page}/restore", headers=HTMX)
    assert "time to undo" in answer.text
    assert "Undo</button>" not in answer.text + visitor.get(page).text


def test_it_leaves_id_and_dates_after_the_purge(app: ShareLM, opened: tuple[Browser, str], run_job: Callable[[str], object]) -> None:
    visitor, page = opened
    visitor.post(f"{page}/withdraw")
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(erase_after=now()))
    run_job("purge")
    shown = visitor.get(page).text
    assert "Erased" in shown
    assert page.rsplit("/", 1)[1] in shown
    assert not any(word in shown for word in (TEXT, "huggingface", "heron"))


def test_it_changes_nothing_the_second_time(app: ShareLM, opened: tuple[Browser, str]) -> None:
    visitor, page = opened
    times = []
    for _ in range(2):
        assert visitor.post(f"{page}/withdraw").status_code == 303
        with read(app.server.engine) as connection:
            times.append(connection.execute(select(conversation.c.withdrawn_at, conversation.c.erase_after)).one())
    assert times[0] == times[1]
    assert [visitor.post(f"{page}/restore").status_code for _ in range(2)] == [303, 303]


@pytest.mark.parametrize("action", ["withdraw", "restore"])
def test_it_changes_nothing_without_our_own_form(app: ShareLM, opened: tuple[Browser, str], action: str) -> None:
    visitor, page = opened
    assert visitor.client.post(f"{page}/{action}").status_code == 403
    assert visitor.post(f"{page}/{action}", headers={"Origin": "https://evil.example"}).status_code == 403
    assert visitor.get(f"{page}/{action}").status_code == 405
    with read(app.server.engine) as connection:
        assert connection.execute(select(conversation.c.withdrawn_at)).scalar_one() is None


@pytest.mark.parametrize("action", ["withdraw", "restore"])
def test_it_requires_a_login(app: ShareLM, opened: tuple[Browser, str], action: str) -> None:
    _, page = opened
    stranger = Browser(app.test_client())
    assert stranger.post(f"{page}/{action}").location == "/login"
    assert stranger.post(f"{page}/{action}", headers=HTMX).headers["HX-Redirect"] == "/login"


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_says_what_cannot_be_called_back(opened: tuple[Browser, str], run_job: Callable[[str], object]) -> None:
    visitor, page = opened
    assert "It has not been published." in visitor.get(page).text
    for name in ("anonymise", "release"):
        run_job(name)
    assert "Published copies cannot be called back" in visitor.get(page).text
    visitor.post(f"{page}/withdraw")
    assert "Published copies cannot be called back" in visitor.get(page).text


def test_the_page_of_a_withdrawn_one_asks_until_it_is_erased(
    upload: Any, inside: Any, run_job: Any, alice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from sharelm import jobs
    from sharelm.web.pages import one_conversation

    upload(alice)
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    visitor.post(f"/conversations/{public_id}/withdraw")
    later = one_conversation.now() + timedelta(seconds=11)
    monkeypatch.setattr(one_conversation, "now", lambda: later)
    address = f"/conversations/{public_id}?until=erased"
    assert f'hx-get="{address}"' in visitor.get(f"/conversations/{public_id}").text
    assert visitor.get(address, headers={"HX-Request": "true"}).status_code == 204
    monkeypatch.setattr(jobs, "clock", lambda: later)
    run_job("purge")
    assert "<strong>Erased</strong>" in visitor.get(address, headers={"HX-Request": "true"}).text
