"""Reviewers in a real browser: with the keyboard, without JavaScript, and accessible in every look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import processes
from tests.e2e.conftest import BOTH, LONG_WORD, Served, give, serve_without_jobs
from tests.e2e.looks import NARROW, find_problems_in_all_looks

PASSWORD = "a long password of Rae's"
RISKY = "I am 43, I work at the dairy, I live in Laxdorp, and my wife was diagnosed last year."
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve_without_jobs(tmp_path_factory.mktemp("review"), SHARELM_REVIEW="manual", SHARELM_HOLD_HOURS="0") as served:
        processes.flask("reviewer", "add", "rae", environment=served.environment, input=f"{PASSWORD}\n").check_returncode()
        yield served


@pytest.fixture
def waiting(served: Served, request: pytest.FixtureRequest) -> Served:
    """Three conversations of this test, one of them risky."""
    user_id = f"{abs(hash(request.node.name)):043}"[:43]
    # Words of this test alone: what other tests left waiting is no near duplicate, which would come first.
    own = " ".join("".join("abcdefghij"[int(digit)] for digit in user_id[place : place + 4]) for place in range(19, 43, 4))
    for number, text in enumerate((f"Which bread for {LONG_WORD}?", RISKY, "Why does yeast rise?")):
        give(served.address, user_id, f"c-{number}", user=[text], bot=[f"With time. {own}"])
    served.run_job("anonymise")
    return served


def log_in(page: Page) -> None:
    page.goto("/review")
    page.get_by_label("Name", exact=True).fill("rae")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def opened(page: Page) -> str:
    return page.locator("#conversation .mono").inner_text()


@BOTH
def test_it_is_decided_with_forms(waiting: Served, open_page: Open, has_javascript: bool) -> None:
    with open_page(waiting.address, java_script_enabled=has_javascript) as page:
        log_in(page)
        expect(page.locator("#queue li").first).to_contain_text("High risk")
        first = opened(page)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("The next one is open.")).to_be_visible()
        assert opened(page) != first
        page.locator("summary", has_text="Do not accept").click()
        page.get_by_label("Why?").select_option(label="It is no conversation")
        page.get_by_role("button", name="Do not accept").click()
        expect(page.get_by_text("Not accepted", exact=True)).to_be_visible()
        page.locator("summary", has_text="Hide text").click()
        page.get_by_label("Hide this").fill("With time")
        page.get_by_role("button", name="Show where it stands").click()
        page.get_by_role("button", name="Hide it").click()
        expect(page.locator("#thread")).to_contain_text("[HIDDEN_1]")
        page.get_by_role("link", name="Log").click()
        expect(page.locator("tbody tr").first).to_contain_text("hide")


@BOTH
def test_a_release_is_approved_with_a_form(waiting: Served, open_page: Open, has_javascript: bool) -> None:
    with open_page(waiting.address, java_script_enabled=has_javascript) as page:
        log_in(page)
        page.get_by_role("button", name="Approve").click()
        waiting.run_job("release")
        page.get_by_role("navigation").get_by_role("link", name="Releases").first.click()
        page.get_by_role("button", name="Approve release").click()
        expect(page.get_by_text("It is being made final.")).to_be_visible()
        waiting.run_job("approved")
        page.get_by_role("link", name="Look again").click()
        expect(page.get_by_text("No release waits")).to_be_visible()
        expect(page.locator("table").last.locator("tbody tr").first).to_contain_text("1")


def test_it_is_decided_with_the_keyboard(waiting: Served, open_page: Open) -> None:
    with open_page(waiting.address) as page:
        log_in(page)
        first = opened(page)
        page.keyboard.press("j")
        expect(page.locator("#conversation .mono")).not_to_have_text(first)
        page.keyboard.press("k")
        expect(page.locator("#conversation .mono")).to_have_text(first)
        page.keyboard.press("r")
        expect(page.get_by_label("Why?")).to_be_focused()
        page.keyboard.press("j")  # a letter in a field is a letter
        expect(page.locator("#conversation .mono")).to_have_text(first)
        page.keyboard.press("Tab")
        page.goto("/review")
        page.keyboard.press("?")
        switch = page.locator("#keys button")
        expect(switch).to_be_focused()
        page.keyboard.press("Enter")
        expect(switch).to_have_text("Switch on")
        page.keyboard.press("a")
        expect(page.locator("#conversation .mono")).to_have_text(first)
        switch.click()
        page.locator("h1").click()
        page.keyboard.press("a")
        expect(page.get_by_text("The next one is open.")).to_be_visible()
        expect(page.locator("#conversation .mono")).not_to_have_text(first)


def test_every_page_of_reviewers_is_accessible(waiting: Served, open_page: Open) -> None:
    with open_page(waiting.address, viewport=NARROW) as page:
        page.goto("/review/login")
        problems = find_problems_in_all_looks(page, "login")
        log_in(page)
        for summary in page.locator("#conversation summary").all():
            summary.click()
        problems += find_problems_in_all_looks(page, "queue")
        page.get_by_role("button", name="Approve").click()
        page.get_by_role("link", name="Look at it again").click()
        problems += find_problems_in_all_looks(page, "one")
        waiting.run_job("release")
        for path in ("/review/messages", "/review/log", "/review?risk=1&reason=grave", "/review?mark=flood", "/review/releases"):
            page.goto(path)
            problems += find_problems_in_all_looks(page, path)
    assert not problems
