"""The options: another server only after it was asked, looked at and confirmed; another user ID; where nothing is recorded."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import SECRET, free_port, gunicorn
from tests.extension.conftest import HOSTS, SOURCE, change
from tests.extension.door import Door
from tests.extension.driver import Browser, Chat
from tests.extension.test_popup import find_problems, popup_of
from tests.waiting import wait_for

GRADIO = HOSTS["gradio"]
WELL_KNOWN = "/.well-known/sharelm.json"
OWN_ID = "Heron-1234567890_abcdefghij"
# The browser's question is a window of its own, which no test can answer.
STUB = """answer => { globalThis.asked = []; chrome.permissions.request = async (what) => { asked.push(...what.origins); return answer; }; }"""
UNTRANSLATED = r"""() => document.body.innerText.match(/\b(?:options|more|faq|facts|access|button|popup|nav|consent)_\w+/g) ?? []"""


@pytest.fixture(scope="session")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second server, run by somebody else."""
    folder, port = tmp_path_factory.mktemp("other-server"), free_port()
    environment = {"SHARELM_INSTANCE": str(folder), "PORT": str(port), "SHARELM_SECRET": SECRET, "SHARELM_JOBS": "off"}
    environment |= {"SHARELM_STUDY": "Heron study", "SHARELM_OPERATOR": "Heron library", "SHARELM_CONTACT": "heron@example.org"}
    with gunicorn(environment, folder / "log") as address:
        yield address


@pytest.fixture
def other(other_server: str) -> Iterator[Door]:
    with Door(other_server) as door:
        yield door


@pytest.fixture
def chat(browser: Browser) -> Chat:
    browser.consent()
    chat = browser.chat(f"{GRADIO}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Keep me")
    browser.wait_for_waiting(2)
    return chat


def options_of(browser: Browser, query: str = "", *, answer: bool = True, **media: Any) -> Page:
    page = browser.context.new_page()
    if media:
        page.emulate_media(**media)
    page.goto(browser.own(f"options/options.html{query}"))
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.evaluate(STUB, answer)
    return page


def choose(page: Page, address: str) -> None:
    page.get_by_label("Use another server").fill(address)
    page.get_by_role("button", name="Check this server").click()
    page.get_by_role("button", name="Use this server").click()
    expect(page.locator("#found")).to_contain_text("The server was changed.")


def test_a_link_fills_the_field_and_changes_nothing(browser: Browser, other: Door) -> None:
    page = options_of(browser, f"?server={other.address}")
    expect(page.get_by_label("Use another server")).to_have_value(other.address)
    assert "server" not in browser.storage
    assert other.seen == []


def test_another_server_is_asked_shown_confirmed_and_agreed_to(browser: Browser, chat: Chat, other: Door) -> None:
    page = options_of(browser)
    expect(page.locator("#source")).to_have_text("This address came with the extension.")
    page.get_by_label("Use another server").fill(f"{other.address}/install?x=1")
    page.get_by_role("button", name="Check this server").click()
    for words in ("Heron study", "Heron library", "heron@example.org", "CC-BY-4.0", "24 hours", other.address):
        expect(page.locator("#found")).to_contain_text(words)
    assert page.evaluate("asked") == ["http://127.0.0.1/*"]
    assert "server" not in browser.storage
    page.get_by_role("button", name="Use this server").click()
    expect(page.locator("#source")).to_have_text("You chose this address.")
    assert browser.waiting() == ["Keep me", "You said: Keep me"]
    chat.wait_for_banner("The terms have changed")
    assert browser.send()["problem"] == "consent"
    assert browser.door.uploads == other.uploads == []
    browser.consent()
    assert browser.send()["sent"] == 1
    browser.door.behind = other.behind
    assert [message["content"] for message in browser.rows()[0]["messages"]] == ["Keep me", "You said: Keep me"]


def test_a_chat_goes_on_at_the_other_server_with_what_is_new(browser: Browser, chat: Chat, other: Door) -> None:
    browser.send()
    chat.wait_for_banner("2 messages sent")
    choose(options_of(browser), other.address)
    browser.consent()
    chat.wait_for_banner("Ready to record")
    chat.say("For the herons")
    browser.wait_for_waiting(2)
    assert browser.send()["sent"] == 1
    sent = other.uploads[0]["messages"]
    assert [(message["content"], message["gap"]) for message in sent] == [("For the herons", True), ("You said: For the herons", False)]
    assert sent[0]["parent_id"] is None
    assert len(browser.rows()[0]["messages"]) == 2  # at the former server, as it was


PROBLEMS = {
    "http://sharelm.example.org": "That is no address we can use.",
    "javascript:alert(1)": "That is no address we can use.",
    "stranger": "it is no ShareLM server",
    "closed": "The server does not answer, so nothing was changed.",
    "denied": "The browser did not allow it",
    "terms": "The server does not answer, so nothing was changed.",
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_handshake_that_fails_changes_nothing_and_says_what_to_do(browser: Browser, other: Door, problem: str) -> None:
    browser.consent()
    before = browser.storage
    other.mode = "closed" if problem == "closed" else "open"
    other.missing = {"stranger": {WELL_KNOWN}, "terms": {"/api/v1/consent?language=en"}}.get(problem, set())
    page = options_of(browser, answer=problem != "denied")
    page.get_by_label("Use another server").fill(problem if ":" in problem else other.address)
    page.get_by_role("button", name="Check this server").click()
    if problem == "terms":
        page.get_by_role("button", name="Use this server").click()
    expect(page.locator("#address-said")).to_contain_text(PROBLEMS[problem])
    assert browser.storage == before


def test_one_can_go_back_to_the_built_in_server(browser: Browser, chat: Chat, other: Door) -> None:
    page = options_of(browser)
    choose(page, other.address)
    page.get_by_role("button", name="Back to the built-in server").click()
    expect(page.locator("#source")).to_have_text("This address came with the extension.")
    assert "server" not in browser.storage
    assert browser.ask("status", tabId=-1)["consent"] == "given"
    assert browser.send()["sent"] == 1
    assert len(browser.rows()) == 1


def test_withdrawals_that_still_wait_are_not_lost_without_a_word(browser: Browser, chat: Chat, other: Door) -> None:
    browser.send()
    [record] = browser.records()
    browser.ask("remove", id=record["id"], state="deleted")
    browser.door.mode = "closed"
    browser.ask("withdraw", id=record["id"])
    page = options_of(browser)
    page.get_by_label("Use another server").fill(other.address)
    page.get_by_role("button", name="Check this server").click()
    page.get_by_role("button", name="Use this server").click()
    expect(page.locator("#found")).to_contain_text("1 conversation that you withdrew is not withdrawn yet")
    assert "server" not in browser.storage
    assert browser.ask("useId", userId=OWN_ID) == {"problem": "withdrawals", "withdrawals": 1}
    page.get_by_role("button", name="Change all the same").click()
    wait_for(lambda: browser.storage.get("server", {}).get("server") == other.address)


def test_an_administrators_choice_goes_before_the_persons(browser: Browser, other: Door) -> None:
    browser.consent()
    managed = {"serverUrl": other.address, "study": "Course 101"}
    browser.worker.evaluate("managed => { chrome.storage.managed.get = async () => managed; }", managed)
    status = browser.ask("status", tabId=-1)
    assert (status["server"], status["study"], status["source"], status["consent"]) == (other.address, "Course 101", "managed", "renew")
    page = options_of(browser)
    expect(page.locator("#source")).to_contain_text("Your organisation has set this address.")
    expect(page.get_by_label("Use another server")).to_be_hidden()
    assert browser.ask("choose", address=browser.door.address) == {"problem": "managed"}
    other.mode = "closed"
    terms = browser.context.new_page()
    terms.goto(browser.own("consent/consent.html"))
    expect(terms.locator("#news")).to_contain_text(f"{other.address} does not answer, so its terms cannot be shown.")
    expect(terms.get_by_role("button", name="I agree")).to_be_hidden()
    other.mode = "open"
    browser.consent()
    assert browser.ask("status", tabId=-1)["operator"] == "Heron library"


def test_the_schema_for_administrators_is_well_formed() -> None:
    manifest = json.loads((SOURCE / "manifest.json").read_text())
    schema = json.loads((SOURCE / manifest["storage"]["managed_schema"]).read_text())
    assert {name: value["type"] for name, value in schema["properties"].items()} == {"serverUrl": "string", "study": "string"}


def test_without_access_to_the_servers_host_nothing_is_sent_until_it_is_allowed(start: Callable[..., Browser], tmp_path: Path, door: Door) -> None:
    change(tmp_path / "package/config.json", server=door.address.replace("127.0.0.1", "localhost"))
    browser = start()
    browser.consent()
    chat = browser.chat(f"{GRADIO}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Keep me")
    browser.wait_for_waiting(2)
    assert browser.send() == {"sent": 0, "left": 1, "problem": "access"}
    assert door.posts == []
    assert browser.office.evaluate("chrome.alarms.get('send')") is None
    options = options_of(browser)
    expect(options.locator("#access")).to_contain_text("The browser keeps us from the server")
    assert find_problems(options, "no access") == []
    popup = popup_of(browser, chat)
    expect(popup.locator("#trouble")).to_contain_text("Nothing is sent to localhost")
    assert find_problems(popup, "no access") == []
    popup.evaluate(STUB, True)
    browser.worker.evaluate("() => { chrome.permissions.contains = async () => true; }")
    popup.get_by_role("button", name="Allow").click()
    expect(popup.locator("#trouble")).to_be_hidden()
    assert popup.evaluate("asked") == ["http://localhost/*"]
    assert browser.send()["sent"] == 1


def test_the_user_id_is_hidden_until_asked_for_and_copied(browser: Browser) -> None:
    page = options_of(browser)
    expect(page.locator("#id")).to_have_text("You get one when you agree to the terms.")
    browser.consent()
    user_id = browser.storage["user_id"]
    expect(page.locator("#id")).to_have_text("•" * 24)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#id")).to_have_text(user_id)
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }; }")
    page.get_by_role("button", name="Copy user ID").click()
    expect(page.locator("#id-said")).to_have_text("Copied")
    assert page.evaluate("copied") == user_id


def test_an_id_that_one_has_is_used_and_agreed_with_anew(browser: Browser, chat: Chat) -> None:
    browser.send()
    chat.say("With the other ID")
    browser.wait_for_waiting(2)
    page = options_of(browser)
    page.get_by_text("Use an ID that I have").click()
    page.get_by_label("Your other user ID").fill("too short")
    page.get_by_role("button", name="Use this ID").click()
    expect(page.locator("#own-said")).to_contain_text("This is no user ID.")
    expect(page.get_by_label("Your other user ID")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Your other user ID").fill(OWN_ID)
    page.get_by_role("button", name="Use this ID").click()
    expect(page.locator("#own-said")).to_have_text("From now on you give with this ID.")
    assert browser.storage["user_id"] == OWN_ID
    assert browser.storage["consent"]["is_posted"] is False
    assert browser.send()["sent"] == 1
    assert [message["content"] for message in browser.rows()[0]["messages"]] == ["With the other ID", "You said: With the other ID"]
    assert browser.ask("withdraw", id=browser.records()[0]["id"])["sent"] == 0


def test_recording_is_paused_everywhere_and_sites_are_let_in_again(browser: Browser, chat: Chat) -> None:
    page = options_of(browser)
    page.get_by_role("switch", name="Record on all pages").click()
    chat.wait_for_banner("Paused")
    expect(page.get_by_role("switch", name="Record on all pages")).to_have_attribute("aria-checked", "false")
    page.get_by_role("switch", name="Record on all pages").click()
    chat.wait_for_banner("Recording this conversation")
    browser.office.evaluate("() => chrome.storage.local.set({ settings: { notHere: ['heron-demo.hf.space', 'poe.com'] } })")
    page.get_by_role("button", name="Allow on this site: poe.com").click()
    expect(page.locator("#sites li")).to_have_count(1)
    assert browser.storage["settings"]["notHere"] == ["heron-demo.hf.space"]
    page.get_by_role("button", name="Allow on this site: heron-demo.hf.space").click()
    expect(page.locator("#no-sites")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_states_are_accessible(browser: Browser, other: Door, scheme: str) -> None:
    page = options_of(browser, color_scheme=scheme)
    problems = find_problems(page, "before consent")
    browser.consent()
    browser.office.evaluate("() => chrome.storage.local.set({ settings: { notHere: ['poe.com'] } })")
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_label("Use another server").fill(other.address)
    page.get_by_role("button", name="Check this server").press("Enter")
    page.get_by_role("button", name="Use this server").wait_for()
    page.get_by_text("Use an ID that I have").click()
    page.get_by_role("button", name="Use this ID").click()
    page.get_by_role("button", name="Show").click()
    problems += find_problems(page, "full, 320 px")
    assert not problems
    assert page.evaluate(UNTRANSLATED) == []


def server_says(door: Door, path: str) -> Any:
    with urllib.request.urlopen(door.behind + path) as answer:
        return json.load(answer)


def test_what_it_shows_is_what_the_server_says_of_itself(other: Door) -> None:
    said = server_says(other, WELL_KNOWN)
    assert (said["name"], said["operator"], said["contact"], said["hold_hours"]) == ("Heron study", "Heron library", "heron@example.org", 24)
