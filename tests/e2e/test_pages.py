"""What only a browser can tell: focus, the colour scheme, loading more, no JavaScript."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import Full

Open = Callable[..., Any]


def test_it_keeps_the_chosen_colours(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, color_scheme="light") as page:
        page.goto("/")
        expect(page.get_by_role("radio", name="Auto")).to_be_checked()
        page.get_by_role("radio", name="Dark").check()
        page.goto("/faq")
        expect(page.get_by_role("radio", name="Dark")).to_be_checked()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 22, 20)"
        page.get_by_role("radio", name="Auto").check()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 250, 247)"


def test_it_hides_what_needs_javascript(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, java_script_enabled=False) as page:
        page.goto("/faq")
        expect(page.locator("#colours")).to_be_hidden()
        expect(page.get_by_role("button", name="Copy")).to_be_hidden()


def test_it_begins_with_a_way_past_the_navigation(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()


def test_it_opens_and_signs_out_by_keyboard(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address) as page:
        page.goto("/login")
        page.get_by_label("User ID").focus()
        page.keyboard.type(full_server.user_id)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your contribution")).to_be_visible()
        page.get_by_role("button", name="Sign out").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Open my data").first).to_be_visible()


def test_it_copies_code(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/faq")
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").startswith("curl -X DELETE http://127.0.0.1")


def test_its_code_reads_the_release(full_server: Full, open_page: Open, tmp_path: Path) -> None:
    with open_page(full_server.address) as page:
        page.goto("/releases")
        page.get_by_role("heading", name="Release 20").get_by_role("link").click()
        code = page.locator("#use-code").inner_text()
    environment = os.environ | {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"'role': 'user'" in done.stdout
