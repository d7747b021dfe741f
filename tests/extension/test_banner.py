"""The line on the page: honest, in nobody's way, and deaf to scripts."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.waiting import wait_for

CHATGPT, GRADIO = HOSTS["chatgpt"], HOSTS["gradio"]


@pytest.fixture
def chat(browser: Browser) -> Chat:
    browser.consent()
    chat = browser.chat(CHATGPT)
    chat.wait_for_banner("Ready to record")
    return chat


def test_scripts_of_the_page_can_neither_see_nor_press_it(chat: Chat) -> None:
    assert chat.site("document.querySelector('#sharelm').shadowRoot") is None
    chat.site("() => document.querySelector('#sharelm').dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }))")
    assert "Ready to record" in chat.banner()


def test_it_never_moves_the_page(chat: Chat) -> None:
    place = "() => JSON.stringify([...document.querySelectorAll('body, #list, form')].map(one => one.getBoundingClientRect()))"
    before = chat.site(place)
    chat.site("() => document.querySelector('#sharelm').remove()")
    assert chat.site(place) == before


def test_it_moves_and_folds_and_remembers(browser: Browser, chat: Chat) -> None:
    chat.press("Move to the bottom")
    wait_for(lambda: chat.site("document.querySelector('#sharelm').dataset.side") == "bottom")
    chat.press("Fold the ShareLM line")
    wait_for(lambda: "Ready" not in chat.banner())
    other = browser.chat(GRADIO)
    wait_for(lambda: other.site("document.querySelector('#sharelm')?.dataset.side") == "bottom")
    other.press("Unfold")
    other.wait_for_banner("Ready to record")


def test_it_says_so_when_it_cannot_read_the_page(browser: Browser, chat: Chat) -> None:
    lost = browser.chat(f"{CHATGPT}/c/33333333-2222-4333-8444-555555555555?shell=chatgpt-lost&scene=short")
    wait_for(lambda: "No chat recognised here" in lost.banner(), seconds=25)
    lost.press("Look again")
    assert browser.records() == []


def test_not_on_this_site_is_remembered(browser: Browser) -> None:
    chat = browser.chat(CHATGPT)
    chat.press("Not on this site")
    wait_for(lambda: chat.banner() == "")
    browser.consent()
    again = browser.chat(CHATGPT)
    again.say("Not here")
    again.page.wait_for_timeout(1_000)
    assert again.banner() == ""
    assert browser.waiting() == []
    browser.ask("here", host="chatgpt.com")
    again.wait_for_banner("Ready to record")
    assert "earlier" not in again.banner()


def test_what_is_sent_without_the_composer_counts_if_its_answer_streams(browser: Browser, chat: Chat) -> None:
    chat.say("Typed")
    chat.page.wait_for_timeout(1_700)
    chat.site("() => void site.submit('By voice')")
    browser.wait_for_waiting(4)
    assert browser.waiting()[2:] == ["By voice", "You said: By voice"]
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    chat.site("() => void site.submit('By voice, in private')")
    chat.page.wait_for_timeout(1_500)
    chat.press("Go on")
    chat.wait_for_banner("4 messages kept")
    assert "earlier" not in chat.banner()
    assert len(browser.waiting()) == 4


def test_a_chat_in_a_frame_has_the_one_banner(browser: Browser, chat: Chat) -> None:
    browser.context.route(
        "https://example.org/",
        lambda route: route.fulfill(body=f"<iframe src='{GRADIO}/?token=SECRET' width=900 height=500></iframe>", content_type="text/html"),
    )
    page = browser.context.new_page()
    page.goto("https://example.org/")
    frame = page.frame_locator("iframe")
    frame.locator("#sharelm").wait_for(state="attached")
    assert page.locator("#sharelm").count() == 0
    frame.locator("textarea").click()
    page.keyboard.insert_text("In a frame")
    page.keyboard.press("Enter")
    browser.wait_for_waiting(2)
    browser.send()
    assert browser.door.uploads[0]["page_host"] == "heron-demo.hf.space"
    assert not any("SECRET" in json.dumps(kept) for kept in (browser.door.posts, browser.storage))


def test_a_page_that_is_no_chat_has_nothing_of_ours(browser: Browser, chat: Chat) -> None:
    browser.context.route("https://example.org/", lambda route: route.fulfill(body="<h1>News</h1>", content_type="text/html"))
    assert f"chrome-extension://{browser.id}" in worlds(chat.page)
    foreign = browser.context.new_page()
    foreign.goto("https://example.org/")
    assert worlds(foreign) == ["https://example.org"]


def worlds(page: Page) -> list[str]:
    """Where the scripts come from that run in a page."""
    found: list[str] = []
    session = page.context.new_cdp_session(page)
    session.on("Runtime.executionContextCreated", lambda event: found.append(event["context"]["origin"]))
    session.send("Runtime.enable")
    return sorted({origin for origin in found if "://" in origin and not origin.endswith("://")})
