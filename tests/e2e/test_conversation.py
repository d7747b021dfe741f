"""One conversation in a real browser: read, rate, hide, delete, with JavaScript, without, and with the keyboard alone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import BOTH, Served, agree, log_in, post
from tests.e2e.looks import NARROW, find_problems_in_all_looks
from tests.web.pages.attacks import ATTACKS

Open = Callable[..., Any]
ANSWER = "About the **Window Seat**,\n\n```python\nprint('[seat]')\n```\n\n![x](https://evil.example/pixel.png) [site](https://evil.example/a)"


def said(name: str, content: str, parent: str | None = None) -> dict[str, Any]:
    return {"id": name, "role": "user" if name[0] == "u" else "assistant", "content": content, "parent_id": parent}


@pytest.fixture
def user_id(served: Served) -> str:
    """A contributor of this test alone, with one anonymised conversation of two turns, one of them with another version."""
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    agree(served.address, user_id)
    messages = [said("u1", "A letter about the window seat, please"), said("a0", "Another try", "u1"), said("a1", ANSWER, "u1")]
    messages += [said("u2", "And a long one", "a1"), said("a2", "Long words. " * 400, "u2")]
    post(f"{served.address}/api/v1/conversations", {"conversation_id": "c-1", "messages": messages, "model": "heron-2"}, user_id)
    served.run_job("anonymise")
    return user_id


@pytest.fixture
def looking_at(open_page: Open, served: Served, user_id: str) -> Callable[..., Iterator[Page]]:
    """The page of the conversation."""
    from contextlib import contextmanager

    @contextmanager
    def look(**options: Any) -> Iterator[Page]:
        with open_page(served.address, **options) as page:
            log_in(page, user_id)
            page.get_by_role("link", name=re.compile("A letter")).click()
            expect(page.get_by_role("heading", name=re.compile("A letter"))).to_be_visible()
            yield page

    return look


@BOTH
def test_it_is_read(looking_at: Any, has_javascript: bool) -> None:
    requests: list[str] = []
    with looking_at(java_script_enabled=has_javascript) as page:
        page.on("request", lambda request: requests.append(request.url))
        page.reload()
        expect(page.locator(".message strong", has_text="Window Seat")).to_be_visible()
        expect(page.locator(".code code")).to_have_text("print('[seat]')\n")
        expect(page.get_by_role("button", name="Copy")).to_have_count(1 if has_javascript else 0)
        expect(page.get_by_text("(evil.example/a)")).to_be_visible()
        assert not [url for url in requests if "evil.example" in url]
        expect(page.locator(".long .body")).to_be_hidden()
        page.get_by_text("Show all 4").click()
        expect(page.locator(".long .body")).to_be_visible()
        page.get_by_text("Another version, 1 message").click()
        expect(page.get_by_text("Another try")).to_be_visible()
        page.get_by_role("link", name="As released, in JSON").click()
        expect(page.locator("pre")).to_contain_text('"role": "assistant"')
        with page.expect_download() as download:
            page.get_by_role("link", name="This row").click()
        assert download.value.suggested_filename.endswith(".row.json")


def test_code_is_copied(looking_at: Any, browser: Any) -> None:
    with looking_at(permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == "print('[seat]')\n"


@BOTH
def test_it_is_rated_and_the_rating_is_taken_back(looking_at: Any, has_javascript: bool) -> None:
    with looking_at(java_script_enabled=has_javascript) as page:
        good, poor = (page.get_by_role("button", name=f"{word} answer").first for word in ("Good", "Poor"))
        good.click()
        expect(good).to_have_attribute("aria-pressed", "true")
        if has_javascript:
            expect(good).to_be_focused()
            expect(page.locator("#announcement")).to_have_text("Rated good. Press again to take it back.")
        poor.click()
        expect(poor).to_have_attribute("aria-pressed", "true")
        expect(good).to_have_attribute("aria-pressed", "false")
        page.get_by_text("Say why").click()
        page.get_by_label("Why?").fill("It <b>knew</b> me")
        if has_javascript:  # pulled longer by its corner; htmx would carry that over, which the CSP forbids
            page.get_by_label("Why?").evaluate("field => { field.style.height = '200px'; }")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("“It <b>knew</b> me”")).to_be_visible()
        if has_javascript:
            expect(page.get_by_text("Change why")).to_be_focused()
        poor.click()
        expect(poor).to_have_attribute("aria-pressed", "false")
        expect(page.get_by_text("“It <b>knew</b> me”")).to_have_count(0)
        whole = page.get_by_role("button", name="Good conversation")
        whole.click()
        expect(whole).to_have_attribute("aria-pressed", "true")
        page.reload()
        expect(whole).to_have_attribute("aria-pressed", "true")


@BOTH
def test_a_passage_is_looked_for_and_then_hidden(looking_at: Any, has_javascript: bool) -> None:
    with looking_at(java_script_enabled=has_javascript) as page:
        page.get_by_label("Also hide this").fill("nobody at all")
        page.get_by_role("button", name="Show where it stands").click()
        expect(page.get_by_role("alert").filter(has_text="Nothing to hide")).to_be_visible()
        if not has_javascript:
            page.get_by_role("link", name="Try other words").click()
        page.get_by_label("Also hide this").fill("WINDOW seat")
        page.get_by_role("button", name="Show where it stands").click()
        heading = page.get_by_role("heading", name="It stands in 2 places")
        expect(heading).to_be_visible()
        expect(page.locator("mark")).to_have_count(2)
        if has_javascript:
            expect(heading).to_be_focused()
        page.get_by_role("button", name="Hide all 2").click()
        expect(page.locator(".thread .redacted")).to_have_count(2)
        expect(page.locator("#correct .note")).to_contain_text("Hidden")
        if has_javascript:
            expect(page.locator("#correct .note")).to_be_focused()
        assert "window" not in page.content().lower()


def test_words_that_are_selected_can_be_hidden(looking_at: Any) -> None:
    with looking_at() as page:
        expect(page.locator("#selection")).to_be_hidden()
        page.locator(".message strong", has_text="Window Seat").dblclick()
        page.evaluate("getSelection().selectAllChildren([...document.querySelectorAll('.body strong')].at(-1))")
        page.get_by_role("button", name="Also hide this").click()
        expect(page.get_by_role("heading", name="It stands in 2 places")).to_be_focused()
        expect(page.locator("#selection")).to_be_hidden()
        page.get_by_role("link", name="Keep it").click()
        page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
        expect(page.locator("#selection")).to_be_hidden()


@BOTH
def test_the_last_turn_is_deleted(looking_at: Any, has_javascript: bool) -> None:
    with looking_at(java_script_enabled=has_javascript) as page:
        page.get_by_text("Delete the last turn").click()
        expect(page.get_by_text("“And a long one” and everything after it: 2 messages")).to_be_visible()
        page.get_by_role("button", name="Delete 2 messages").click()
        expect(page.locator("#correct .note")).to_contain_text("Deleted")
        if has_javascript:
            expect(page.locator("#correct .note")).to_be_focused()
        expect(page.get_by_text("And a long one")).to_have_count(0)
        expect(page.get_by_text("This is its only turn")).to_be_visible()
        expect(page.get_by_text("Another version, 1 message")).to_be_visible()


def test_everything_is_done_with_the_keyboard(looking_at: Any) -> None:
    with looking_at() as page:
        reach(page, page.get_by_role("button", name="Good answer").first)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Good answer").first).to_have_attribute("aria-pressed", "true")
        reach(page, page.get_by_text("Say why"))
        page.keyboard.press("Enter")
        reach(page, page.get_by_label("Why?"))
        page.keyboard.type("Helpful")
        reach(page, page.get_by_role("button", name="Save"))
        page.keyboard.press("Enter")
        expect(page.get_by_text("“Helpful”")).to_be_visible()
        reach(page, page.locator(".long summary"))
        page.keyboard.press("Enter")
        expect(page.locator(".long .body")).to_be_visible()
        reach(page, page.get_by_label("Also hide this"))
        page.keyboard.type("window seat")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="It stands in 2 places")).to_be_focused()
        reach(page, page.get_by_role("button", name="Hide all 2"))
        page.keyboard.press("Enter")
        expect(page.locator("#correct .note")).to_be_focused()
        reach(page, page.get_by_text("Delete the last turn"))
        page.keyboard.press("Enter")
        reach(page, page.get_by_role("button", name="Delete 2 messages"))
        page.keyboard.press("Enter")
        expect(page.get_by_text("This is its only turn")).to_be_visible()


def reach(page: Page, place: Any) -> None:
    """Press Tab until the place has the focus, and see that the focus is drawn."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if place.evaluate("node => node === document.activeElement"):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError("the keyboard does not get there")


def test_what_unfolds_is_accessible(looking_at: Any) -> None:
    with looking_at(viewport=NARROW) as page:
        page.get_by_text("Show all 4").click()
        page.get_by_text("Another version, 1 message").click()
        page.get_by_role("button", name="Poor answer").last.click()
        page.get_by_text("Say why").click()
        page.get_by_text("Delete the last turn").click()
        page.get_by_label("Also hide this").fill("window seat")
        page.get_by_role("button", name="Show where it stands").click()
        expect(page.get_by_role("heading", name="It stands in 2 places")).to_be_visible()
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.body strong'))")
        expect(page.locator("#selection")).to_be_visible()
        problems = find_problems_in_all_looks(page, "unfolded", also=too_small)
        page.get_by_role("button", name="Hide all 2").click()
        expect(page.locator("#correct .note")).to_be_visible()
        problems += find_problems_in_all_looks(page, "hidden")
        page.get_by_role("link", name="As released, in JSON").click()
        problems += find_problems_in_all_looks(page, "the row", also=too_small)
    assert not problems


def too_small(page: Page) -> list[str]:
    """Things to press of less than 24 pixels; links within a line of text are free to be as high as it is."""
    sizes = """() => [...document.querySelectorAll("main :is(a, button, summary, input:not([type=hidden]), textarea)")]
      .map(node => [node.outerHTML.slice(0, 80), node.getBoundingClientRect(), node.closest("p, .body") && node.matches("a")])
      .filter(([, box, isInText]) => box.width && !isInText && (box.width < 24 || box.height < 24)).map(([name]) => name)"""
    found: list[str] = page.evaluate(sizes)
    return found


def test_no_attack_does_anything(served: Served, open_page: Open) -> None:
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    agree(served.address, user_id)
    messages = [message for number, attack in enumerate(ATTACKS) for message in (said(f"u{number}", attack), said(f"a{number}", attack))]
    payload = {"conversation_id": "c-1", "messages": messages, "model": "<b hx-get=/x>", "platform": "x"}
    post(f"{served.address}/api/v1/conversations", payload, user_id)
    requests: list[str] = []
    with open_page(served.address) as page:
        page.on("dialog", lambda dialog: requests.append(f"dialog {dialog.message}"))
        log_in(page, user_id)
        page.on("request", lambda request: requests.append(request.url))
        page.locator(".entries h2 a").first.click()
        expect(page.locator(".message").nth(2 * len(ATTACKS) - 1)).to_be_visible()
        page.get_by_role("button", name="Good answer").first.click()
        expect(page.get_by_text("You rated this good")).to_be_visible()
        assert not [one for one in requests if not one.startswith(f"{served.address}/")]
        assert not [one for one in requests if "logout" in one]
        assert page.locator(".body :is(img, script, iframe, style, form, svg:not(.icon))").count() == 0
