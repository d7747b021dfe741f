"""The banner for eyes, ears and fingers: axe and the keyboard on a test page of its own, which alone may open its shadow root."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from tests.extension.conftest import ARGUMENTS, SITE, SOURCE

AXE = (Path(__file__).parent.parent / "vendor/axe/axe-4.14.1.min.js").read_text(encoding="utf-8")
MESSAGES = json.loads((SOURCE / "_locales/en/messages.json").read_text())
# What a browser does with the messages of a package.
SPEAK = """(messages) => {
  const value = (entry, values, name) => values[entry.placeholders[name.toLowerCase()].content.slice(1) - 1];
  const put = (entry, values) => entry.message.replace(/\\$(\\w+)\\$/g, (_, name) => value(entry, values, name));
  globalThis.chrome = { i18n: { getMessage: (name, values) => (messages[name] ? put(messages[name], values) : "") } };
}"""
SHOW = """(view) => {
  globalThis.acted ??= [];
  globalThis.line ??= new ShareLM.Banner({ mode: "open", act: (name, value) => acted.push([name, value ?? null]) });
  line.show({ waiting: 4, sent: 2, rating: 1, hours: 24, earlier: 3, side: "top", isFolded: false, ...view });
}"""
STATES = ["consent", "renew", "ready", "recording", "paused", "full", "private", "deleted", "withdrawn", "unrecognised"]
FOCUSED = "() => document.activeElement?.shadowRoot?.activeElement?.textContent || document.activeElement?.shadowRoot?.activeElement?.ariaLabel"


@pytest.fixture(scope="module")
def page(playwright: Playwright, chromium: str) -> Iterator[Page]:
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    page = browser.new_page()
    page.goto((SITE / "banner.html").as_uri())
    page.evaluate(SPEAK, MESSAGES)
    for name in ("browser.js", "banner.js"):
        page.add_script_tag(content=(SOURCE / name).read_text())
    page.add_script_tag(content=AXE)
    yield page
    browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_every_state_is_accessible(page: Page, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 600})
    problems = []
    for view in [{"status": status, "isFolded": is_folded} for status in STATES for is_folded in (False, True)]:
        page.evaluate(SHOW, view)
        found = page.evaluate("async () => (await axe.run('#sharelm')).violations.map((one) => [one.id, one.nodes[0].html.slice(0, 120)])")
        box = page.locator("#sharelm section").bounding_box()
        assert box
        problems += [(view, problem) for problem in found]
        problems += [(view, "is wider than the page")] if box["x"] < 0 or box["x"] + box["width"] > width else []
    assert not problems


def test_all_of_it_can_be_done_with_the_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.evaluate(SHOW, {"status": "ready"})
    page.locator("#link").focus()
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert reached == ["Add 3 earlier messages", "Pause", "Keep private", "Move to the bottom", "Fold the ShareLM line"]
    page.keyboard.press("Enter")
    assert page.evaluate("acted.at(-1)") == ["place", {"side": "top", "isFolded": True}]
    page.keyboard.press("Enter")
    assert page.evaluate("acted.at(-1)") == ["place", {"side": "top", "isFolded": False}]


def test_the_focus_stays_where_it_was_when_the_line_says_something_new(page: Page) -> None:
    page.evaluate(SHOW, {"status": "recording", "waiting": 2})
    page.get_by_role("button", name="Pause").focus()
    page.evaluate(SHOW, {"status": "recording", "waiting": 4})
    assert page.evaluate(FOCUSED) == "Pause"
    page.keyboard.press("Space")
    assert page.evaluate("acted.at(-1)") == ["pause", True]


def test_it_hears_people_and_not_scripts(page: Page) -> None:
    page.evaluate(SHOW, {"status": "ready"})
    before = page.evaluate("acted.length")
    page.evaluate("document.querySelector('#sharelm').shadowRoot.querySelectorAll('button').forEach((button) => button.click())")
    assert page.evaluate("acted.length") == before
