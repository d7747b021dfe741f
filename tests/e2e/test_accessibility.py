"""Every page, empty and full, light and dark, wide and narrow: no axe violation, nothing that scrolls sideways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sharelm.config import CHECKOUT
from tests.e2e.conftest import OWN, Full, Served, agree, log_in
from tests.e2e.looks import NARROW, find_problems_in_all_looks

OPEN_PAGES = (
    "/",
    "/install",
    "/login",
    "/open/used",
    "/terms",
    "/terms?language=it",
    "/privacy",
    "/faq",
    "/releases",
    "/receipts/verify",
    "/models",
    "/statistics",
    "/nothing",
)
EMPTY_USER = "Empty-user-ID_0123456789abcdefghijklmnopqrs"
Open = Callable[..., Any]
Visited = Callable[[Page], Iterator[str]]


def open_pages(page: Page) -> Iterator[str]:
    for path in OPEN_PAGES:
        page.goto(path)
        yield path
    page.goto("/releases")
    page.get_by_role("heading", name="Release 20").get_by_role("link").click()
    yield "a release"


def refusals(page: Page) -> Iterator[str]:
    page.goto("/login")
    page.get_by_label("User ID").fill("wrong")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_label("User ID")).to_be_focused()
    yield "login, refused"
    log_in(page, OWN)
    page.goto("/withdraw-all")
    page.get_by_label("to confirm").fill("no")
    page.get_by_role("button", name="Withdraw everything").click()
    expect(page.get_by_label("to confirm")).to_be_focused()
    yield "withdraw everything, refused"
    page.goto("/receipts/verify")
    page.get_by_label("Receipt", exact=True).fill("{}")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#result")).to_be_focused()
    yield "a receipt that is not genuine"


def lists(page: Page) -> Iterator[str]:
    page.goto("/conversations")
    yield "conversations"
    page.goto("/overview")
    page.get_by_text("As a table").click()
    yield "overview"
    page.goto("/statistics")
    page.get_by_text("As a table").click()
    yield "statistics, with the table"
    for name, query in (
        ("nothing at a stage", "stage=approved"),
        ("nothing found", "q=nothing+of+this+kind"),
        ("a long filter", "model=" + "x" * 150),
    ):
        page.goto(f"/conversations?{query}")
        yield name


def all_of_a_list(page: Page) -> Iterator[str]:
    page.goto("/conversations")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("link", name="Load more").click()
    expect(page.get_by_role("link", name="Load more")).to_have_count(0)
    for box in page.get_by_role("checkbox").all()[30:32]:  # no other test needs these
        box.check()
    yield "conversations, all of them, with filters and two selected"
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield "two withdrawn"
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def conversations_of_all_kinds(page: Page) -> Iterator[str]:
    for stage in ("received", "released"):
        page.goto(f"/conversations?stage={stage}")
        for address in [link.get_attribute("href") for link in page.locator(".entries h2 a").all()[:3]]:
            page.goto(address or "")
            yield f"{stage} conversation"
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield "withdrawn conversation"
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("link", name="Receipt").click()
    expect(page.get_by_role("heading", name="Withdrawal asked for")).to_be_visible()
    yield "receipt, not signed"
    page.goto("/conversations?stage=withdrawn")
    yield "withdrawn conversations"


@pytest.mark.parametrize("visited", [open_pages, refusals])
def test_full_pages_are_accessible(full_server: Full, open_page: Open, visited: Visited) -> None:
    with open_page(full_server.address, viewport=NARROW) as page:
        page.watch.expected = re.compile("status of 4(0[14]|22)")
        problems = [problem for name in visited(page) for problem in find_problems_in_all_looks(page, name)]
    assert not problems


@pytest.mark.parametrize("visited", [lists, all_of_a_list, conversations_of_all_kinds])
def test_full_pages_of_a_contributor_are_accessible(full_server: Full, open_page: Open, signed_in: dict[str, Any], visited: Visited) -> None:
    with open_page(full_server.address, viewport=NARROW, **signed_in) as page:
        problems = [problem for name in visited(page) for problem in find_problems_in_all_looks(page, name)]
    assert not problems


def test_empty_pages_are_accessible(served: Served, open_page: Open) -> None:
    agree(served.address, EMPTY_USER)
    with open_page(served.address, viewport=NARROW) as page:
        problems = []
        for path in ("/", "/releases", "/models", "/statistics"):
            page.goto(path)
            problems += find_problems_in_all_looks(page, path)
        log_in(page, EMPTY_USER)
        expect(page.get_by_role("heading", name="No conversations yet")).to_be_visible()
        problems += find_problems_in_all_looks(page, "/conversations")
        page.goto("/overview")
        expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
        problems += find_problems_in_all_looks(page, "/overview")
    assert not problems


def test_a_scheme_is_colours_and_nothing_else() -> None:
    """What is looked for in one scheme only would be missed in the other if more than colours depended on it."""
    styles = re.sub(r"/\*.*?\*/", "", (CHECKOUT / "static/sharelm.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"[^{}]*data-theme[^{}]*\{([^{}]*)\}", styles) == [" color-scheme: light; ", " color-scheme: dark; "]
    assert "prefers-color-scheme" not in styles
    colours = re.findall(r"--[\w-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);", styles)
    assert len(colours) == styles.count("light-dark(") > 20
