"""From one chat to another in the same page, in the order in which sites really do it: the address first, the messages later, or not at all."""

from __future__ import annotations

import pytest

from tests.extension.conftest import HOSTS, PLATFORMS
from tests.extension.driver import Browser
from tests.waiting import wait_for

CHATGPT, GROK = HOSTS["chatgpt"], HOSTS["grok"]
HERE, THERE = "/c/11111111-2222-4333-8444-555555555555", "/c/99999999-2222-4333-8444-555555555555"
OLD = [{"role": "user", "text": "Old secret"}, {"role": "assistant", "text": "Old answer"}]
NEVER = [(platform["id"], path) for platform in PLATFORMS for path in platform["never"]["paths"] if platform["hosts"]]
GO = """([path, scene]) => {
  history.pushState(null, "", path);
  document.body.setAttribute("class", "moved");
  setTimeout(() => site.show(scene), 700);
}"""


@pytest.fixture
def agreed(browser: Browser) -> Browser:
    browser.consent()
    return browser


def test_a_chat_that_was_kept_private_is_not_offered_as_the_next_one(agreed: Browser) -> None:
    chat = agreed.chat(f"{CHATGPT}{HERE}?shell=chatgpt-roles")
    chat.wait_for_banner("Ready to record")
    chat.say("Private thing")
    agreed.wait_for_waiting(2)
    chat.press("Keep private")
    chat.wait_for_banner("Record from now")
    chat.say("More of it")
    chat.site(GO, [THERE, OLD])
    chat.wait_for_banner("Add 2 earlier messages")
    chat.press("Add 2 earlier messages")
    agreed.wait_for_waiting(2)
    assert agreed.waiting() == ["Old secret", "Old answer"]


def test_a_new_chat_is_another_conversation_though_the_page_still_shows_the_old_one(agreed: Browser) -> None:
    chat = agreed.chat(f"{CHATGPT}/?shell=chatgpt-roles")
    chat.wait_for_banner("Ready to record")
    chat.say("first chat")
    chat.wait_for_banner("2 messages kept")
    chat.site(GO, ["/", []])
    chat.wait_for_banner("Ready to record")
    chat.page.wait_for_function("site.messages.length === 0")
    chat.say("second chat")
    agreed.wait_for_waiting(4)
    assert sorted([one["text"] for one in record["messages"]] for record in agreed.records()) == [
        ["first chat", "You said: first chat"],
        ["second chat", "You said: second chat"],
    ]
    assert not any(one["gap"] for record in agreed.records() for one in record["messages"])


def test_old_messages_that_are_scrolled_to_while_an_answer_grows_are_not_taken(agreed: Browser) -> None:
    chat = agreed.chat(f"{CHATGPT}{HERE}?shell=chatgpt-units")
    chat.site("() => site.mount(30, 40)")
    chat.site("scene => site.show(scene)", [{"role": role, "text": f"{role} {number}"} for number in range(20) for role in ("user", "assistant")])
    chat.wait_for_banner("Add 10 earlier")
    chat.page.wait_for_timeout(1_600)  # as long as a chat that was just opened draws its messages
    chat.site("() => Object.assign(site.pace, { steps: 20, between: 150 })")
    chat.say("new question", wait=False)
    agreed.wait_for_waiting(1)
    chat.site("() => { site.mount(10, 20); document.querySelector('#busy').setAttribute('aria-busy', 'true'); }")
    chat.wait_for_banner("Add 20 earlier")
    chat.page.wait_for_timeout(1_200)  # longer than it takes to keep a message
    assert [text for text in agreed.waiting() if text.startswith(("user", "assistant"))] == []


def test_an_old_chat_that_is_drawn_late_and_in_pieces_is_not_taken(agreed: Browser) -> None:
    chat = agreed.chat(GROK + HERE)
    chat.wait_for_banner("Ready to record")
    chat.page.wait_for_timeout(1_600)  # as long as a chat that was just opened draws its messages
    chat.site("scene => site.show(scene)", OLD)
    chat.wait_for_banner("Ready to record")
    for part in ("Second part.", "Third part."):
        chat.page.wait_for_timeout(350)  # each is read by itself
        chat.site("part => document.querySelector('.response-content-markdown').insertAdjacentHTML('beforeend', `<p>${part}</p>`)", part)
    chat.wait_for_banner("Add 2 earlier messages")
    assert agreed.waiting() == []


def test_a_key_press_that_sent_nothing_takes_no_old_message(agreed: Browser) -> None:
    chat = agreed.chat(GROK + HERE)
    chat.wait_for_banner("Ready to record")
    chat.site("() => document.addEventListener('keydown', (event) => event.key === 'Enter' && event.stopImmediatePropagation(), { capture: true })")
    chat.page.locator("[contenteditable]").first.click()
    chat.page.keyboard.insert_text("My boss")
    chat.page.keyboard.press("Enter")
    said = [{"role": "user", "text": "My boss is a fool, said long ago"}, {"role": "assistant", "text": "I see."}]
    chat.site("([path, scene]) => site.open(path, scene)", [THERE, said])
    chat.wait_for_banner("Add 2 earlier messages")
    assert agreed.waiting() == []


@pytest.mark.parametrize(
    ("name", "path", "named"),
    [("claude", "/new", "/chat/11111111-2222-4333-8444-555555555555"), ("chatui", "/chat/", "/chat/conversation/111111112222433384445555")],
)
def test_a_new_chat_that_is_kept_private_stays_so_when_its_address_comes_first(agreed: Browser, name: str, path: str, named: str) -> None:
    chat = agreed.chat(HOSTS[name] + path)
    chat.wait_for_banner("Ready to record")
    chat.press("Keep private")
    chat.wait_for_banner("Record from now")
    chat.site(
        """(path) => {
      const first = (event) => {
        if (event.key !== "Enter") return;
        event.stopImmediatePropagation();
        event.preventDefault();
        document.removeEventListener("keydown", first, true);
        const box = document.querySelector("[contenteditable]");
        const text = box.innerText;
        box.textContent = "";
        history.pushState(null, "", path);
        history.pushState = () => null;
        document.body.className = "moved";
        setTimeout(() => site.submit(text), 600);
      };
      document.addEventListener("keydown", first, true);
    }""",
        named,
    )
    chat.say("private one")
    chat.say("private two")
    chat.page.wait_for_timeout(1_500)  # longer than it takes to keep a message
    assert "Record from now" in chat.banner()
    assert agreed.waiting() == []


@pytest.mark.parametrize("name", ["chatgpt", "gradio"])
def test_a_pause_in_the_middle_of_an_answer_keeps_no_half_of_it(agreed: Browser, name: str) -> None:
    chat = agreed.chat(f"{HOSTS[name]}/")
    chat.wait_for_banner("Ready to record")
    answer = " ".join(f"word{number}" for number in range(30))
    chat.site("text => { Object.assign(site.pace, { steps: 20, between: 150 }); site.answers.push({ text }); }", answer)
    chat.say("go", wait=False)
    agreed.wait_for_waiting(1)
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    assert agreed.waiting() == ["go"]
    chat.page.wait_for_function("!site.messages.some(one => one.isStreaming)")
    chat.press("Go on")
    wait_for(lambda: agreed.waiting() == ["go", answer])


@pytest.mark.parametrize(("name", "path"), NEVER, ids=[name + path for name, path in NEVER])
def test_shared_and_private_pages_of_a_site_are_never_recorded(agreed: Browser, name: str, path: str) -> None:
    chat = agreed.chat(HOSTS[name] + path + "abc")
    chat.site("scene => { history.pushState = () => null; site.show(scene); }", OLD)
    chat.say("Between us")
    chat.page.wait_for_timeout(1_200)  # longer than it takes to keep a message
    assert (agreed.records(), chat.banner()) == ([], "")
