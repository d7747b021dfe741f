"""What the published plugin loses on the way (facts on the extension, section 3): each as a test that fails there."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.waiting import wait_for

GRADIO = HOSTS["gradio"]
Start = Callable[..., Browser]


@pytest.fixture
def chat(browser: Browser) -> Chat:
    """A conversation of two messages that waits."""
    browser.consent()
    chat = browser.chat(f"{GRADIO}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Keep me")
    browser.wait_for_waiting(2)
    return chat


@pytest.mark.parametrize("mode", ["error", "closed", "half", "deaf", "status:503:7", "status:429:7", "status:408"])
def test_nothing_is_lost_when_the_server_fails(browser: Browser, chat: Chat, mode: str) -> None:
    browser.door.mode = mode
    assert browser.send() == {"sent": 0, "left": 1, "problem": "no-answer"}
    assert browser.waiting() == ["Keep me", "You said: Keep me"]
    pause = browser.storage["pause"]
    assert pause["failures"] == 1
    browser.door.mode = "open"
    assert browser.send()["sent"] == 1
    assert len(browser.rows()) == 1
    assert browser.waiting() == []
    assert browser.storage["pause"]["failures"] == 0


@pytest.mark.parametrize("mode", ["error", "deaf"])
def test_nothing_is_sent_before_the_server_knows_of_the_consent(browser: Browser, chat: Chat, mode: str) -> None:
    browser.door.mode, browser.door.part = mode, "/api/v1/consent"
    assert browser.send() == {"sent": 0, "left": 1, "problem": "no-answer"}
    assert browser.door.uploads == []
    browser.door.mode = "open"
    assert browser.send()["sent"] == 1


def test_it_waits_longer_each_time_and_as_long_as_it_is_told(browser: Browser, chat: Chat) -> None:
    browser.door.mode = "error"
    waits = []
    for _ in range(4):
        browser.send()
        waits.append(browser.office.evaluate("async () => (await chrome.storage.local.get('pause')).pause.until - Date.now()"))
    assert all(0.4 * 30_000 * 2**number < wait <= 30_000 * 2**number for number, wait in enumerate(waits))
    browser.door.mode = "status:503:3600"
    browser.send()
    assert browser.office.evaluate("async () => (await chrome.storage.local.get('pause')).pause.until - Date.now()") > 3_500_000


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
def test_what_the_server_refuses_is_kept_aside_with_the_reason(browser: Browser, chat: Chat, status: int) -> None:
    browser.send()  # the consent is posted before the door closes
    chat.say("Refuse me")
    browser.wait_for_waiting(2)
    browser.door.mode = f"status:{status}"
    browser.send()
    [listed] = browser.listed()
    assert listed["refused"] == {"status": status, "reason": "no, thank you"}
    assert browser.waiting() == ["Refuse me", "You said: Refuse me"]
    before = len(browser.door.uploads)
    browser.send()
    assert len(browser.door.uploads) == before
    browser.door.mode = "open"
    assert browser.ask("again", id=listed["id"])["sent"] == 1
    assert browser.waiting() == []


def test_nothing_is_sent_before_its_time_and_everything_after(browser: Browser, chat: Chat) -> None:
    browser.alarm()
    browser.office.wait_for_timeout(1_500)
    assert browser.door.uploads == []
    browser.age(23)
    chat.say("Younger")
    browser.wait_for_waiting(4)
    browser.age(2)
    browser.stop_workers()
    browser.alarm()
    wait_for(lambda: browser.door.uploads, seconds=20)
    assert [message["content"] for message in browser.door.uploads[0]["messages"]] == ["Keep me", "You said: Keep me"]
    wait_for(lambda: browser.waiting() == ["Younger", "You said: Younger"])


def test_only_what_is_new_is_sent_when_the_chat_goes_on(browser: Browser, chat: Chat) -> None:
    browser.send()
    chat.say("And more")
    browser.wait_for_waiting(2)
    browser.send()
    first, second = browser.door.uploads
    assert [message["content"] for message in second["messages"]] == ["And more", "You said: And more"]
    assert first["conversation_id"] == second["conversation_id"]
    assert second["messages"][0]["parent_id"] == first["messages"][1]["id"]
    [row] = browser.rows()
    assert [message["content"] for message in row["messages"]] == ["Keep me", "You said: Keep me", "And more", "You said: And more"]


def test_what_was_deleted_does_not_come_back(browser: Browser, chat: Chat) -> None:
    [listed] = browser.listed()
    browser.ask("remove", id=listed["id"], state="deleted")
    assert "Keep me" not in json.dumps(browser.storage)
    chat.wait_for_banner("You deleted this conversation")
    chat.say("More of it")
    chat.page.wait_for_timeout(1_500)
    assert browser.waiting() == []
    chat.press("Record from now")
    chat.wait_for_banner("Ready to record")
    chat.say("New")
    browser.wait_for_waiting(2)
    browser.send()
    [row] = browser.rows()
    assert [message["content"] for message in row["messages"]] == ["New", "You said: New"]
    assert row["conversation_id"] != listed["id"]


def test_undo_brings_it_back(browser: Browser, chat: Chat) -> None:
    [listed] = browser.listed()
    removed = browser.ask("remove", id=listed["id"], state="deleted")
    browser.ask("undo", before=removed["before"])
    assert browser.waiting() == ["Keep me", "You said: Keep me"]
    chat.wait_for_banner("2 messages kept")


def test_what_was_sent_before_it_became_private_can_be_withdrawn(browser: Browser, chat: Chat) -> None:
    browser.send()
    chat.wait_for_banner("2 messages sent")
    chat.press("Keep private")
    chat.wait_for_banner("stays private")
    chat.say("In private")
    browser.door.mode = "closed"
    chat.press("Withdraw 2 sent messages")
    wait_for(lambda: any(line.startswith("DELETE") for line in browser.door.seen))
    browser.door.mode = "open"
    browser.send()
    assert browser.rows() == []
    assert browser.waiting() == []


def test_a_conversation_that_was_withdrawn_elsewhere_stops_here(browser: Browser, chat: Chat) -> None:
    browser.send()
    chat.say("More")
    browser.wait_for_waiting(2)
    browser.door.mode = "status:410"
    browser.send()
    assert browser.waiting() == []
    assert browser.records()[0]["state"] == "withdrawn"
    chat.wait_for_banner("This conversation was withdrawn")


def test_after_a_new_version_of_the_terms_nothing_is_recorded_or_sent_until_agreed(browser: Browser, chat: Chat) -> None:
    browser.office.evaluate(
        "() => chrome.storage.local.get('consent').then(({consent}) => chrome.storage.local.set({consent: {...consent, version: 'old'}}))"
    )
    assert browser.send()["problem"] == "consent"
    chat.wait_for_banner("The terms have changed")
    chat.say("Not under these")
    chat.page.wait_for_timeout(1_200)
    assert browser.waiting() == ["Keep me", "You said: Keep me"]
    assert browser.door.uploads == []
    browser.consent()
    chat.wait_for_banner("Recording this conversation")
    assert browser.send()["sent"] == 1
    assert [message["content"] for message in browser.rows()[0]["messages"]] == ["Keep me", "You said: Keep me"]


def test_a_409_at_the_upload_asks_for_the_terms_and_posts_the_agreement_again(browser: Browser, chat: Chat) -> None:
    browser.door.mode = "status:409"
    browser.door.seen.clear()
    assert browser.send() == {"sent": 0, "left": 1, "problem": "no-answer"}
    assert "GET /api/v1/consent?language=en" in browser.door.seen
    assert browser.waiting() == ["Keep me", "You said: Keep me"]
    assert browser.storage["consent"]["is_posted"] is False
    browser.door.mode = "open"
    assert browser.send()["sent"] == 1


def test_it_survives_the_end_of_the_worker_at_any_time(browser: Browser, chat: Chat) -> None:
    for number in range(3):
        browser.stop_workers()
        chat.say(f"Still here {number}")
    browser.wait_for_waiting(8)
    browser.stop_workers()
    assert browser.send()["sent"] == 1


def test_it_survives_the_end_of_the_browser(start: Start) -> None:
    first = start()
    first.consent()
    chat = first.chat(f"{GRADIO}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Over night")
    first.wait_for_waiting(2)
    first.close()
    second = start()
    assert second.waiting() == ["Over night", "You said: Over night"]
    assert second.send()["sent"] == 1
    assert len(second.rows()) == 1


def test_what_happens_twice_counts_once(browser: Browser, chat: Chat) -> None:
    browser.door.mode = "deaf"
    browser.send()
    browser.send()
    browser.door.mode = "open"
    browser.office.evaluate("() => Promise.all([1, 2, 3].map(() => chrome.runtime.sendMessage({ kind: 'send' })))")
    assert len(browser.rows()) == 1
    assert browser.storage["sent_count"] == 1


def test_nothing_goes_out_but_to_the_server(browser: Browser, chat: Chat) -> None:
    requests: list[str] = []
    browser.context.on("request", lambda request: requests.append(request.url))
    browser.send()
    chat.say("More")
    browser.wait_for_waiting(2)
    browser.send()
    foreign = [url for url in requests if not url.startswith(("chrome-extension://", browser.door.address, GRADIO, "data:"))]
    assert foreign == []
    assert not any("Keep me" in line for line in browser.said)


def test_two_hundred_long_messages_are_kept_once(browser: Browser, chat: Chat) -> None:
    scene = [{"role": role, "text": f"{number} " + "word " * 400} for number in range(100) for role in ("user", "assistant")]
    chat.site("scene => site.messages.push(...scene.map((one) => ({ id: crypto.randomUUID(), ...one })))", scene)
    chat.say("After all that")
    chat.wait_for_banner("Add 200 earlier messages")
    chat.press("Add 200 earlier messages")
    browser.wait_for_waiting(204)
    characters = sum(len(text) for text in browser.waiting())
    assert len(json.dumps(browser.storage)) < characters * 1.5
    browser.send()
    assert len(browser.rows()[0]["messages"]) == 204
