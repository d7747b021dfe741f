"""Every page, empty and full, light and dark, wide and narrow: no axe violation, nothing that scrolls sideways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import AXE, Full, agree, log_in

LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 320)]
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
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = node => node && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
  const out = [...document.querySelectorAll("body *")].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !scrolls(node.parentElement) && !node.closest(".sr, .skip");
  });
  return [document.documentElement.scrollWidth - width, out.slice(0, 3).map(node => node.outerHTML.slice(0, 120))];
}"""


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_full_pages_are_accessible(full_server: Full, open_page: Open, scheme: str, width: int) -> None:
    with open_page(full_server.address, color_scheme=scheme, viewport={"width": width, "height": 700}) as page:
        problems = [problem for name in full_pages(page, full_server.user_id) for problem in find_problems(page, name)]
    assert not problems


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_empty_pages_are_accessible(live_server: str, open_page: Open, scheme: str, width: int) -> None:
    agree(live_server, EMPTY_USER)
    with open_page(live_server, color_scheme=scheme, viewport={"width": width, "height": 700}) as page:
        problems = []
        for path in ("/", "/releases", "/models", "/statistics"):
            page.goto(path)
            problems += find_problems(page, path)
        log_in(page, EMPTY_USER)
        expect(page.get_by_role("heading", name="No conversations yet")).to_be_visible()
        problems += find_problems(page, "/conversations")
        page.goto("/overview")
        expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
        problems += find_problems(page, "/overview")
    assert not problems


def full_pages(page: Page, user_id: str) -> Iterator[str]:
    page.watch.expected = re.compile("status of 40[14]")  # type: ignore[attr-defined]
    for path in OPEN_PAGES:
        page.goto(path)
        yield path
    page.goto("/releases")
    page.get_by_role("heading", name="Release 20").get_by_role("link").click()
    yield "a release"
    page.goto("/login")
    page.get_by_label("User ID").fill("wrong")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_label("User ID")).to_be_focused()
    yield "login, refused"
    log_in(page, user_id)
    yield "conversations"
    page.goto("/overview")
    page.get_by_text("As a table").click()
    yield "overview"
    page.goto("/statistics")
    page.get_by_text("As a table").click()
    yield "statistics, with the table"
    page.goto("/conversations?stage=approved")
    yield "nothing at a stage"
    yield from conversations_of_all_kinds(page)
    yield from withdrawing_everything(page)


def conversations_of_all_kinds(page: Page) -> Iterator[str]:
    for stage in ("received", "released"):
        page.goto(f"/conversations?stage={stage}")
        for address in [link.get_attribute("href") for link in page.locator(".entries h2 a").all()[:3]]:
            page.goto(address or "")
            yield f"{stage} conversation"
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield "withdrawn conversation"
    address = page.url
    page.get_by_role("link", name="Receipt").click()
    expect(page.get_by_role("heading", name="Withdrawal asked for")).to_be_visible()
    yield "receipt, not signed"
    page.goto("/conversations?stage=withdrawn")
    yield "withdrawn conversations"
    page.goto(address)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()


def withdrawing_everything(page: Page) -> Iterator[str]:
    page.watch.expected = re.compile("status of 4(0[14]|22)")  # type: ignore[attr-defined]
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


def find_problems(page: Page, name: str) -> list[str]:
    page.evaluate("document.fonts.ready")
    sideways, out = page.evaluate(SIDEWAYS)
    problems = [f"{name} scrolls sideways by {sideways}: {out}"] if sideways > 0 or out else []
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return problems + [f"{name}: {rule['id']} {[node['target'] for node in rule['nodes'][:3]]}" for rule in found["violations"]]
