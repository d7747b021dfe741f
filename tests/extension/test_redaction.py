"""What is replaced before anything leaves the device: as the server would, marked in the popup; and passages hidden by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Playwright, expect

from sharelm.anonymise.rules import FILE
from tests.anonymise.local import redact
from tests.anonymise.test_linear_time import HOSTILE
from tests.anonymise.texts import GOLDEN, conversations
from tests.extension.conftest import ARGUMENTS, HOSTS, SOURCE
from tests.extension.driver import Browser, Chat
from tests.extension.test_popup import find_problems, popup_of
from tests.waiting import wait_for

MAIL, CARD, PASSAGE = "anna@example.org", "4111 1111 1111 1111", "my cousin in Trento"
FIRST = f"Write to {MAIL} about {PASSAGE}, card {CARD}."
SENT = "Write to [EMAIL_ADDRESS_1] about [HIDDEN_1], card [CREDIT_CARD_1]."
FILES = "http://engine.localhost/"
REDACT = """async ([base, rules, given]) => {
  await import(base + "shared/checks.js");
  await import(base + "shared/redaction.js");
  const { Redaction } = globalThis.ShareLM;
  const redaction = new Redaction(rules);
  const results = [];
  for (const texts of given) {
    const { pieces } = await redaction.redact(texts, { digest: async (value) => value });
    if (pieces.some((one, place) => one.map(({ raw }) => raw).join("") !== texts[place])) throw new Error("the pieces do not make the text");
    results.push(pieces.map(Redaction.joined));
  }
  return results;
}"""


@pytest.fixture(scope="module")
def engine(playwright: Playwright, chromium: str) -> Iterator[Page]:
    """A page of an origin that has the files of the extension: what replaces asks neither a page nor the extension for anything."""
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    page = browser.new_page()
    page.route(f"{FILES}**", lambda route: route.fulfill(path=SOURCE / urlsplit(route.request.url).path[1:]))
    page.goto(f"{FILES}config.json")
    yield page
    browser.close()


def redact_in(engine: Page, given: list[list[str]]) -> list[list[str]]:
    """What the browser makes of these conversations."""
    result: list[list[str]] = engine.evaluate(REDACT, [FILES, json.loads(FILE.read_text(encoding="utf-8")), given])
    return result


@pytest.fixture
def chat(browser: Browser) -> Chat:
    browser.consent()
    chat = browser.chat(HOSTS["chatgpt"])
    chat.wait_for_banner("Ready to record")
    return chat


def opened(browser: Browser, chat: Chat) -> Page:
    page = popup_of(browser, chat)
    page.locator(".open").first.click()
    page.locator(".talk li").first.wait_for()
    return page


def hide(page: Page, passage: str) -> None:
    page.get_by_label("Hide a passage").fill(passage)
    page.get_by_role("button", name="Hide", exact=True).click()


def uploaded(browser: Browser) -> dict[str, str]:
    """The text of each message as it last left the device."""
    return {message["id"]: message["content"] for upload in browser.door.uploads for message in upload["messages"]}


def test_both_engines_make_the_same_of_golden_texts(engine: Page) -> None:
    assert redact_in(engine, [golden["given"] for golden in GOLDEN]) == [golden["expected"] for golden in GOLDEN]


def test_both_engines_make_the_same_of_random_texts(engine: Page) -> None:
    given = conversations(600, seed=20261122)
    expected = [redact(texts) for texts in given]
    assert sum(one != two for one, two in zip(given, expected, strict=True)) > 300
    assert redact_in(engine, given) == expected


@pytest.mark.timeout(120)
def test_hostile_texts_stay_linear_in_the_browser(engine: Page) -> None:
    long = [[(pattern * (1_000_000 // len(pattern) + 1))[:1_000_000]] for pattern in HOSTILE]
    for texts in long:
        assert redact_in(engine, [texts])


def test_what_leaves_holds_neither_what_the_rules_find_nor_what_was_hidden(browser: Browser, chat: Chat) -> None:
    chat.say(FIRST)
    browser.wait_for_waiting(2)
    page = opened(browser, chat)
    expect(page.locator(".talk .user del")).to_have_text([MAIL, CARD])
    hide(page, PASSAGE)
    expect(page.locator("#toast")).to_contain_text("Hidden wherever it stands in this conversation")
    expect(page.locator(".talk .user del")).to_have_text([MAIL, PASSAGE, CARD])
    assert [mark.get_attribute("data-label") for mark in page.locator(".talk .user del").all()] == [
        *("[EMAIL_ADDRESS_1]", "[HIDDEN_1]", "[CREDIT_CARD_1]"),
    ]
    assert browser.send()["sent"] == 1
    assert list(uploaded(browser).values()) == [SENT, f"You said: {SENT}"]
    left = json.dumps(browser.door.uploads)
    assert not any(secret in left for secret in (MAIL, CARD, PASSAGE))
    assert [message["redactions"] for message in browser.door.uploads[0]["messages"]] == [3, 3]
    [row] = browser.rows()
    assert [message["content"] for message in row["messages"]] == [SENT, f"You said: {SENT}"]
    kept = json.dumps(browser.storage)
    assert not any(secret in kept for secret in (MAIL, CARD, PASSAGE))


def test_numbers_stay_when_a_conversation_goes_in_parts(browser: Browser, chat: Chat) -> None:
    chat.say(f"I am {MAIL}, he is bob@example.org, about {PASSAGE}")
    browser.wait_for_waiting(2)
    hide(opened(browser, chat), PASSAGE)
    wait_for(lambda: browser.records()[0]["hidden"])
    browser.send()
    chat.say(f"And carol@example.org, BOB@example.org; {PASSAGE} again")
    browser.wait_for_waiting(2)
    browser.send()
    assert list(uploaded(browser).values())[2] == "And [EMAIL_ADDRESS_3], [EMAIL_ADDRESS_2]; [HIDDEN_1] again"


def test_a_second_try_says_the_same_as_the_first(browser: Browser, chat: Chat) -> None:
    chat.say("Hello")
    browser.wait_for_waiting(2)
    browser.send()
    chat.say(f"First {MAIL}")
    browser.wait_for_waiting(2)
    browser.door.mode = "deaf"
    browser.send()
    browser.door.mode = "open"
    browser.send()
    _, first, second = browser.door.uploads
    assert first["messages"][0]["content"] == "First [EMAIL_ADDRESS_1]"
    assert [message["content"] for message in first["messages"]] == [message["content"] for message in second["messages"]]


def test_a_hidden_passage_stays_hidden_when_the_page_is_read_again(browser: Browser, chat: Chat) -> None:
    chat.say(FIRST)
    browser.wait_for_waiting(2)
    hide(opened(browser, chat), PASSAGE)
    wait_for(lambda: browser.records()[0]["hidden"])
    scene = chat.site("site.messages")
    chat.page.reload()
    chat.site("scene => site.show(scene)", scene)
    chat.wait_for_banner("2 messages kept")
    chat.say(f"Once more: {PASSAGE}")
    browser.wait_for_waiting(4)
    browser.send()
    first, _, third, _ = uploaded(browser).values()
    assert (first, third) == (SENT, "Once more: [HIDDEN_1]")
    assert PASSAGE not in json.dumps(browser.door.uploads)


def test_a_hidden_passage_stays_hidden_when_a_sent_message_goes_along_once_more(browser: Browser, chat: Chat) -> None:
    chat = browser.chat(f"{HOSTS['chatgpt']}/c/11111111-2222-4333-8444-555555555555?shell=chatgpt-roles&scene=short")
    chat.wait_for_banner("Add 2 earlier messages")
    chat.say(FIRST)
    browser.wait_for_waiting(2)
    hide(opened(browser, chat), PASSAGE)
    wait_for(lambda: browser.records()[0]["hidden"])
    browser.send()
    chat.press("Add 2 earlier messages")
    wait_for(lambda: len(browser.waiting()) >= 3)
    assert any(PASSAGE in text for text in browser.waiting())
    browser.send()
    assert SENT in [message["content"] for message in browser.door.uploads[1]["messages"]]
    assert PASSAGE not in json.dumps(browser.door.uploads)
    assert [message["content"] for message in browser.rows()[0]["messages"]][2:] == [SENT, f"You said: {SENT}"]


def test_hiding_can_be_undone_until_it_is_sent(browser: Browser, chat: Chat) -> None:
    chat.say(FIRST)
    browser.wait_for_waiting(2)
    page = opened(browser, chat)
    hide(page, PASSAGE)
    page.get_by_role("button", name=f"Show again: {PASSAGE}").click()
    expect(page.locator(".talk .user del")).to_have_text([MAIL, CARD])
    browser.send()
    assert f"about {PASSAGE}, card [CREDIT_CARD_1]" in uploaded(browser)[browser.records()[0]["messages"][0]["id"]]


def test_what_was_hidden_while_it_was_on_its_way_goes_again_hidden(browser: Browser, chat: Chat) -> None:
    chat.say(FIRST)
    browser.wait_for_waiting(2)
    [record] = browser.records()
    browser.door.answering.clear()
    browser.office.evaluate("() => void chrome.runtime.sendMessage({ kind: 'send' })")
    wait_for(lambda: browser.door.uploads)
    assert browser.ask("hide", id=record["id"], passage=PASSAGE)
    browser.door.answering.set()
    assert PASSAGE in uploaded(browser)[record["messages"][0]["id"]]
    wait_for(lambda: PASSAGE not in json.dumps(uploaded(browser)), seconds=15)
    wait_for(lambda: not browser.waiting(), seconds=15)
    assert [message["content"] for message in browser.rows()[0]["messages"]] == [SENT, f"You said: {SENT}"]


def test_a_passage_can_be_selected_with_the_mouse_and_hidden_with_the_keyboard(browser: Browser, chat: Chat) -> None:
    chat.say("Trento, twice: Trento")
    browser.wait_for_waiting(2)
    page = opened(browser, chat)
    page.locator(".talk .user pre").dblclick(position={"x": 10, "y": 8})
    expect(page.get_by_label("Hide a passage")).to_have_value("Trento")
    page.get_by_label("Hide a passage").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".talk .user del")).to_have_text(["Trento", "Trento"])
    expect(page.get_by_role("button", name="Hide", exact=True)).to_be_focused()
    hide(page, "Merano")
    expect(page.locator("#toast")).to_contain_text("These words are not in what waits here.")
    expect(page.get_by_label("Hide a passage")).to_have_value("Merano")


def test_the_marks_and_the_field_are_accessible(browser: Browser, chat: Chat) -> None:
    chat.say(FIRST)
    browser.wait_for_waiting(2)
    page = opened(browser, chat)
    hide(page, PASSAGE)
    expect(page.locator(".talk .user del")).to_have_text([MAIL, PASSAGE, CARD])
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", arg=scheme)
        assert not find_problems(page, f"hiding, {scheme}")
