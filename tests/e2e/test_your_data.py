"""Your data in a browser, with JavaScript and without: each way from the page to what it promises."""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import BOTH, Served, give, log_in

TEXT = "How do I sharpen a plane iron?"
Open = Callable[..., Any]


@pytest.fixture
def user_id(served: Served) -> str:
    """A contributor of this test alone, with two conversations."""
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    for number in range(2):
        give(served.address, user_id, f"c-{number}", user=[TEXT], bot=["On a stone."])
    served.run_job("anonymise")
    return user_id


@BOTH
def test_everything_is_downloaded(served: Served, open_page: Open, user_id: str, has_javascript: bool, tmp_path: Path) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.get_by_role("link", name="Your data").click()
        page.get_by_role("button", name="Prepare download").click()
        expect(page.get_by_text("Your file is being made.")).to_be_visible()
        if has_javascript:
            expect(page.locator("#announcement")).to_have_text("Your download is being made.")
            expect(page.get_by_role("heading", name="Download everything")).to_be_focused()
        served.run_job("download")
        if not has_javascript:
            page.get_by_role("link", name="Look again").click()
        link = page.get_by_role("link", name="Download ZIP")
        expect(link).to_be_visible()
        if has_javascript:
            expect(page.locator("#announcement")).to_have_text("Your download is ready.")
        with page.expect_download() as download:
            link.click()
        download.value.save_as(tmp_path / "mine.zip")
        assert re.fullmatch(r"sharelm-data-[\d-]+\.zip", download.value.suggested_filename)
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        conversations = json.loads(archive.read("sharelm-data/conversations.json"))
    assert [conversation["messages"][0]["content"] for conversation in conversations] == [TEXT, TEXT]


@BOTH
def test_what_one_tells_is_saved_changed_and_erased(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.goto("/your-data")
        page.get_by_role("link", name="Tell something").click()
        page.get_by_label("Age group").select_option("35 to 44")
        page.get_by_label("Country").select_option("Italy")
        page.get_by_label("Gender").select_option("In my own words")
        page.watch.expected = re.compile("status of 422")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("In your own words")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Country")).to_have_value("IT")
        page.get_by_label("In your own words").fill("סתם")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        page.get_by_role("link", name="Your data").last.click()
        expect(page.get_by_text("You told us: age group 35-44, Italy, סתם.")).to_be_visible()
        page.get_by_role("link", name="Change or erase").click()
        page.get_by_role("button", name="Erase my answers").click()
        expect(page.get_by_role("status").filter(has_text="Erased")).to_be_visible()
        expect(page.get_by_label("Country")).to_have_value("")


@BOTH
def test_a_user_id_is_replaced_and_the_new_one_opens(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript, permissions=["clipboard-read", "clipboard-write"]) as page:
        log_in(page, user_id)
        page.goto("/your-data")
        page.get_by_role("link", name="Replace my ID").click()
        page.get_by_role("button", name="Show me a new ID").click()
        new_id = page.locator("#new-id").inner_text().strip()
        if has_javascript:
            page.get_by_role("button", name="Copy").click()
            expect(page.get_by_role("button", name="Copied")).to_be_visible()
            assert page.evaluate("navigator.clipboard.readText()") == new_id
        page.get_by_label("I have kept the new ID").check()
        page.get_by_role("button", name="Replace the old ID now").click()
        expect(page.get_by_role("heading", name="Tell your extension")).to_be_visible()
        page.get_by_role("link", name="Sign in with the new ID").click()
        page.watch.expected = re.compile("status of 401")
        page.get_by_label("User ID").fill(user_id)
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_text("This ID does not open anything here.")).to_be_visible()
        log_in(page, new_id)
        expect(page.locator(".entries h2")).to_have_count(2)


@BOTH
def test_grouping_is_switched_off_and_on(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.goto("/your-data")
        switch = page.get_by_role("switch", name="Do not group my conversations in releases")
        for state in ("true", "false"):
            switch.focus()
            page.keyboard.press("Enter")
            expect(switch).to_have_attribute("aria-checked", state)


@BOTH
def test_a_name_is_chosen_and_a_badge_shown_copied_and_revoked(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    name = "علي" if has_javascript else "نور"  # nobody has the name of another
    with open_page(served.address, java_script_enabled=has_javascript, permissions=["clipboard-read", "clipboard-write"]) as page:
        log_in(page, user_id)
        page.goto("/your-data")
        page.get_by_role("link", name="Choose name and badge").click()
        page.get_by_label("Public name").fill("علي <b>")
        page.watch.expected = re.compile("status of 422")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("Public name")).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Public name").fill(name)
        page.get_by_label("Name me in the card").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").filter(has_text=f"You are seen as {name}")).to_be_visible()
        page.get_by_role("button", name="Make a badge").click()
        image = page.get_by_role("img", name=f"Your badge: ShareLM, {name}, contributor")
        expect(image).to_be_visible()
        assert image.bounding_box()["width"] > 100
        if has_javascript:
            page.get_by_role("button", name="Copy").click()
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == page.locator("#badge-markdown").inner_text()
        address = image.get_attribute("src")
        page.get_by_role("button", name="Switch the badge off").click()
        expect(page.get_by_role("button", name="Make a badge")).to_be_visible()
        assert page.request.get(address).status == 404  # past the browser's own cache, which keeps it for five minutes


@BOTH
def test_anybody_writes_to_the_operator(served: Served, open_page: Open, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        page.goto("/releases")
        page.get_by_role("link", name="Contact").click()
        page.get_by_label("What is it about?").select_option("It threatens somebody")
        page.get_by_label("Message").fill("Look at this.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("status").filter(has_text="Received")).to_be_visible()
        expect(page.get_by_label("Message")).to_have_value("")
