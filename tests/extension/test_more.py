"""The page "More" and what the popup asks of the server: search, files, counts, words, and withdrawing everything."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.extension.test_options import UNTRANSLATED, options_of
from tests.extension.test_popup import find_problems, popup_of
from tests.waiting import wait_for

GRADIO = HOSTS["gradio"]
DOWN = "The server does not answer"
SAID = ['=HYPERLINK("http://heron.example","#1")', "-1+1, or more", "@home", "Plain #words\nin two lines", "＝1"]


@pytest.fixture
def chat(browser: Browser) -> Chat:
    browser.consent()
    chat = browser.chat(f"{GRADIO}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Why does my bread not rise?")
    browser.wait_for_waiting(2)
    return chat


def more_of(browser: Browser, **media: Any) -> Page:
    page = browser.context.new_page()
    if media:
        page.emulate_media(**media)
    page.goto(browser.own("more/more.html"))
    page.locator("[aria-busy=true]").wait_for(state="detached")
    return page


def put(browser: Browser, texts: list[str], *, records: int = 1) -> None:
    """As if these had been recorded."""
    browser.office.evaluate(
        """async ([texts, records]) => {
          await import(chrome.runtime.getURL('shared/record.js'));
          const { record } = globalThis.ShareLM;
          for (let number = 0; number < records; number++) {
            const kept = record.create(`made-${number}`, { platform: 'gradio', host: 'heron-demo.hf.space' }, Date.now());
            texts.forEach((text, place) => record.put(kept, { id: `m${place}`, digest: `${place}`, role: place % 2 ? 'assistant' : 'user', text,
              model: null, rating: place === 1 ? -1 : 0, at: Date.now(), parent: place ? `m${place - 1}` : null, gap: false }, { now: Date.now() }));
            await chrome.storage.local.set({ [`c:${kept.id}`]: kept });
          }
        }""",
        [texts, records],
    )


def saved(page: Page, name: str) -> Path:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    assert caught.value.suggested_filename.startswith("sharelm-")
    return Path(caught.value.path())


def test_what_waits_is_searched_whatever_the_case(browser: Browser, chat: Chat) -> None:
    page = more_of(browser)
    expect(page.locator("#waits")).to_have_text("1 conversation waits here.")
    page.get_by_label("Search in it").fill("BREAD")
    expect(page.locator("#found")).to_have_text("Found in 1 conversation.")
    expect(page.locator("#results mark")).to_have_text("bread")
    page.get_by_label("Search in it").fill("<b>")
    expect(page.locator("#found")).to_have_text("Found in 0 conversations.")
    page.get_by_label("Search in it").fill("")
    put(browser, ["İstanbul, and the ẞ of Straße"])
    expect(page.locator("#waits")).to_have_text("2 conversations wait here.")
    page.get_by_label("Search in it").fill("straße")
    expect(page.locator("#results mark")).to_have_text("Straße")


def test_the_table_has_every_row_and_no_formula(browser: Browser) -> None:
    browser.consent()
    put(browser, SAID, records=60)
    page = more_of(browser)
    raw = saved(page, "Save as a table (CSV)").read_bytes().decode("utf-8-sig")
    head, *rows = csv.reader(raw.splitlines(keepends=True), strict=True)
    assert len(rows) == 60 * len(SAID)
    assert {len(row) for row in rows} == {len(head)}
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r＝＋－＠")]
    first = [dict(zip(head, row, strict=True)) for row in rows if row[0] == "made-0"]
    assert [row["content"].removeprefix("'") for row in first] == SAID
    assert [row["rating"] for row in first] == ["", "down", "", "", ""]
    assert raw.count("\r\n") == len(rows) + 1
    expect(page.locator("#saved")).to_contain_text("Saved: 60 conversations.")


def test_the_json_has_everything_that_waits_and_nothing_that_does_not(browser: Browser, chat: Chat) -> None:
    browser.send()
    put(browser, SAID)
    found = json.loads(saved(more_of(browser), "Save as JSON").read_text(encoding="utf-8"))["conversations"]
    assert [[message["content"] for message in kept["messages"]] for kept in found] == [SAID]


def test_the_server_counts_what_was_given(browser: Browser, chat: Chat) -> None:
    browser.send()
    page = more_of(browser)
    expect(page.locator("#numbers dt")).to_have_text(["conversations", "messages in them", "released", "withdrawn"])
    expect(page.locator("#numbers dd")).to_have_text(["1", "2", "0", "0"])
    browser.door.mode = "closed"
    expect(more_of(browser).locator("#numbers-said")).to_contain_text("The server does not say now how much it has.")


def test_what_one_says_of_oneself_is_kept_at_the_server_and_erased_there(browser: Browser) -> None:
    browser.consent()
    page = more_of(browser)
    page.get_by_label("Age", exact=True).select_option("35-44")
    page.get_by_label("Country").fill("Utopia")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#you-said")).to_contain_text("The server could not read the country")
    page.get_by_label("Country").fill("italia")
    page.get_by_label("Gender").fill("Woman")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#you-said")).to_have_text("The server has this now.")
    expect(page.get_by_label("Country")).to_have_value("Italy")
    assert browser.server_says("/api/v1/me/demographics") == {"age_band": "35-44", "country": "IT", "gender": "woman"}
    assert "woman" not in json.dumps(browser.storage).lower()
    again = more_of(browser)
    expect(again.get_by_label("Age", exact=True)).to_have_value("35-44")
    again.get_by_role("button", name="Erase these answers").click()
    expect(again.locator("#you-said")).to_contain_text("Erased at the server.")
    assert set(browser.server_says("/api/v1/me/demographics").values()) == {None}


def test_nothing_is_pretended_where_the_server_does_not_answer(browser: Browser, chat: Chat) -> None:
    page = more_of(browser)
    page.get_by_label("Message").fill("Good day")
    page.get_by_role("button", name="Save", exact=True).wait_for()  # what the server has of the person is there
    browser.door.mode = "closed"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#you-said")).to_contain_text(DOWN)
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator("#write-said")).to_contain_text("nothing was sent. Your words are still here.")
    expect(page.get_by_label("Message")).to_have_value("Good day")
    page.get_by_role("button", name="Open my data").click()
    expect(page.locator("#data-said")).to_have_text(DOWN)
    page.get_by_role("button", name="Withdraw everything …").click()
    page.get_by_role("button", name="Withdraw everything", exact=True).click()
    expect(page.locator("#receipt")).to_contain_text("Nothing was withdrawn.")
    assert len(browser.waiting()) == 2
    assert browser.storage["consent"]


def test_words_to_the_operator_arrive(browser: Browser) -> None:
    browser.consent()
    page = more_of(browser)
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator("#write-said")).to_have_text("Write something first.")
    expect(page.get_by_label("Message")).to_be_focused()
    page.get_by_label("Message").fill("Good day")
    page.get_by_label("Where an answer may reach you").fill("alice@example.org")
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator("#write-said")).to_have_text("Your message has arrived.")
    expect(page.get_by_label("Message")).to_have_value("")
    assert browser.door.posts[-1] == ("/api/v1/contact", {"message": "Good day", "reply_to": "alice@example.org"})


def test_my_data_opens_by_a_code_and_never_by_the_user_id(browser: Browser, chat: Chat) -> None:
    browser.send()
    popup = popup_of(browser, chat)
    with browser.context.expect_page() as opened:
        popup.get_by_role("button", name="Open my data").click()
    opened.value.wait_for_url(f"{browser.door.address}/open/*")
    assert browser.storage["user_id"] not in opened.value.url
    browser.door.missing = {"/api/v1/login-code"}
    page = more_of(browser)
    with browser.context.expect_page() as home:
        page.get_by_role("button", name="Open my data").click()
    home.value.wait_for_url(f"{browser.door.address}/")


def test_tell_us_sends_what_it_shows_and_nothing_else(browser: Browser) -> None:
    browser.consent()
    chat = browser.chat(HOSTS["chatgpt"] + "/c/0f1e2d3c-aaaa-bbbb-cccc-0123456789ab")
    chat.wait_for_banner("No chat recognised here")
    popup = popup_of(browser, chat)
    popup.get_by_role("button", name="Tell us").click()
    version = browser.office.evaluate("chrome.runtime.getManifest().version")
    words = f"platform: chatgpt\nextension: {version}\nproblem: unrecognised"
    expect(popup.locator("#toast pre")).to_have_text(words)
    assert find_problems(popup, "telling") == []
    assert "/api/v1/contact" not in [path for path, _ in browser.door.posts]
    popup.get_by_role("button", name="Send this").click()
    expect(popup.locator("#toast")).to_have_text("Sent. Thank you.")
    assert browser.door.posts[-1] == ("/api/v1/contact", {"message": words})


def test_everything_is_withdrawn_after_one_question(browser: Browser, chat: Chat) -> None:
    browser.send()
    chat.say("Still waiting")
    browser.wait_for_waiting(2)
    page = more_of(browser)
    page.get_by_role("button", name="Withdraw everything …").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(browser.rows()) == 1
    page.get_by_role("button", name="Withdraw everything …").click()
    page.get_by_role("button", name="Withdraw everything", exact=True).click()
    expect(page.locator("#receipt")).to_contain_text("Withdrawn on")
    expect(page.locator("#receipt")).to_contain_text("The server withdrew 1 conversation.")
    assert browser.rows() == []
    assert not [key for key in browser.storage if key.startswith(("c:", "x:"))]
    assert "consent" not in browser.storage
    chat.wait_for_banner("Nothing is recorded before you agree")
    chat.say("Not any more")
    wait_for(lambda: browser.ask("status", tabId=-1)["consent"] == "needed")
    assert browser.waiting() == []


def test_before_consent_there_is_nothing_to_take_back_or_to_ask(browser: Browser) -> None:
    page = more_of(browser)
    expect(page.get_by_role("button", name="Withdraw everything …")).to_be_disabled()
    expect(page.locator("#write-said")).to_contain_text("You have no user ID yet.")
    expect(page.get_by_role("button", name="Open my data")).to_be_hidden()
    assert [path for path in browser.door.seen if "/me" in path] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_states_are_accessible(browser: Browser, chat: Chat, scheme: str) -> None:
    page = more_of(browser, color_scheme=scheme)
    page.get_by_label("Search in it").fill("bread")
    page.get_by_role("button", name="Save as JSON").click()
    for summary in page.locator("summary").all():
        summary.press("Enter")
    page.locator("#numbers dd").first.wait_for()
    problems = find_problems(page, "full")
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_role("button", name="Withdraw everything …").press("Enter")
    problems += find_problems(page, "asked, 320 px")
    page.get_by_role("button", name="Withdraw everything", exact=True).press("Enter")
    page.locator("#receipt .note").wait_for()
    problems += find_problems(page, "withdrawn, 320 px")
    assert not problems
    assert page.evaluate(UNTRANSLATED) == []


def test_italian_fits_and_is_whole(start: Callable[..., Browser], tmp_path: Path) -> None:
    shutil.copy(tmp_path / "package/_locales/it/messages.json", tmp_path / "package/_locales/en/messages.json")
    browser = start()
    page = more_of(browser)
    expect(page.get_by_role("heading", name="Ritira tutto", exact=True)).to_be_visible()
    options = options_of(browser)
    for shown in (page, options):
        shown.set_viewport_size({"width": 320, "height": 700})
        assert find_problems(shown, "Italian, 320 px") == []
        assert shown.evaluate(UNTRANSLATED) == []
