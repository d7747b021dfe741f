"""Ten thousand conversations on the device: the popup opens at once, shows a few, and never reads their text."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.extension.driver import Browser
from tests.extension.test_popup import find_problems, popup_of

STORED = 10_000
FILL = """async (count) => {
  const { record } = globalThis.ShareLM;
  const now = Date.now();
  const made = (number) => {
    const id = [...btoa(String(number + 1e9)).replace(/=/g, "")].reverse().join("");
    const kept = record.create(id, { platform: "gradio", host: "heron-demo.hf.space" }, now - number);
    for (let place = 0; place < 4 + (number % 5); place += 1) {
      const text = `Question ${number}: ` + (place % 2 ? "answer ".repeat(120) : "word ".repeat(40));
      record.put(kept, { id: `${number}-${place}`, digest: `${number}-${place}`, role: place % 2 ? "assistant" : "user", text, model: null, rating: 0,
        at: now, parent: place ? `${number}-${place - 1}` : null, gap: false }, { now: now - number });
    }
    return kept;
  };
  const shards = {};
  for (let from = 0; from < count; from += 500) {
    const items = {};
    for (let number = from; number < Math.min(count, from + 500); number += 1) {
      const kept = made(number);
      items[`c:${kept.id}`] = kept;
      (shards[`w:${kept.id[0]}`] ??= {})[kept.id] = record.summary(kept);
    }
    await chrome.storage.local.set(items);
  }
  await chrome.storage.local.set(shards);
}"""
LISTEN = """() => {
  const real = chrome.storage.local.get.bind(chrome.storage.local);
  globalThis.asked = [];
  chrome.storage.local.get = (keys) => (globalThis.asked.push(keys), real(keys));
}"""
ASKED = "() => globalThis.asked.map((keys) => (keys === null || keys === undefined ? ['everything'] : [keys].flat())).flat()"


def full(browser: Browser, count: int) -> None:
    browser.consent()
    browser.office.goto(browser.own("more/more.html"))
    browser.office.evaluate("import('/shared/record.js')")
    browser.office.evaluate(FILL, count)
    browser.office.goto(browser.own("consent/consent.html"))


@pytest.mark.timeout(300)
def test_ten_thousand_conversations_are_listed_and_sent_without_reading_their_text(browser: Browser) -> None:
    full(browser, STORED)
    browser.worker.evaluate(LISTEN)
    began = time.monotonic()
    page = popup_of(browser)
    expect(page.locator(".entries > li")).to_have_count(20)
    opened = time.monotonic() - began
    read = browser.worker.evaluate(ASKED)
    assert [key for key in read if key.startswith("w:")]
    assert not [key for key in read if key.startswith("c:") or key == "everything"]
    began = time.monotonic()
    listed = browser.ask("list")
    took = time.monotonic() - began
    assert (len(listed["items"]), listed["total"]) == (20, STORED)
    began = time.monotonic()
    assert browser.ask("send", id=listed["items"][0]["id"])["sent"] == 1
    print(f"open {opened:.2f} s, list {took:.2f} s, send one {time.monotonic() - began:.2f} s")
    expect(page.locator("#shown")).to_have_text("20 of 9,999 shown")
    assert len({key for key in browser.worker.evaluate(ASKED) if key.startswith("c:")}) == 1


def test_the_list_is_shown_in_parts_and_keeps_the_keyboards_place(browser: Browser) -> None:
    full(browser, 45)
    page = popup_of(browser)
    expect(page.locator("#number")).to_have_text("45")
    expect(page.locator("#shown")).to_have_text("20 of 45 shown")
    page.get_by_role("button", name="Show 20 more").press("Enter")
    expect(page.locator(".entries > li")).to_have_count(40)
    expect(page.locator(".entries > li").nth(20).locator(".open")).to_be_focused()
    assert find_problems(page, "40 of 45") == []
    page.get_by_role("button", name="Show 5 more").press("Enter")
    expect(page.locator("#shown")).to_have_text("45 of 45 shown")
    expect(page.locator("#further")).to_be_hidden()
    expect(page.locator(".entries > li").nth(40).locator(".open")).to_be_focused()
    page.locator(".entries > li").nth(44).get_by_role("button", name="Delete").click()
    expect(page.locator("#shown")).to_have_text("44 of 44 shown")
