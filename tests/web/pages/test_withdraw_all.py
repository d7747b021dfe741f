"""Withdraw everything: said plainly, typed to confirm, one receipt, signed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read
from sharelm.store.session import login_session
from tests.web.pages.conftest import HTMX, Browser

Inside = Callable[[str], Browser]
Upload = Callable[..., TestResponse]
PAGE = "/withdraw-all"
WORDS = "withdraw everything"


def withdrawn_count(app: ShareLM) -> int:
    with read(app.server.engine) as connection:
        return connection.execute(select(func.count()).where(conversation.c.withdrawn_at.is_not(None))).scalar_one()


@pytest.mark.parametrize("words", [WORDS, "  Withdraw\tEverything "])
def test_it_withdraws_all_of_mine_and_leads_to_one_receipt(
    app: ShareLM, inside: Inside, upload: Upload, run_job: Callable[[str], object], alice: str, bob: str, words: str
) -> None:
    for number in range(7):
        upload(alice, f"c-{number}")
    visitor, other_browser, bobs = inside(alice), inside(alice), inside(bob)
    assert "7 conversations are hidden at once" in visitor.get(PAGE).text
    answer = visitor.post(PAGE, phrase=words)
    assert answer.status_code == 303
    assert "The conversations are hidden already" in visitor.get(answer.location).text
    assert withdrawn_count(app) == 7
    for browser in (visitor, other_browser):
        assert browser.get("/conversations").location == "/login"
    assert bobs.get("/conversations").status_code == 200
    run_job("purge")
    shown = visitor.get(answer.location).text
    assert "Everything is withdrawn" in shown
    assert "We have erased 7 conversations." in shown
    assert "and 2 more, in the file" in shown


@pytest.mark.parametrize("words", ["", "withdraw", "everything", "yes", "withdraw everything now"])
def test_it_changes_nothing_without_the_two_words(app: ShareLM, inside: Inside, alice: str, words: str) -> None:
    visitor = inside(alice)
    answer = visitor.post(PAGE, phrase=words)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Nothing was withdrawn." in answer.text
    assert withdrawn_count(app) == 0
    assert visitor.get("/conversations").status_code == 200


def test_it_changes_nothing_without_our_own_form(app: ShareLM, inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    assert visitor.client.post(PAGE, data={"phrase": WORDS}).status_code == 403
    assert visitor.post(PAGE, phrase=WORDS, headers={"Origin": "https://evil.example"}).status_code == 403
    assert withdrawn_count(app) == 0


def test_it_requires_a_login(browser: Callable[[], Browser]) -> None:
    stranger = browser()
    assert stranger.get(PAGE).location == stranger.post(PAGE, phrase=WORDS).location == "/login"
    assert stranger.post(PAGE, phrase=WORDS, headers=HTMX).headers["HX-Redirect"] == "/login"


def test_the_login_afterwards_shows_ids_dates_and_the_receipt(
    app: ShareLM, inside: Inside, browser: Callable[[], Browser], run_job: Callable[[str], object], alice: str
) -> None:
    path = inside(alice).post(PAGE, phrase=WORDS).location
    run_job("purge")
    again = browser()
    assert again.log_in(alice).status_code == 303
    assert path in again.get("/conversations").text
    assert "no conversation here that is not withdrawn" in again.get(PAGE).text
    assert again.post(PAGE, phrase=WORDS).location == path
    with read(app.server.engine) as connection:
        assert connection.execute(select(login_session)).all() == []


def test_the_list_leads_there(inside: Inside, alice: str) -> None:
    assert f'href="{PAGE}"' in inside(alice).get("/conversations").text
