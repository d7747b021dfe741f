"""Troubles that concern one conversation, one tab or one answer of the server, and must not become everybody's."""

from __future__ import annotations

import pytest

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.extension.test_outbox import keep, outbox
from tests.waiting import wait_for

CHATGPT = f"{HOSTS['chatgpt']}/?shell=chatgpt-roles"
DAY = 24 * 3_600_000


@pytest.fixture
def chat(browser: Browser) -> Chat:
    """A conversation of two messages that waits."""
    browser.consent()
    chat = browser.chat(CHATGPT)
    chat.wait_for_banner("Ready to record")
    chat.say("Hello")
    chat.wait_for_banner("2 messages kept")
    return chat


def address(chat: Chat) -> str:
    return f"{chat.page.url.split('?')[0]}?shell=chatgpt-roles"


def opened_again(browser: Browser, chat: Chat) -> Chat:
    """The same chat in another tab."""
    scene = chat.site("site.messages")
    other = browser.chat(address(chat))
    other.site("scene => site.show(scene)", scene)
    return other


def test_one_conversation_that_the_server_cannot_take_stops_no_other(browser: Browser) -> None:
    browser.consent()
    keep(browser, 12)
    browser.door.troubled = {listed["id"] for listed in outbox(browser, "summaries")[:9]}
    results = [browser.send() for _ in range(4)]  # three at a time fail, then come last
    assert results[-1] == {"sent": 3, "left": 9, "problem": "no-answer"}
    assert len(browser.rows()) == 3
    browser.door.troubled = set()
    assert browser.send() == {"sent": 9, "left": 0, "problem": None}


def test_a_server_that_fails_at_everything_is_asked_three_times_and_left_alone(browser: Browser) -> None:
    browser.consent()
    keep(browser, 8)
    browser.door.mode = "error"
    assert browser.send() == {"sent": 0, "left": 8, "problem": "no-answer"}
    assert len(browser.door.uploads) == 3


def test_a_withdrawal_that_fails_does_not_hold_up_what_waits(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1, "Regretted", "~one")
    [listed] = browser.listed()
    assert browser.send()["sent"] == 1
    browser.ask("remove", id=listed["id"], state="private")
    browser.door.troubled = {listed["id"]}
    assert browser.ask("withdraw", id=listed["id"])["problem"] == "no-answer"
    keep(browser, 1, "Waiting", "~two")
    assert browser.send() == {"sent": 1, "left": 1, "problem": "no-answer"}
    browser.door.troubled = set()
    assert browser.send()["problem"] is None
    assert [row["messages"][0]["content"] for row in browser.rows()] == ["Waiting 0"]


def test_a_server_that_wants_an_agreement_which_it_does_not_name_is_not_asked_without_end(browser: Browser, chat: Chat) -> None:
    browser.door.mode, browser.door.part = "status:409", "/api/v1/conversations"
    assert browser.send() == {"sent": 0, "left": 1, "problem": "no-answer"}
    assert browser.storage["pause"]["failures"] == 1
    browser.door.mode = "open"
    assert browser.send()["sent"] == 1


@pytest.mark.parametrize(("asked", "hours"), [("Fri, 01 Jan 2100 00:00:00 GMT", 24), ("99999999", 24), ("nonsense", 0)])
def test_it_waits_as_long_as_it_is_told_but_no_longer_than_a_day(browser: Browser, chat: Chat, asked: str, hours: int) -> None:
    browser.door.mode = "busy"
    browser.door.retry_after = asked
    browser.send()
    waits = browser.office.evaluate("async () => (await chrome.storage.local.get('pause')).pause.until - Date.now()")
    assert hours * 3_500_000 < waits <= max(hours, 1) * 3_600_000


def test_a_clock_that_was_wrong_does_not_silence_it_for_years(browser: Browser, chat: Chat) -> None:
    browser.office.evaluate("by => chrome.storage.local.set({ pause: { failures: 1, until: Date.now() + by, reason: 'no-answer' } })", 2 * DAY)
    browser.age(25)
    browser.alarm()
    wait_for(lambda: browser.waiting() == [])


def test_a_conversation_that_is_kept_private_in_one_tab_is_so_in_the_other(browser: Browser, chat: Chat) -> None:
    other = opened_again(browser, chat)
    other.wait_for_banner("2 messages kept")
    chat.page.bring_to_front()
    chat.press("Keep private")
    other.wait_for_banner("Record from now")
    other.page.bring_to_front()
    other.say("Said in private")
    chat.page.bring_to_front()
    chat.press("Record from now")
    other.wait_for_banner("Ready to record")
    again = opened_again(browser, other)
    again.wait_for_banner("Ready to record")
    again.say("Recorded again")
    again.wait_for_banner("2 messages kept here for 24 hours. Pause")
    assert browser.waiting() == ["Recorded again", "You said: Recorded again"]


def test_what_was_said_while_private_is_not_offered_after_an_undo(browser: Browser, chat: Chat) -> None:
    [record] = browser.records()
    removed = browser.ask("remove", id=record["id"], state="private")
    chat.wait_for_banner("Record from now")
    chat.say("Said while private")
    wait_for(lambda: len(browser.records()[0]["withheld"]) >= 2)
    browser.ask("undo", before=removed["before"])
    again = opened_again(browser, chat)
    again.wait_for_banner("2 messages kept here for 24 hours. Pause")
    assert browser.waiting() == ["Hello", "You said: Hello"]


def test_what_was_kept_private_for_good_is_not_offered_after_everything_was_withdrawn(browser: Browser, chat: Chat) -> None:
    assert browser.send()["sent"] == 1
    chat.press("Keep private")
    chat.wait_for_banner("Record from now")
    assert browser.ask("withdrawAll")["withdrawnAt"]
    browser.consent()
    opened_again(browser, chat).wait_for_banner("Record from now")


def test_answers_that_cannot_be_found_are_not_passed_over_in_silence(browser: Browser) -> None:
    browser.consent()
    chat = browser.chat(f"{HOSTS['grok']}/")
    chat.wait_for_banner("Ready to record")
    chat.site("""() => new MutationObserver(() => document.querySelectorAll("[data-testid=assistant-message]").forEach((one) => one.remove()))
      .observe(document.body, { subtree: true, childList: true })""")
    for words in ("One", "Two"):
        chat.say(words)
    chat.wait_for_banner("No chat recognised here")
