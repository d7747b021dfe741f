"""What must not be left behind: the line of a copy that was updated under the page, markup that runs, keys that belong to nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser
from tests.extension.test_many import full
from tests.extension.test_popup import popup_of
from tests.waiting import wait_for

MARKUP = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


def test_an_updated_extension_leaves_the_open_page_quietly_and_records_it_once_it_is_loaded_again(browser: Browser) -> None:
    browser.consent()
    chat = browser.chat(f"{HOSTS['gradio']}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Before the update")
    browser.wait_for_waiting(2)
    problems: list[str] = []
    chat.page.on("pageerror", lambda problem: problems.append(str(problem)))
    said = len(browser.said)
    browser.office.evaluate("() => void setTimeout(() => chrome.runtime.reload(), 0)")
    wait_for(lambda: chat.banner() == "", seconds=15)
    chat.say("Unseen")
    assert (problems, browser.said[said:]) == ([], [])
    chat.page.reload()
    chat.wait_for_banner("Ready to record")
    chat.say("After the update")
    chat.wait_for_banner("2 messages kept")
    browser.office = browser.context.new_page()
    browser.office.goto(browser.own("config.json"))
    assert sorted(browser.waiting()) == ["After the update", "Before the update", "You said: After the update", "You said: Before the update"]


def test_markup_in_a_message_stays_text_wherever_it_is_shown(browser: Browser) -> None:
    browser.consent()
    chat = browser.chat(f"{HOSTS['gradio']}/")
    chat.wait_for_banner("Ready to record")
    chat.say(MARKUP)
    browser.wait_for_waiting(2)
    popup = popup_of(browser, chat)
    popup.locator(".open").click()
    expect(popup.locator(".talk")).to_contain_text(MARKUP)
    more = browser.context.new_page()
    more.goto(browser.own("more/more.html"))
    more.get_by_label("Search in it").fill("onerror")
    expect(more.locator("#results mark")).to_have_text("onerror")
    options = browser.context.new_page()
    options.goto(browser.own("options/options.html"))
    for page in (popup, more, options):
        assert page.locator("img[onerror], img[src=x]").count() == 0
        assert page.title() != "run"
    assert "onerror" not in chat.banner()


def test_nothing_is_left_behind_that_belongs_to_nothing(browser: Browser) -> None:
    full(browser, 3)
    first, second, _ = browser.listed()
    browser.ask("thumb", id=first["id"], rating=1)
    browser.ask("remove", id=first["id"], state="deleted")
    browser.ask("remove", id=second["id"], state="private")
    browser.send()
    records = {key.removeprefix("c:") for key in browser.storage if key.startswith("c:")}
    assert records == {record["id"] for record in browser.records()}
    assert not [key for key in browser.storage if key.startswith("rate_")]
    assert [shard for key, shard in browser.storage.items() if key.startswith("w:") and shard] == []
    assert "Question" not in str(browser.storage)
    browser.ask("withdrawAll")
    assert [value["state"] for key, value in browser.storage.items() if key.startswith("c:")] == ["private"]  # it stays so for good
    assert [value for key, value in browser.storage.items() if key[:2] in {"w:", "x:"} and value] == []
