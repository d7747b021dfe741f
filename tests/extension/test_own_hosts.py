"""Chat pages on hosts that a person adds: recorded after their permission, at that origin only, and without telling the host."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.extension.conftest import HOSTS, SITE, page
from tests.extension.driver import Browser
from tests.extension.scenes import CODE, CODE_TEXT
from tests.extension.test_popup import find_problems
from tests.waiting import wait_for

# Loopback is the one host that the tests' package may read without being asked: the browser's own question cannot be answered headless.
HERE, OTHER_PORT = "http://127.0.0.1:4010", "http://127.0.0.1:4011"


@pytest.fixture
def agreed(browser: Browser) -> Browser:
    for origin in (HERE, OTHER_PORT):
        browser.context.route(f"{origin}/**", answer)
    browser.consent()
    return browser


def answer(route: Route) -> None:
    shell, _, scene = urlsplit(route.request.url).query.partition("/")
    if route.request.url.endswith("/chat.js"):
        return route.fulfill(body=(SITE / "chat.js").read_text(), content_type="text/javascript")
    if not shell:
        return route.fulfill(body="<h1>Nothing to talk to</h1>", content_type="text/html")
    return route.fulfill(body=page(shell, scene or "empty"), content_type="text/html")


def own(browser: Browser, act: str, origin: str | None = None) -> Any:
    return browser.ask("ownHosts", act=act, origin=origin)


@pytest.mark.parametrize("shell", ["openwebui", "streamlit", "chainlit", "gradio-6"])
def test_a_chat_on_an_added_host_is_recorded_and_its_host_is_not_told(agreed: Browser, shell: str) -> None:
    assert own(agreed, "add", HERE)
    chat = agreed.chat(f"{HERE}/?{shell}")
    chat.wait_for_banner("Ready to record")
    chat.site("made => site.answers.push(made)", {"text": CODE_TEXT, "html": CODE})
    chat.say("Show me code")
    agreed.wait_for_waiting(2)
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    chat.say("While paused")
    chat.press("Go on")
    chat.wait_for_banner("2 messages kept")
    chat.say("Last")
    agreed.wait_for_waiting(4)
    assert agreed.send() == {"sent": 1, "left": 0, "problem": None}
    [row] = agreed.rows()
    assert [message["content"] for message in row["messages"]] == ["Show me code", CODE_TEXT, "Last", "You said: Last"]
    assert row["platform"] == shell.split("-", maxsplit=1)[0]
    assert "127.0.0.1" not in json.dumps(agreed.door.uploads)
    assert "page_host" not in agreed.door.uploads[0]


def test_only_the_exact_origin_counts(agreed: Browser) -> None:
    assert own(agreed, "add", HERE)
    other = agreed.chat(f"{OTHER_PORT}/?streamlit")
    chat = agreed.chat(f"{HERE}/?streamlit")
    chat.wait_for_banner("Ready to record")
    other.say("On another port")
    chat.say("Here")
    agreed.wait_for_waiting(2)
    assert other.banner() == ""
    assert agreed.waiting() == ["Here", "You said: Here"]


def test_a_page_that_is_open_is_recorded_without_a_reload_and_falls_silent_when_removed(agreed: Browser) -> None:
    chat = agreed.chat(f"{HERE}/?chainlit")
    chat.say("Before it was added")
    assert own(agreed, "add", HERE)
    chat.wait_for_banner("Ready to record")
    chat.say("Added")
    agreed.wait_for_waiting(2)
    assert own(agreed, "remove", HERE)
    wait_for(lambda: chat.banner() == "")
    chat.say("Removed")
    assert own(agreed, "add", HERE)
    chat.wait_for_banner("Ready to record")
    chat.say("Added again")
    agreed.wait_for_waiting(4)
    assert sorted(agreed.waiting()) == ["Added", "Added again", "You said: Added", "You said: Added again"]


def test_a_chat_that_is_drawn_late_is_found_by_its_marks(agreed: Browser) -> None:
    assert own(agreed, "add", HERE)
    chat = agreed.chat(f"{HERE}/")
    status = agreed.office.evaluate("async () => (await chrome.tabs.query({})).map((tab) => tab.id).at(-1)")
    wait_for(lambda: agreed.ask("status", tabId=status)["view"])
    assert agreed.ask("status", tabId=status)["view"]["status"] == "nothing"
    assert chat.banner() == ""
    chat.site("() => document.body.insertAdjacentHTML('beforeend', '<div data-testid=stChatInput><textarea></textarea></div>')")
    chat.wait_for_banner("Ready to record")


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:4010/", "http://127.0.0.1:4010/path", "ftp://127.0.0.1", "nonsense", "https://not-allowed.example"]
)
def test_what_is_no_origin_or_not_allowed_is_not_added(agreed: Browser, origin: str) -> None:
    assert not own(agreed, "add", origin)
    assert own(agreed, "list") == []


def test_it_is_registered_anew_when_the_browser_starts_and_forgotten_when_removed(agreed: Browser) -> None:
    registered = "() => chrome.scripting.getRegisteredContentScripts().then((all) => all.map(({ matches }) => matches))"
    own(agreed, "add", HERE)
    own(agreed, "add", OTHER_PORT)
    assert agreed.office.evaluate(registered) == [["http://127.0.0.1/*"]]
    agreed.office.evaluate("() => chrome.scripting.unregisterContentScripts()")
    agreed.worker.evaluate("() => chrome.runtime.onStartup.dispatch()")
    wait_for(lambda: agreed.office.evaluate(registered) == [["http://127.0.0.1/*"]])
    own(agreed, "remove", HERE)
    assert agreed.office.evaluate(registered) == [["http://127.0.0.1/*"]]
    own(agreed, "remove", OTHER_PORT)
    assert agreed.office.evaluate(registered) == []


# The browser's own question stays unanswered without a window: its answer, and what it says of permissions, are put in its place.
STUB = """(answer) => {
  globalThis.asked = [];
  chrome.permissions.request = async ({ origins }) => (asked.push(...origins), answer);
}"""


def popup_on(browser: Browser, address: str, *, answer: bool = True) -> Page:
    front = browser.context.new_page()
    front.goto(address)
    tab = browser.office.evaluate("async () => (await chrome.tabs.query({})).map((tab) => tab.id).at(-1)")
    popup = browser.context.new_page()
    popup.set_viewport_size({"width": 360, "height": 500})
    popup.goto(browser.own(f"popup/popup.html?tab={tab}"))
    popup.evaluate(STUB, answer)
    return popup


def test_the_popup_offers_to_record_on_a_foreign_page(agreed: Browser) -> None:
    popup = popup_on(agreed, f"{HERE}/?streamlit")
    expect(popup.get_by_role("heading", name="Not a chat site that we know")).to_be_visible()
    expect(popup.locator("#here")).to_contain_text("127.0.0.1:4010, is never sent")
    assert not find_problems(popup, "offer")
    popup.get_by_role("button", name="Record on this site").click()
    expect(popup.get_by_role("heading", name="Ready to record")).to_be_visible()
    assert popup.evaluate("asked") == ["http://127.0.0.1/*"]
    assert own(agreed, "list") == [HERE]


def test_a_no_to_the_browser_adds_nothing(agreed: Browser) -> None:
    popup = popup_on(agreed, f"{HERE}/?streamlit", answer=False)
    popup.get_by_role("button", name="Record on this site").click()
    wait_for(lambda: popup.evaluate("asked"))
    expect(popup.get_by_role("button", name="Record on this site")).to_be_visible()
    assert own(agreed, "list") == []


def test_a_yes_that_comes_when_the_popup_is_gone_adds_the_host(agreed: Browser) -> None:
    own(agreed, "wish", HERE)
    agreed.worker.evaluate("() => chrome.permissions.onAdded.dispatch({})")
    wait_for(lambda: own(agreed, "list") == [HERE])


def test_revoked_access_is_a_state_of_its_own_and_stops_the_recording(agreed: Browser) -> None:
    chat = agreed.chat(HOSTS["chatgpt"])
    chat.wait_for_banner("Ready to record")
    agreed.worker.evaluate("() => ((globalThis.kept = chrome.permissions.getAll), (chrome.permissions.getAll = async () => ({ origins: [] })))")
    agreed.worker.evaluate("() => chrome.permissions.onRemoved.dispatch({})")
    wait_for(lambda: chat.banner() == "")
    chat.say("Revoked")
    popup = popup_on(agreed, HOSTS["chatgpt"])
    expect(popup.get_by_role("heading", name="The browser does not let ShareLM read this page")).to_be_visible()
    assert not find_problems(popup, "missing")
    assert agreed.waiting() == []
    agreed.worker.evaluate("() => (chrome.permissions.getAll = kept)")
    popup.get_by_role("button", name="Allow").click()
    expect(popup.get_by_role("heading", name="Ready to record")).to_be_visible()
    assert popup.evaluate("asked") == ["https://chatgpt.com/*"]
    agreed.worker.evaluate("() => chrome.permissions.onAdded.dispatch({})")
    chat.wait_for_banner("Ready to record")
    assert "earlier" not in chat.banner()


def test_the_list_for_the_options_page_adds_and_removes(agreed: Browser) -> None:
    page = agreed.context.new_page()
    page.set_viewport_size({"width": 360, "height": 500})
    page.goto(agreed.own("popup/popup.html?tab=-1"))
    page.evaluate(STUB, True)
    page.evaluate("async () => document.querySelector('main').append(await (await import('../sites.js')).sites())")
    page.get_by_label("Address").fill("http://127.0.0.1:4010/some/page?token=1")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="is added")).to_have_text(f"{HERE} is added.")
    assert own(agreed, "list") == [HERE]
    assert not find_problems(page, "sites")
    page.get_by_role("button", name=f"Remove {HERE}").click()
    expect(page.get_by_role("status").filter(has_text="is removed")).to_be_visible()
    assert own(agreed, "list") == []
    page.get_by_label("Address").fill("nonsense")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="whole address")).to_be_visible()
