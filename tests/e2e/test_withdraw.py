"""From the login to the erased conversation, with JavaScript and without."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Served, give, log_in

TEXT = "How do I prune an old apple tree?"
Open = Callable[..., Any]


@pytest.fixture
def user_id(served: Served) -> str:
    """A contributor of this test alone, with one conversation."""
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    give(served.address, user_id, "c-1", user=[TEXT], bot=["In winter."])
    return user_id


@pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])
def test_it_withdraws_undoes_withdraws_and_is_gone(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.get_by_role("link", name=TEXT).click()
        expect(page.get_by_role("heading", name=TEXT)).to_be_visible()
        address = page.url
        page.get_by_role("button", name="Withdraw").click()
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        assert TEXT not in page.content()
        if has_javascript:
            expect(undo).to_be_focused()
            expect(page.locator("#announcement")).to_have_text("Withdrawn. You can undo this for 10 seconds.")
        undo.click()
        expect(page.get_by_role("heading", name=TEXT)).to_be_visible()
        if has_javascript:
            expect(page.get_by_role("button", name="Withdraw")).to_be_focused()
        page.get_by_role("button", name="Withdraw").click()
        expect(undo).to_be_visible()
        served.end_undo_times()
        served.run_job("purge")
        page.goto(address)
        expect(page.get_by_text("The text and all that was known about it are gone")).to_be_visible()
        page.goto("/conversations")
        assert TEXT not in page.content()
        page.get_by_role("button", name="Sign out").click()
        page.goto("/conversations")
        expect(page).to_have_url(f"{served.address}/login")


def test_its_undo_goes_away_by_itself(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address) as page:
        page.clock.install()
        log_in(page, user_id)
        page.get_by_role("link", name=TEXT).click()
        page.get_by_role("button", name="Withdraw").click()
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        served.end_undo_times()
        page.clock.fast_forward(11_000)
        expect(undo).to_have_count(0)
        expect(page.get_by_role("heading", name="Withdrawn conversation")).to_be_focused()


def test_it_says_so_when_the_server_is_gone(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address) as page:
        log_in(page, user_id)
        page.get_by_role("link", name=TEXT).click()
        page.watch.expected = re.compile("ERR_FAILED|htmx:sendError|htmx:afterRequest")
        page.route("**/withdraw", lambda route: route.abort())
        page.get_by_role("button", name="Withdraw").click()
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer. Nothing was changed")


def test_it_shows_a_refusal_in_the_page(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address) as page:
        log_in(page, user_id)
        page.get_by_role("link", name=TEXT).click()
        page.watch.expected = re.compile("status of 403|Response Status Error Code 403")
        page.evaluate(
            "document.querySelectorAll('[name=csrf_token]').forEach(input => input.value = 'stale'); document.body.removeAttribute('hx-headers')"
        )
        page.get_by_role("button", name="Withdraw").click()
        expect(page.get_by_role("alert")).to_contain_text("This form is too old")
        expect(page.get_by_role("heading", name=TEXT)).to_be_visible()
