"""No room on the device: nothing is lost, nothing is claimed, and the person is told."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.extension.conftest import HOSTS
from tests.extension.driver import Browser

FULL = """() => {
  globalThis.realSet = chrome.storage.local.set.bind(chrome.storage.local);
  chrome.storage.local.set = () => Promise.reject(new Error("QUOTA_BYTES quota exceeded"));
}"""


def test_what_finds_no_room_is_told_and_kept_as_soon_as_there_is_some(browser: Browser) -> None:
    browser.consent()
    chat = browser.chat(f"{HOSTS['gradio']}/")
    chat.wait_for_banner("Ready to record")
    browser.worker.evaluate(FULL)
    chat.say("No room for me")
    chat.wait_for_banner("There is no room on this device")
    assert browser.waiting() == []
    browser.worker.evaluate("() => { chrome.storage.local.set = realSet; }")
    chat.wait_for_banner("2 messages kept")
    assert browser.waiting() == ["No room for me", "You said: No room for me"]


def test_the_popup_warns_before_there_is_no_room(browser: Browser) -> None:
    browser.consent()
    browser.office.goto(browser.own("popup/popup.html?tab=-1"))
    expect(browser.office.locator("#trouble")).to_be_hidden()
    browser.worker.evaluate("() => { navigator.storage.estimate = async () => ({ usage: 5e9, quota: 5.05e9 }); }")
    browser.office.reload()
    expect(browser.office.locator("#trouble")).to_contain_text("Hardly any room is left on this device")
