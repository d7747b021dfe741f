"""What the published plugin gets wrong on the page (facts on the extension, section 3): each as a test that fails there."""

from __future__ import annotations

import json

import pytest

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.extension.scenes import SHORT
from tests.waiting import wait_for

GRADIO, CHATGPT = HOSTS["gradio"], HOSTS["chatgpt"]
HERE = f"{CHATGPT}/?shell=chatgpt-roles"
SCROLL = """async ({ from, to, by }) => {
  for (let start = from; start <= to; start += by) {
    site.mount(start, start + 40);
    await new Promise(requestAnimationFrame);
  }
}"""


@pytest.fixture
def agreed(browser: Browser) -> Browser:
    browser.consent()
    return browser


def ready(browser: Browser, address: str) -> Chat:
    chat = browser.chat(address)
    chat.wait_for_banner("Ready to record")
    return chat


def test_nothing_is_stored_before_consent(browser: Browser) -> None:
    chat = browser.chat(HERE)
    chat.wait_for_banner("Nothing is recorded before you agree")
    chat.say("A secret thought")
    assert browser.records() == []
    assert "user_id" not in browser.storage
    assert "secret thought" not in json.dumps(browser.storage)
    browser.consent()
    chat.wait_for_banner("Ready to record")
    assert "earlier" not in chat.banner()
    assert browser.waiting() == []


def test_what_was_typed_while_paused_is_not_taken_after_a_reload_either(agreed: Browser) -> None:
    chat = ready(agreed, HERE)
    chat.say("One")
    agreed.wait_for_waiting(2)
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    chat.say("Two")
    scene = chat.site("site.messages")
    chat.page.reload()
    chat.site("scene => site.show(scene)", scene)
    chat.wait_for_banner("Paused")
    chat.press("Go on")
    chat.wait_for_banner("2 messages kept")
    assert "earlier" not in chat.banner()
    chat.say("Three")
    agreed.wait_for_waiting(4)
    assert agreed.waiting() == ["One", "You said: One", "Three", "You said: Three"]
    assert [message["gap"] for message in agreed.records()[0]["messages"]] == [False, False, True, False]


def test_ten_tabs_at_once_lose_nothing(agreed: Browser) -> None:
    chats = [ready(agreed, f"{GRADIO}/?tab={number}") for number in range(10)]
    for number, chat in enumerate(chats):
        chat.say(f"Tab {number}", wait=False)
    agreed.wait_for_waiting(20)
    assert len(agreed.records()) == 10
    assert all(len(record["messages"]) == 2 for record in agreed.records())
    assert agreed.send()["sent"] == 10
    assert len(agreed.rows()) == 10


@pytest.mark.parametrize("address", [f"{GRADIO}/", HERE])
def test_slow_streaming_stays_one_conversation(agreed: Browser, address: str) -> None:
    chat = ready(agreed, address)
    chat.site("() => Object.assign(site.pace, { steps: 12, between: 250 })")
    chat.say("Slowly", wait=False)
    agreed.wait_for_waiting(1)
    chat.page.wait_for_function("site.messages.length === 2 && site.messages[1].text.length > 4")
    chat.site("() => Object.assign(site.pace, { steps: 2, between: 20 })")
    chat.say("Faster", wait=False)
    chat.page.wait_for_function("site.messages.length === 4 && !site.messages.some(one => one.isStreaming)")
    agreed.wait_for_waiting(4)
    assert len(agreed.records()) == 1
    wait_for(lambda: sorted(agreed.waiting()) == sorted(["Slowly", "You said: Slowly", "Faster", "You said: Faster"]))


def test_a_reload_right_after_an_answer_loses_nothing(agreed: Browser) -> None:
    chat = ready(agreed, f"{GRADIO}/")
    chat.say("Quick")
    chat.page.reload()
    agreed.wait_for_waiting(2)
    assert agreed.waiting() == ["Quick", "You said: Quick"]


def test_a_greeting_does_not_shift_who_said_what(agreed: Browser) -> None:
    chat = ready(agreed, f"{GRADIO}/")
    chat.site("() => site.show([{ role: 'assistant', text: 'Hello, I am Heron.' }])")
    chat.say("Question")
    agreed.wait_for_waiting(2)
    [record] = agreed.records()
    assert [(message["role"], message["text"], message["gap"]) for message in record["messages"]] == [
        ("user", "Question", True),
        ("assistant", "You said: Question", False),
    ]


def test_an_old_chat_that_is_opened_again_is_the_same_conversation(agreed: Browser) -> None:
    chat = ready(agreed, f"{GRADIO}/")
    chat.say("One")
    chat.say("Two")
    agreed.wait_for_waiting(4)
    assert agreed.send()["problem"] is None
    scene = chat.site("site.messages.map(({ role, text }) => ({ role, text }))")
    for _ in range(2):
        chat.site("() => site.clear()")
        chat.wait_for_banner("Ready to record")
        chat.site("scene => site.show(scene)", scene)
        chat.wait_for_banner("4 messages sent")
    chat.say("Three")
    agreed.wait_for_waiting(2)
    assert len(agreed.records()) == 1
    assert agreed.send()["problem"] is None
    [row] = agreed.rows()
    assert [message["content"] for message in row["messages"]] == ["One", "You said: One", "Two", "You said: Two", "Three", "You said: Three"]


@pytest.mark.timeout(300)
def test_a_virtual_list_of_a_thousand_messages_that_is_scrolled_up_and_down_is_one_conversation(agreed: Browser) -> None:
    spoken = [f"{role} {number}" for number in range(499) for role in ("Question", "Answer")]
    chat = agreed.chat(f"{CHATGPT}/c/11111111-2222-4333-8444-555555555555?shell=chatgpt-roles&scene=empty")
    chat.site("() => site.mount(958, 998)")
    chat.site("spoken => site.show(spoken.map((text, place) => ({ text, role: place % 2 ? 'assistant' : 'user' })))", spoken)
    chat.wait_for_banner("Add 40 earlier messages")
    chat.say("At the end")
    agreed.wait_for_waiting(2)
    for start in [*range(938, -1, -20), 0]:
        chat.site("start => site.mount(start, start + 40)", start)
        chat.wait_for_banner(f"Add {998 - start} earlier messages")
    chat.site(SCROLL, {"from": 0, "to": 960, "by": 7})
    assert agreed.waiting() == ["At the end", "You said: At the end"]
    chat.press("Add 998 earlier messages")
    agreed.wait_for_waiting(1_000)
    assert len(agreed.records()) == 1
    assert agreed.waiting() == [*spoken, "At the end", "You said: At the end"]
    assert agreed.send()["problem"] is None
    [row] = agreed.rows()
    assert [message["content"] for message in row["messages"]] == [*spoken, "At the end", "You said: At the end"]


def test_earlier_messages_that_come_late_stand_in_their_place(agreed: Browser) -> None:
    chat = agreed.chat(f"{CHATGPT}/c/11111111-2222-4333-8444-555555555555?shell=chatgpt-roles&scene=short")
    chat.wait_for_banner("Add 2 earlier messages")
    chat.say("Now")
    agreed.wait_for_waiting(2)
    assert agreed.send()["problem"] is None
    chat.wait_for_banner("2 messages sent")
    chat.press("Add 2 earlier messages")
    wait_for(lambda: len(agreed.waiting()) >= 2)
    assert agreed.send()["problem"] is None
    [row] = agreed.rows()
    assert [message["content"] for message in row["messages"]] == [SHORT[0].text, SHORT[1].text, "Now", "You said: Now"]


@pytest.mark.parametrize("address", [f"{GRADIO}/", HERE])
def test_thumbs_of_the_page_arrive(agreed: Browser, address: str) -> None:
    chat = ready(agreed, address)
    chat.say("Rate this")
    agreed.wait_for_waiting(2)
    chat.page.locator("[data-thumb], [data-testid=good-response-turn-action-button]").click()
    wait_for(lambda: [message["rating"] for message in agreed.records()[0]["messages"]] == [0, 1])
    assert agreed.send()["problem"] is None
    assert [message["rating"] for message in agreed.rows()[0]["messages"]] == [None, 1]


def test_no_address_and_no_id_of_the_site_leaves_the_device(agreed: Browser) -> None:
    chat = ready(agreed, f"{HERE}&token=SECRET")
    chat.say("Hello")
    agreed.wait_for_waiting(2)
    assert agreed.send()["problem"] is None
    site_ids = [message["id"] for message in chat.site("site.messages")]
    wire, kept = json.dumps(agreed.door.uploads), json.dumps(agreed.storage)
    for secret in (*site_ids, chat.page.url.rsplit("/", 1)[1], "SECRET"):
        assert secret not in wire
        assert secret not in kept
    assert agreed.door.uploads[0]["page_host"] == "chatgpt.com"


def test_regenerated_answers_are_branches(agreed: Browser) -> None:
    for address in (f"{GRADIO}/", HERE):
        chat = ready(agreed, address)
        chat.say("Again")
        chat.wait_for_banner("2 messages kept")
        chat.site("() => site.regenerate({ text: 'Quite another answer' })")
        chat.wait_for_banner("3 messages kept")
        record = max(agreed.records(), key=lambda kept: kept["created"])
        user, first, second = record["messages"]
        assert first["parent"] == second["parent"] == user["id"]
        assert second["text"] == "Quite another answer"
        chat.page.close()


@pytest.mark.parametrize("path", ["/share/abc", "/?temporary-chat=true&shell=chatgpt-roles", "/gg/abc"])
def test_temporary_shared_and_group_chats_are_never_recorded(agreed: Browser, path: str) -> None:
    chat = agreed.chat(CHATGPT + path)
    chat.page.evaluate("history.pushState = () => null")
    chat.say("Between us")
    chat.page.wait_for_timeout(1_500)
    assert agreed.records() == []
    assert chat.banner() == ""


def test_another_chat_of_the_same_tab_is_another_conversation(agreed: Browser) -> None:
    chat = ready(agreed, HERE)
    chat.say("First chat")
    agreed.wait_for_waiting(2)
    chat.site("scene => site.open('/c/99999999-2222-4333-8444-555555555555', scene)", [said.on_page() for said in SHORT])
    chat.wait_for_banner("Add 2 earlier messages")
    assert agreed.waiting() == ["First chat", "You said: First chat"]
    chat.say("Second chat")
    agreed.wait_for_waiting(4)
    assert sorted(len(record["messages"]) for record in agreed.records()) == [2, 2]
