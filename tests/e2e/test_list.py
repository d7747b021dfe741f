"""The list in a browser: filters without a new page, focus, what is announced, pages, and acts on the selected ones."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Full, Served, give, log_in

Open = Callable[..., Any]
JAVASCRIPT = pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def user_id(served: Served) -> str:
    return give_three(served.address)


def give_three(address: str) -> str:
    """A new contributor with three conversations on two platforms."""
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    for number, site in enumerate(("chatgpt.com/c/1", "claude.ai/chat/1", "claude.ai/chat/2")):
        give(address, user_id, f"c-{number}", user=[f"Question {number}"], page_url=f"https://{site}")
    return user_id


def rows(page: Page) -> Any:
    return page.locator(".entries h2")


def pick(page: Page, *titles: str) -> None:
    for title in titles:
        page.get_by_role("checkbox", name=f"Select {title}").check()


def test_filters_change_the_list_in_place(served: Served, open_page: Open, user_id: str) -> None:
    served.run_job("anonymise")  # only then words are found
    with open_page(served.address) as page:
        log_in(page, user_id)
        page.get_by_text("Filters", exact=True).click()
        page.get_by_label("Platform").focus()
        page.get_by_label("Platform").select_option("Claude")
        expect(rows(page)).to_have_count(2)
        expect(page.get_by_label("Platform")).to_be_focused()
        expect(page.locator("#announcement")).to_have_text("2 conversations found.")
        expect(page).to_have_url(f"{served.address}/conversations?platform=claude")
        page.get_by_label("Search").fill("question 2")
        page.keyboard.press("Enter")
        expect(rows(page)).to_have_count(1)
        expect(page.get_by_label("Search")).to_be_focused()
        page.get_by_role("link", name="“question 2” remove this filter").click()
        expect(rows(page)).to_have_count(2)
        expect(page.locator("#found")).to_be_focused()
        page.get_by_role("link", name="Claude remove this filter").click()
        expect(rows(page)).to_have_count(3)
        expect(page).to_have_url(f"{served.address}/conversations")
        page.go_back()
        expect(rows(page)).to_have_count(2)
        expect(page.get_by_role("heading", name="Conversations", exact=True)).to_have_count(1)


def test_filters_work_without_javascript(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address, java_script_enabled=False) as page:
        log_in(page, user_id)
        page.get_by_text("Filters", exact=True).click()
        page.get_by_label("Platform").select_option("Claude")
        page.get_by_role("button", name="Apply").click()
        expect(rows(page)).to_have_count(2)
        expect(page).to_have_url(f"{served.address}/conversations?platform=claude")
        page.get_by_role("link", name="Claude remove this filter").click()
        expect(rows(page)).to_have_count(3)


def test_it_loads_more_and_moves_the_focus(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address) as page:
        log_in(page, full_server.user_id)
        expect(rows(page)).to_have_count(50)
        page.get_by_role("link", name="Load more").focus()
        page.keyboard.press("Enter")
        expect(rows(page)).to_have_count(60)
        expect(rows(page).nth(50).get_by_role("link")).to_be_focused()
        expect(page.locator("#announcement")).to_have_text("10 conversations more.")
        title = rows(page).nth(55).get_by_role("link").inner_text()
        rows(page).nth(55).get_by_role("link").click()
        page.go_back()
        expect(rows(page)).to_have_count(10)
        expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()


def test_it_turns_pages_without_javascript(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, java_script_enabled=False) as page:
        log_in(page, full_server.user_id)
        page.get_by_role("link", name="Load more").click()
        expect(rows(page)).to_have_count(10)
        page.get_by_role("link", name="Back to the first page").click()
        expect(rows(page)).to_have_count(50)


@JAVASCRIPT
def test_it_withdraws_the_selected_ones_and_takes_it_back(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        bar = page.get_by_role("region", name="Selected conversations")
        if has_javascript:
            expect(bar).to_be_hidden()
        pick(page, "Question 0", "Question 2")
        if has_javascript:
            expect(bar.get_by_text("2 selected")).to_be_visible()
        bar.get_by_role("button", name="Withdraw", exact=True).click()
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        expect(page.get_by_text("2 conversations withdrawn", exact=True)).to_be_visible()
        assert not re.search("Question [02]", page.content())
        if has_javascript:
            expect(undo).to_be_focused()
            expect(page.locator("#announcement")).to_have_text("2 conversations withdrawn. You can undo this for 10 seconds.")
        undo.click()
        expect(page.get_by_role("link", name="Question 0")).to_be_visible()
        if has_javascript:
            expect(page.locator("#announcement")).to_have_text("Back again: 2 conversations not withdrawn.")
            expect(page.locator("#found")).to_be_focused()


def test_the_undo_of_several_goes_away_by_itself(live_server: str, open_page: Open) -> None:
    """In real time, with jobs that run by themselves."""
    user_id = give_three(live_server)
    with open_page(live_server) as page:
        log_in(page, user_id)
        pick(page, "Question 0", "Question 1")
        page.get_by_role("button", name="Withdraw", exact=True).click()
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        expect(undo).to_have_count(0, timeout=20_000)
        page.locator("#act").get_by_role("link", name="Receipt").click()
        expect(page.get_by_role("heading", name="Withdrawn")).to_be_visible(timeout=60_000)


@JAVASCRIPT
def test_it_downloads_the_selected_ones(served: Served, open_page: Open, user_id: str, tmp_path: Path, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        pick(page, "Question 0", "Question 1")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download", exact=True).click()
        download.value.save_as(tmp_path / "file")
        assert download.value.suggested_filename == "sharelm-conversations.jsonl"
    lines = [json.loads(line) for line in (tmp_path / "file").read_text(encoding="utf-8").splitlines()]
    assert sorted(line["messages"][0]["content"] for line in lines) == ["Question 0", "Question 1"]


def test_it_selects_by_keyboard(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address) as page:
        log_in(page, user_id)
        page.get_by_role("checkbox", name="Select Question 2").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Select all shown").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("3 selected")).to_be_visible()
        page.get_by_role("button", name="Clear").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Selected conversations")).to_be_hidden()
        expect(page.get_by_role("checkbox", name="Select Question 2")).to_be_focused()


def test_it_says_why_a_selection_was_refused(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address, java_script_enabled=False) as page:
        page.watch.expected = re.compile("status of 422")
        log_in(page, user_id)
        page.get_by_role("button", name="Withdraw", exact=True).click()
        expect(page.get_by_text("Nothing was selected, and nothing was done.")).to_be_visible()
