"""Pages that do not name their messages: what was said twice, drawn in parts, drawn anew or replaced is still each message once, in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser, Chat
from tests.waiting import wait_for

CHAT = {
    "claude": "/chat/11111111-2222-4333-8444-555555555555",
    "gemini": "/app/1111111122224333",
    "deepseek": "/a/chat/s/11111111-2222-4333-8444-555555555555",
    "aistudio": "/prompts/11111111-2222-4333-8444-555555555555",
    "grok": "/c/11111111-2222-4333-8444-555555555555",
}
SCENE = "site.messages.map(({ role, text }) => ({ role, text }))"


@pytest.fixture
def agreed(browser: Browser) -> Browser:
    browser.consent()
    return browser


def turns(count: int, words: str = "") -> list[dict[str, str]]:
    return [{"role": role, "text": f"{words}{role} {number}"} for number in range(count) for role in ("user", "assistant")]


def show(chat: Chat, scene: list[dict[str, str]], *mounted: int) -> None:
    if mounted:
        chat.site("([from, to]) => site.mount(from, to)", list(mounted))
    chat.site("scene => site.show(scene)", scene)


def thread(browser: Browser) -> list[dict[str, Any]]:
    """The messages of the one conversation; each must follow on the one before it."""
    [record] = browser.records()
    messages: list[dict[str, Any]] = record["messages"]
    assert [one["parent"] for one in messages[1:]] == [one["id"] for one in messages[:-1]]
    return messages


@pytest.mark.parametrize("name", ["gradio", "claude", "grok"])
def test_words_that_are_said_again_stand_in_their_own_place(agreed: Browser, name: str) -> None:
    chat = agreed.chat(f"{HOSTS[name]}/")
    chat.wait_for_banner("Ready to record")
    for number, words in enumerate(["yes", "more", "and", "yes"], start=1):
        chat.say(words)
        chat.wait_for_banner(f"{number * 2} messages kept")
    spoken = ["yes", "You said: yes", "more", "You said: more", "and", "You said: and", "yes", "You said: yes"]
    wait_for(lambda: agreed.waiting() == spoken)
    assert len(thread(agreed)) == 8
    assert agreed.send()["sent"] == 1
    [row] = agreed.rows()
    assert [message["content"] for message in row["messages"]] == spoken


@pytest.mark.parametrize("name", ["grok", "claude"])
def test_an_old_answer_to_the_same_words_is_not_taken_after_a_reload(agreed: Browser, name: str) -> None:
    chat = agreed.chat(HOSTS[name] + CHAT[name])
    old = ["continue", "Old answer", "hm", "Another old one"]
    show(chat, [{"role": ("user", "assistant")[place % 2], "text": text} for place, text in enumerate(old)])
    chat.wait_for_banner("Add 4 earlier")
    chat.say("continue")
    agreed.wait_for_waiting(2)
    scene = chat.site(SCENE)
    chat.page.reload()
    show(chat, scene)
    chat.wait_for_banner("2 messages kept here for 24 hours. Add 4 earlier messages")
    assert agreed.waiting() == ["continue", "You said: continue"]


@pytest.mark.parametrize("name", ["claude", "gemini", "deepseek", "aistudio"])
def test_a_list_that_draws_a_part_of_itself_is_put_together(agreed: Browser, name: str) -> None:
    chat = agreed.chat(HOSTS[name] + CHAT[name])
    show(chat, turns(20), 20, 40)
    chat.wait_for_banner("Add 20 earlier")
    for start, known in ((10, 30), (0, 40), (10, 40), (20, 40), (10, 40), (0, 40), (20, 40)):
        chat.site("start => site.mount(start, start + 20)", start)
        chat.wait_for_banner(f"Add {known} earlier messages")
    chat.press("Add 40 earlier messages")
    agreed.wait_for_waiting(40)
    assert agreed.waiting() == [turn["text"] for turn in turns(20)]


def test_a_list_that_numbers_its_parts_may_leap(agreed: Browser) -> None:
    chat = agreed.chat(HOSTS["claude"] + CHAT["claude"])
    show(chat, turns(4), 4, 8)
    chat.wait_for_banner("Add 4 earlier")
    for start in (0, 4, 0):
        chat.site("start => site.mount(start, start + 4)", start)
        chat.wait_for_banner("Add 8 earlier" if start == 0 else "earlier")
    chat.press("Add 8 earlier messages")
    agreed.wait_for_waiting(8)
    assert agreed.waiting() == [turn["text"] for turn in turns(4)]


def test_older_messages_that_are_drawn_above_a_growing_answer_change_nothing(agreed: Browser) -> None:
    chat = agreed.chat(HOSTS["gemini"] + CHAT["gemini"])
    show(chat, turns(8, "old "), 8, 16)
    chat.wait_for_banner("Add 8 earlier")
    answer = "a rather long answer that streams for a few seconds so that one can scroll"
    chat.site("text => { Object.assign(site.pace, { steps: 15, between: 150 }); site.answers.push({ text }); }", answer)
    chat.say("One", wait=False)
    agreed.wait_for_waiting(1)
    chat.site("() => site.mount(0, site.messages.length)")
    wait_for(lambda: agreed.waiting() == ["One", answer])
    chat.wait_for_banner("2 messages kept here for 24 hours. Add 16 earlier messages")


def test_a_page_that_shows_only_the_last_messages_is_one_conversation(agreed: Browser) -> None:
    chat = agreed.chat(f"{HOSTS['gradio']}/")
    chat.wait_for_banner("Ready to record")
    for number in range(1, 5):
        chat.say(f"turn {number}")
        chat.wait_for_banner(f"{number * 2} messages kept")
        chat.site("() => site.show(site.messages.slice(-2))")
    assert len(thread(agreed)) == 8


def test_what_an_answer_says_while_it_searches_is_not_the_answer(agreed: Browser) -> None:
    chat = agreed.chat(f"{HOSTS['grok']}/")
    chat.wait_for_banner("Ready to record")
    chat.site("() => { site.pace.steps = 0; site.answers.push({ text: 'Searching the web' }); }")
    chat.say("weather?")
    agreed.wait_for_waiting(2)
    for text in ("It", "It rains."):
        chat.site("text => { document.querySelector('.response-content-markdown').innerHTML = `<p>${text}</p>`; }", text)
    wait_for(lambda: agreed.waiting() == ["weather?", "It rains."])


def test_a_passing_name_of_an_answer_does_not_double_it(agreed: Browser) -> None:
    chat = agreed.chat(f"{HOSTS['chatgpt']}/?shell=chatgpt-roles")
    chat.wait_for_banner("Ready to record")
    chat.site("""() => {
      Object.assign(site.pace, { steps: 12, between: 150 });
      const real = crypto.randomUUID.bind(crypto);
      let asked = 0;
      crypto.randomUUID = () => ((asked += 1) === 3 ? "placeholder-request-1" : real());
    }""")
    chat.say("hello there", wait=False)
    chat.page.wait_for_function("site.messages[1]?.text.length > 4")
    chat.site("""() => {
      site.messages[1].id = "aaaaaaaa-2222-4333-8444-555555555555";
      document.querySelector("[data-message-author-role=assistant]").setAttribute("data-message-id", site.messages[1].id);
    }""")
    wait_for(lambda: agreed.waiting() == ["hello there", "You said: hello there"])
    scene = chat.site("site.messages")
    chat.page.reload()
    show(chat, scene)
    chat.wait_for_banner("2 messages kept")
    chat.say("And then?")
    agreed.wait_for_waiting(4)
    assert json.dumps(agreed.records()).count("You said: hello there") == 1


def test_another_model_that_is_chosen_later_did_not_write_what_was_written(agreed: Browser) -> None:
    chat = agreed.chat(f"{HOSTS['claude']}/")
    chat.wait_for_banner("Ready to record")
    chat.site("() => document.body.insertAdjacentHTML('afterbegin', '<button data-testid=model-selector-dropdown>Heron 5</button>')")
    chat.say("One")
    agreed.wait_for_waiting(2)
    assert agreed.send()["sent"] == 1
    chat.site("() => { document.querySelector('[data-testid=model-selector-dropdown]').textContent = 'Stork 5'; }")
    chat.site("() => document.querySelector('[data-is-streaming]').classList.add('hovered')")
    chat.say("Two")
    agreed.wait_for_waiting(2)
    assert [one["model"] for one in agreed.records()[0]["messages"] if one["role"] == "assistant"] == ["Heron 5", "Stork 5"]
    assert [one["isSent"] for one in agreed.records()[0]["messages"]] == [True, True, False, False]
