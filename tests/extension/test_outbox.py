"""What waits on the device: counted, indexed, carried forward from older versions; through the outbox's own functions in a real browser."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.extension.driver import Browser
from tests.waiting import wait_for

PAGE = {"platform": "gradio", "host": "heron-demo.hf.space"}
KEEP = """async ({ page, count, text }) => {
  const outbox = await import("/outbox.js");
  for (let number = 0; number < count; number += 1) {
    const key = `${page.key}-${number}`;
    const user = { key: "u", role: "user", text: `${text} ${number}`, isStart: true };
    const answer = { key: "a", role: "assistant", text: `Answer ${number}`, parent: { key: "u" } };
    await outbox.keep({ ...page, key }, [user, answer].map((one) => ({ ...one, key: `${key}-${one.key}`, at: Date.now() })).map((one) =>
      one.parent ? { ...one, parent: { key: `${key}-u` } } : one), Date.now());
  }
}"""
SEND_UNTIL_DONE = """async (rounds) => {
  let last = null;
  for (let round = 0; round < rounds && !(last?.left === 0 && !last.problem); round += 1) last = await chrome.runtime.sendMessage({ kind: "send" });
  return last;
}"""


def keep(browser: Browser, count: int, text: str = "Question", key: str = "~chat") -> None:
    browser.office.evaluate(KEEP, {"page": {**PAGE, "key": key}, "count": count, "text": text})


def outbox(browser: Browser, call: str, *arguments: Any) -> Any:
    return browser.office.evaluate(f"async (given) => (await import('/outbox.js')).{call}(...given)", list(arguments))


def listed_at_the_server(browser: Browser) -> list[str]:
    found, path = [], "/api/v1/conversations?limit=100"
    while path:
        page = browser.server_says(path)
        found += [row["conversation_id"] for row in page["items"]]
        path = page["next"]
    return found


@pytest.mark.timeout(900)
def test_a_thousand_conversations_over_a_flapping_server_arrive_once_each(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1_000)
    kept = {record["id"] for record in browser.records()}
    browser.door.flap(seed=2026, share=0.3)
    for _ in range(100):
        result = browser.office.evaluate(SEND_UNTIL_DONE, 40)
        if result["left"] == 0 and result["problem"] is None:
            break
        browser.stop_workers()
    assert browser.door.failed > 200
    at_server = listed_at_the_server(browser)
    assert len(kept) == len(at_server) == 1_000
    assert set(at_server) == kept
    assert browser.waiting() == []


def test_what_an_older_version_left_is_carried_forward(browser: Browser) -> None:
    browser.consent()
    keep(browser, 3)
    browser.office.evaluate("""async () => {
      const items = await chrome.storage.local.get(null);
      await chrome.storage.local.remove(Object.keys(items).filter((key) => key.startsWith("w:")));
      await chrome.storage.local.set({ schema: 1 });
    }""")
    browser.stop_workers()
    assert [one["title"] for one in sorted(browser.listed(), key=lambda one: one["title"])] == ["Question 0", "Question 1", "Question 2"]
    assert browser.storage["schema"] == 2
    assert browser.send()["sent"] == 3


def test_listing_and_planning_do_not_read_the_text(browser: Browser) -> None:
    browser.consent()
    keep(browser, 3, text="word " * 2_000)
    read = browser.office.evaluate("""async () => {
      const [outbox, real, read] = [await import("/outbox.js"), chrome.storage.local.get.bind(chrome.storage.local), []];
      chrome.storage.local.get = async (keys) => { const found = await real(keys); read.push(JSON.stringify(found).length); return found; };
      await outbox.summaries();
      return read.reduce((sum, one) => sum + one, 0);
    }""")
    assert 0 < read < 3_000
    assert len(browser.listed()) == 3


def test_no_text_stays_in_the_index_when_a_conversation_is_deleted_sent_or_renamed(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1, "Deleted", "~one")
    keep(browser, 1, "Sent", "~two")
    [first] = [one["id"] for one in browser.listed() if "Deleted" in one["title"]]
    browser.ask("remove", id=first, state="deleted")
    keep(browser, 1, "Renamed", "~three")
    outbox(browser, "name", {**PAGE, "key": "~three-0"}, "the-sites-name")
    assert sorted(one["title"] for one in browser.listed()) == ["Renamed 0", "Sent 0"]
    assert json.dumps(browser.storage).count("Renamed 0") == 2  # the message and its title
    assert browser.send()["sent"] == 2
    kept = json.dumps(browser.storage)
    assert not any(word in kept for word in ("Deleted", "Sent 0", "Renamed"))


def test_a_name_that_comes_while_the_answer_is_lost_makes_no_second_conversation(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1, key="~new")
    browser.door.mode = "deaf"
    browser.send()
    outbox(browser, "name", {**PAGE, "key": "~new-0"}, "the-sites-name")
    browser.door.mode = "open"
    assert browser.send()["sent"] == 1
    assert len(browser.rows()) == 1
    assert outbox(browser, "open", {**PAGE, "key": "the-sites-name"}, [], 0)["sent"] == 2


def test_what_is_deleted_after_a_lost_answer_is_taken_back_from_the_server(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1, "Regretted")
    browser.door.mode = "deaf"
    browser.send()
    assert len(browser.rows()) == 1
    [listed] = browser.listed()
    browser.ask("remove", id=listed["id"], state="deleted")
    browser.door.mode = "open"
    browser.send()
    assert browser.rows() == []
    assert "Regretted" not in json.dumps(browser.storage)


def test_a_round_that_is_killed_in_the_middle_comes_again_by_itself(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1)
    browser.age(25)
    browser.door.mode = "hang"
    browser.office.evaluate("async () => (await import('/sending.js')).plan()")
    wait_for(lambda: browser.door.uploads)
    browser.stop_workers()
    planned = browser.office.evaluate("chrome.alarms.get('send')")
    assert planned["periodInMinutes"] == 60
    browser.door.mode = "open"
    assert browser.send()["sent"] == 1
    assert len(browser.rows()) == 1


def test_a_server_that_never_answers_is_given_up_and_nothing_is_lost(browser: Browser) -> None:
    browser.consent()
    keep(browser, 2)
    browser.door.mode = "hang"
    assert browser.send() == {"sent": 0, "left": 2, "problem": "no-answer"}
    assert len(browser.waiting()) == 4
    assert browser.storage["pause"]["failures"] == 1


def test_times_that_are_gone_are_planned_anew(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1)
    browser.office.evaluate("chrome.alarms.clearAll()")
    browser.stop_workers()
    browser.listed()
    wait_for(lambda: len(browser.office.evaluate("chrome.alarms.getAll()")) == 2)


def test_a_thumb_that_is_given_after_everything_was_sent_arrives_by_itself(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1)
    [listed] = browser.listed()
    assert browser.send()["sent"] == 1
    browser.ask("thumb", id=listed["id"], rating=-1)
    assert browser.listed() == []
    wait_for(lambda: browser.rows()[0]["rating"] == -1)
    [row] = browser.rows()
    assert len(row["messages"]) == 2
    wait_for(lambda: browser.records()[0]["isRatingSent"])
    assert browser.storage["sent_count"] == 1
    assert outbox(browser, "summaries") == []


def agree_to_an_older_text(browser: Browser) -> None:
    browser.office.evaluate("""async () => {
      const { consent } = await chrome.storage.local.get("consent");
      const older = { ...consent, version: "older", is_posted: false };
      await chrome.storage.local.set({ consent: older, settings: { isPaused: true } });
    }""")


def test_what_was_sent_is_withdrawn_without_a_new_agreement_and_while_paused(browser: Browser) -> None:
    browser.consent()
    keep(browser, 2)
    first, second = browser.listed()
    browser.send()
    keep(browser, 1, key="~younger")
    assert browser.ask("terms")["consent"] == "given"
    agree_to_an_older_text(browser)
    assert browser.ask("terms")["consent"] == "renew"
    browser.ask("remove", id=first["id"], state="private")
    browser.door.mode = "closed"
    assert browser.ask("withdraw", id=first["id"])["problem"] == "no-answer"
    browser.door.mode = "open"
    assert browser.send() == {"sent": 0, "left": 1, "problem": "consent"}
    assert [row["conversation_id"] for row in browser.rows()] == [second["id"]]
    assert browser.storage["sent_count"] == 2


def test_what_another_server_has_is_not_said_to_be_withdrawn_here(browser: Browser) -> None:
    browser.consent()
    keep(browser, 1)
    [listed] = browser.listed()
    browser.send()
    browser.ask("remove", id=listed["id"], state="private")
    browser.office.evaluate(
        "async () => { const { consent } = await chrome.storage.local.get('consent');"
        " await chrome.storage.local.set({ consent: { ...consent, server: 'https://other.example' } }); }"
    )
    assert browser.ask("withdraw", id=listed["id"])["problem"] == "consent"
    assert browser.records()[0]["withdrawal"] == "wanted"
    assert len(browser.rows()) == 1
