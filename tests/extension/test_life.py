"""From the consent to the rows at the server, on the pages that we know: exactly what may be there, and nothing else."""

from __future__ import annotations

import pytest

from tests.extension.conftest import HOSTS, PATHS, PLATFORMS
from tests.extension.driver import Browser
from tests.extension.scenes import CODE, CODE_TEXT, RICH, RICH_TEXT

SHELLS = ["gradio-6", "gradio-4", "gradio-3", "chatgpt-roles", "chatgpt-units"]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_said_under_consent_arrives_and_nothing_else(browser: Browser, shell: str) -> None:
    platform = shell.split("-", maxsplit=1)[0]
    chat = browser.chat(f"{HOSTS[platform]}/?shell={shell}")
    chat.wait_for_banner("Nothing is recorded before you agree")
    chat.say("Before consent")
    browser.consent()
    chat.wait_for_banner("Ready to record")
    chat.site("made => site.answers.push(...made)", [{"text": "One."}, {"text": CODE_TEXT, "html": CODE}, {"text": RICH_TEXT, "html": RICH}])
    for words in ("First", "Show me *code*", "Perché? 为什么?"):
        chat.say(words)
    chat.wait_for_banner("6 messages kept here for 24 hours")
    chat.press("Pause")
    chat.wait_for_banner("What you write now is not recorded")
    chat.say("While paused")
    chat.press("Go on")
    chat.wait_for_banner("Recording this conversation")
    chat.say("Last")
    browser.wait_for_waiting(8)

    assert browser.send() == {"sent": 1, "left": 0, "problem": None}
    [row] = browser.rows()
    said = [(message["role"], message["content"]) for message in row["messages"]]
    assert said == [
        *[("user", "First"), ("assistant", "One."), ("user", "Show me *code*"), ("assistant", CODE_TEXT)],
        *[("user", "Perché? 为什么?"), ("assistant", RICH_TEXT), ("user", "Last"), ("assistant", "You said: Last")],
    ]
    assert row["platform"] == platform
    assert row["source"] == "extension"
    assert browser.waiting() == []
    chat.wait_for_banner("8 messages sent")


OTHERS = [platform["id"] for platform in PLATFORMS if platform["hosts"] and platform["id"] not in {"gradio", "chatgpt"}]


@pytest.mark.parametrize("platform", OTHERS)
def test_a_streamed_chat_is_taken_and_a_paused_turn_is_not(browser: Browser, platform: str) -> None:
    browser.consent()
    chat = browser.chat(HOSTS[platform] + PATHS[platform])
    chat.wait_for_banner("Ready to record")
    chat.site("made => site.answers.push(made)", {"text": CODE_TEXT, "html": CODE})
    chat.say("Show me *code*")
    browser.wait_for_waiting(2)
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    chat.say("While paused")
    chat.press("Go on")
    chat.wait_for_banner("2 messages kept")
    chat.say("Last")
    browser.wait_for_waiting(4)
    assert browser.waiting() == ["Show me *code*", CODE_TEXT, "Last", "You said: Last"]
    assert len(browser.records()) == 1
