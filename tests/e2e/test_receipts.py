"""From the wish to the checked proof in a browser, with JavaScript and without; no trace of the text, the token or the user ID in the log."""

from __future__ import annotations

import re
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import BOTH, Served, give, log_in
from tests.e2e.looks import violations
from tests.waiting import wait_for

TEXT = "How do I graft a pear onto a quince?"
WORDS = "withdraw everything"
Open = Callable[..., Any]


def purge_until_signed(served: Served, receipt: str) -> None:
    served.end_undo_times()

    def is_signed() -> bool:
        served.run_job("purge")
        with urllib.request.urlopen(f"{receipt}.json") as answer:
            return bool(answer.status == 200)

    wait_for(is_signed, seconds=150)


@pytest.fixture
def user_id(served: Served) -> str:
    user_id = f"{uuid.uuid4().hex}{uuid.uuid4().hex[:11]}"
    for number in range(3):
        give(served.address, user_id, f"c-{number}", user=[TEXT], bot=["In spring."])
    return user_id


@BOTH
def test_one_is_withdrawn_and_its_receipt_checked(served: Served, open_page: Open, user_id: str, has_javascript: bool, tmp_path: Path) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.get_by_role("link", name=TEXT).first.click()
        page.get_by_role("button", name="Withdraw").click()
        page.get_by_role("link", name="Receipt").click()
        expect(page.get_by_role("heading", name="Withdrawal asked for")).to_be_visible()
        address = page.url
        wait_until_signed(served, page, "Withdrawn", has_javascript)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download receipt").click()
        file = tmp_path / "receipt.json"
        download.value.save_as(file)
        page.get_by_role("link", name="Check a receipt").click()
        check(page, file)
        if has_javascript:
            assert not violations(page)
        file.write_text(file.read_text().replace('"everything": false', '"everything": true'))
        page.get_by_label("Receipt", exact=True).fill(file.read_text())
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#result")).to_contain_text("Not genuine")
    token = address.rsplit("/", 1)[1]
    assert "/receipts/<token>" in served.log.read_text()
    assert not [word for word in (token, user_id, TEXT) if word in served.log.read_text()]


@BOTH
def test_everything_is_withdrawn_and_gone(served: Served, open_page: Open, user_id: str, has_javascript: bool) -> None:
    with open_page(served.address, java_script_enabled=has_javascript) as page:
        log_in(page, user_id)
        page.get_by_role("link", name="Withdraw everything").click()
        expect(page.get_by_text("3 conversations are hidden at once")).to_be_visible()
        page.get_by_label("to confirm").fill(WORDS)
        page.keyboard.press("Enter")
        expect(page.get_by_text("The conversations are hidden already")).to_be_visible()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        wait_until_signed(served, page, "Everything is withdrawn", has_javascript)
        expect(page.get_by_text("We have erased 3 conversations.")).to_be_visible()
        if has_javascript:
            assert not violations(page)
        page.goto("/conversations")
        expect(page).to_have_url(f"{served.address}/login")
        log_in(page, user_id)
        expect(page.locator(".entries li")).to_have_count(3)
        assert TEXT not in page.content()


def test_its_page_goes_away_with_an_undo(served: Served, open_page: Open, user_id: str) -> None:
    with open_page(served.address) as page:
        log_in(page, user_id)
        page.get_by_role("link", name=TEXT).first.click()
        page.get_by_role("button", name="Withdraw").click()
        address = page.get_by_role("link", name="Receipt").get_attribute("href")
        receipt = page.context.new_page()
        receipt.goto(address or "")
        expect(receipt.get_by_role("heading", name="Withdrawal asked for")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(receipt.get_by_text("There is no receipt at this address.")).to_be_visible()


def wait_until_signed(served: Served, page: Page, heading: str, has_javascript: bool) -> None:
    """With JavaScript the page changes by itself and goes on at its heading; without it one looks again."""
    purge_until_signed(served, page.url)
    signed = page.get_by_role("heading", name=re.compile(f"^{heading}$"))
    if not has_javascript:
        page.get_by_role("link", name="Look again").click()
    expect(signed).to_be_visible()
    if has_javascript:
        expect(signed).to_be_focused()
        expect(page.locator("#announcement")).to_have_text("Erased. The receipt is signed.")


def check(page: Page, file: Path) -> None:
    page.get_by_label("Or its file").set_input_files(file)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="This receipt is genuine")).to_be_visible()
    expect(page.locator("#result")).to_be_focused()
