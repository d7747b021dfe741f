"""Bring your history in a browser, with JavaScript and without, from the terms to what was given; and how it looks to everybody."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import BOTH, HARD_TEXTS, LONG_WORD, Served, agree, give, log_in
from tests.e2e.looks import NARROW, find_problems_in_all_looks
from tests.web.api.exports import claude, claude_chat, some_chats

Open = Callable[..., Any]
BOUNDARY = "a-boundary-of-tests"


@pytest.fixture
def user_id(served: Served) -> str:
    """Somebody who uses the published plugin: our own terms are new to them."""
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    give(served.address, user_id, "c-1")
    return user_id


def choose_file(page: Page, content: bytes) -> None:
    page.get_by_label("Your export").set_input_files({"name": "export.json", "mimeType": "application/json", "buffer": content})
    page.get_by_role("button", name="Send and look").click()


@BOTH
def test_history_is_brought(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    plane = claude_chat("b", "I am at me@example.org. How do I sharpen a plane iron?", "On a stone.", updated_at="2026-05-01T00:00:00Z")
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.get_by_role("link", name="Your data").click()
        page.get_by_role("link", name="Bring your history").click()
        page.watch.expected = re.compile("status of 422")
        page.get_by_role("button", name="I agree").click()
        expect(page.get_by_text("Tick the box to go on.")).to_be_visible()
        page.get_by_label("I have read the terms").check()
        page.get_by_role("button", name="I agree").click()
        choose_file(page, claude(plane, claude_chat("a", "What is tea?", "A drink.")))
        expect(page.get_by_role("progressbar", name="Your file is being read")).to_be_visible()
        served.run_job("export")
        if not has_javascript:
            page.get_by_role("link", name="Look again").click()
        expect(page.locator(".entries h2")).to_have_count(2)
        if has_javascript:
            expect(page.locator("#announcement")).to_have_text("Your file is read.")
        assert page.locator(".pick input:checked").count() == 0
        page.get_by_label("Search").fill("STONE")
        page.keyboard.press("Enter")
        expect(page.locator(".entries h2")).to_have_count(1)
        page.locator(".entries h2 a").click()
        expect(page.locator("#thread")).to_contain_text("[EMAIL_ADDRESS_1]")
        expect(page.locator("#thread")).not_to_contain_text("me@example.org")
        page.get_by_role("link", name="Keep it").click()
        page.get_by_role("checkbox", name=re.compile("plane iron")).check()
        page.get_by_role("button", name="Give").click()
        expect(page.get_by_role("status").filter(has_text="1 conversation given")).to_be_visible()
        page.get_by_role("link", name="Conversations", exact=True).click()
        expect(page.locator(".entries h2")).to_have_count(2)
        page.goto("/your-data/history")
        page.get_by_role("link", name="Export from Claude").click()
        page.get_by_role("button", name="Erase this export").click()
        expect(page.get_by_role("status").filter(has_text="Erased")).to_be_visible()
        expect(page.get_by_role("link", name="Export from Claude")).to_have_count(0)


@BOTH
def test_a_file_that_is_none_is_explained(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    agree(served.address, user_id)
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.goto("/your-data/history")
        page.watch.expected = re.compile("status of 422")
        choose_file(page, b"<html>")
        expect(page.get_by_role("alert").filter(has_text="This is a web page, which we do not read.")).to_be_visible()
        choose_file(page, b'[{"no": "export"}]')
        served.run_job("export")
        page.reload()
        expect(page.get_by_text("We find no conversations in this file.")).to_be_visible()


def test_the_pages_of_a_history_are_accessible(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address, viewport=NARROW) as page:
        log_in(page, user_id)
        page.goto("/your-data/history")
        page.get_by_text("Read the terms", exact=True).click()
        problems = find_problems_in_all_looks(page, "the terms")
        agree(served.address, user_id)
        page.goto("/your-data/history")
        problems += find_problems_in_all_looks(page, "nothing sent")
        hard = [claude_chat(f"h-{place}", text, LONG_WORD, text, LONG_WORD) for place, text in enumerate(HARD_TEXTS)]
        many = json.loads(some_chats(60))
        export_id = bring(served.address, user_id, claude(*hard, *many, claude_chat("empty")))
        page.goto(f"/your-data/history/{export_id}")
        problems += find_problems_in_all_looks(page, "being read")
        served.run_job("export")
        page.goto(f"/your-data/history/{export_id}")
        expect(page.get_by_role("link", name="Older ones")).to_be_visible()
        page.locator(".pick input").first.check()
        problems += find_problems_in_all_looks(page, "to choose")
        page.goto(f"/your-data/history/{export_id}?q=nothing")
        problems += find_problems_in_all_looks(page, "nothing found")
        page.goto(f"/your-data/history/{export_id}?q=Rindfleischetikettierung")
        for link in page.locator(".entries h2 a").all()[:1]:
            link.click()
        expect(page.get_by_role("heading", name="Replaced")).to_be_visible()
        problems += find_problems_in_all_looks(page, "preview")
        page.goto("/your-data/history")
        problems += find_problems_in_all_looks(page, "one waits")
    assert not problems


def bring(address: str, user_id: str, content: bytes) -> str:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'.encode()
    headers = {"Authorization": f"Bearer {user_id}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    body = head + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    with urllib.request.urlopen(urllib.request.Request(f"{address}/api/v1/exports", body, headers)) as answer:
        assert answer.status == 202
        return str(json.load(answer)["export_id"])
