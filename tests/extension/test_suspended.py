"""The worker really ends and the browser is really killed: what was kept is there, and goes out by itself when it is due."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.extension.conftest import HOSTS, build
from tests.extension.door import Door
from tests.extension.driver import AGE
from tests.extension.raw import RawChromium, RawPage
from tests.waiting import wait_for

WAITING = """chrome.storage.local.get(null).then((items) => Object.entries(items).filter(([key]) => key.startsWith("c:"))
  .flatMap(([, kept]) => kept.messages.map(({ text }) => text).filter((text) => text !== null)))"""
AGREE = """chrome.runtime.sendMessage({ kind: "terms" })
  .then(({ text: { version, sha256, language } }) => chrome.runtime.sendMessage({ kind: "agree", version, sha256, language }))"""
Open = Callable[[], RawChromium]


@pytest.fixture
def opened(chromium: str, tmp_path: Path, door: Door) -> Open:
    """Opens the browser of one person, the second time with the same profile."""
    package = build(tmp_path / "package", door.address)
    return lambda: RawChromium(chromium, package, profile=tmp_path / "profile", port=free_port())


def record(browser: RawChromium, text: str) -> RawPage:
    """Agree, and say something that is kept; the extension's own page."""
    office = browser.own("consent/consent.html")
    wait_for(lambda: office.evaluate("!document.querySelector('[aria-busy=true]')"))
    office.evaluate(AGREE)
    chat = browser.page(f"{HOSTS['gradio']}/")
    wait_for(lambda: chat.evaluate("document.querySelector('#sharelm') !== null"))
    chat.say(text)
    wait_for(lambda: office.evaluate(WAITING) == [text, f"You said: {text}"])
    return office


@pytest.mark.timeout(300)
def test_it_sends_by_itself_after_its_worker_has_ended(opened: Open, door: Door) -> None:
    with opened() as browser:
        office = record(browser, "Over night")
        office.evaluate(f"({AGE})(25 * 3600_000)")
        wait_for(lambda: not browser.workers(), seconds=120)
        office.evaluate("chrome.alarms.create('send', { when: Date.now() })")
        wait_for(lambda: office.evaluate(WAITING) == [], seconds=60)
        assert len(door.uploads) == 1


def test_it_loses_nothing_when_the_browser_is_killed(opened: Open, door: Door) -> None:
    with opened() as browser:
        record(browser, "Before the crash")
        browser.end(signal.SIGKILL)
    with opened() as browser:
        office = browser.own("consent/consent.html")
        assert office.evaluate(WAITING) == ["Before the crash", "You said: Before the crash"]
        assert office.evaluate("chrome.runtime.sendMessage({ kind: 'send' })")["sent"] == 1
        assert len(door.uploads) == 1
