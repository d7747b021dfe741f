"""The popup as a person sees it: honest about the page, about what waits, and about the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.extension.scenes import CODE, CODE_TEXT
from tests.waiting import wait_for

AXE = (Path(__file__).parent.parent / "vendor/axe/axe-4.14.1.min.js").read_text(encoding="utf-8")
FIND_PROBLEMS = "async () => (await axe.run()).violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))])"


@pytest.fixture
def chat(browser: Browser) -> Chat:
    browser.consent()
    chat = browser.chat(HOSTS["chatgpt"])
    chat.wait_for_banner("Ready to record")
    chat.site("made => site.answers.push(made)", {"text": CODE_TEXT, "html": CODE})
    chat.say("Why does my bread not rise?")
    browser.wait_for_waiting(2)
    chat.wait_for_banner("2 messages kept")
    return chat


def popup_of(browser: Browser, chat: Chat | None = None, **media: Any) -> Page:
    """The popup as a page of its own, for the tab that holds the chat."""
    tab = browser.office.evaluate("async () => (await chrome.tabs.query({})).map((tab) => tab.id).at(-1)") if chat else -1
    page = browser.context.new_page()
    page.set_viewport_size({"width": 360, "height": 600})
    if media:
        page.emulate_media(**media)
    page.goto(browser.own(f"popup/popup.html?tab={tab}"))
    return page


def test_it_asks_before_anything_else(browser: Browser) -> None:
    page = popup_of(browser)
    expect(page.get_by_role("heading", name="Nothing is recorded yet")).to_be_visible()
    expect(page.get_by_role("link", name="Read and decide")).to_be_visible()
    expect(page.get_by_role("button", name="Send now")).to_be_hidden()


def test_it_shows_what_waits_and_sends_it_with_the_honest_result(browser: Browser, chat: Chat) -> None:
    page = popup_of(browser, chat)
    expect(page.get_by_role("heading", name="Recording on this page")).to_be_visible()
    expect(page.get_by_text("2 messages")).to_be_visible()
    expect(page.get_by_text("sent in 24 h")).to_be_visible()
    browser.door.mode = "closed"
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("#toast")).to_have_text("The server does not answer. 1 conversation stays here, safe on your device.")
    expect(page.locator("#trouble")).to_contain_text("Next try in 1 min.")
    browser.door.mode = "open"
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#toast")).to_have_text("1 conversation is with the server. It will be reviewed before any release.")
    expect(page.locator("#empty")).to_have_text("Nothing waits. 1 sent so far.")
    expect(page.locator("#trouble")).to_be_hidden()


def test_it_deletes_and_undoes(browser: Browser, chat: Chat) -> None:
    page = popup_of(browser, chat)
    page.get_by_role("button", name="Delete this conversation").click()
    expect(page.locator("#empty")).to_be_visible()
    assert browser.waiting() == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 messages")).to_be_visible()
    assert len(browser.waiting()) == 2


def test_it_pauses_the_page_and_opens_rates_and_keeps_private(browser: Browser, chat: Chat) -> None:
    page = popup_of(browser, chat)
    page.get_by_role("switch", name="Record on this page").click()
    expect(page.get_by_role("heading", name="Paused on this page")).to_be_visible()
    chat.wait_for_banner("What you write now is not recorded")
    page.get_by_role("switch", name="Record on this page").click()
    page.get_by_role("button", name="Why does my bread not rise?", exact=True).click()
    expect(page.locator(".talk")).to_contain_text("def rise(hours):")
    page.get_by_role("button", name="Good answer").click()
    wait_for(lambda: [message["rating"] for message in browser.records()[0]["messages"]] == [0, 1])
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Keep private").click()
    expect(page.locator("#toast")).to_contain_text("Kept private")
    chat.wait_for_banner("stays private")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_states_are_accessible(browser: Browser, scheme: str) -> None:
    problems = find_problems(popup_of(browser, color_scheme=scheme), "asking")
    page = browser.context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(browser.own("consent/consent.html"))
    page.locator("details summary").click()
    problems += find_problems(page, "consent")
    browser.consent()
    chat = browser.chat(HOSTS["chatgpt"])
    chat.wait_for_banner("Ready to record")
    chat.say("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 2)
    browser.wait_for_waiting(2)
    popup = popup_of(browser, chat, color_scheme=scheme)
    popup.locator(".open").click()
    popup.locator(".talk li").first.wait_for()
    problems += find_problems(popup, "recording")
    browser.door.mode = "closed"
    popup.get_by_role("button", name="Send now").click()
    popup.get_by_role("button", name="Try now").wait_for()
    problems += find_problems(popup, "server down")
    assert not problems


def find_problems(page: Page, name: str) -> list[Any]:
    page.locator("h1").first.wait_for()
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.wait_for_timeout(200)
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE})
    found = page.evaluate(FIND_PROBLEMS)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [(name, *problem) for problem in found] + ([(name, "scrolls sideways", width)] if width > 0 else [])
