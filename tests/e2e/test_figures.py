"""Figures in a browser: nothing from another host, no script needed, light enough for a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from tests.e2e.conftest import Full, log_in

Open = Callable[..., Any]
MAX_BYTES = 60_000  # of the page itself, uncompressed


@pytest.mark.parametrize("path", ["/overview", "/models", "/statistics", "/"])
def test_it_asks_no_other_host_and_weighs_little(full_server: Full, open_page: Open, signed_in: dict[str, Any], path: str) -> None:
    with open_page(full_server.address, **signed_in) as page:
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - it wants a Python function
        document = page.goto(path)
        assert document is not None
        assert len(document.body()) < MAX_BYTES
        page.wait_for_load_state("networkidle")
        assert all(request.url.startswith(f"{full_server.address}/") for request in asked)


def test_it_shows_everything_without_javascript(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, java_script_enabled=False) as page:
        log_in(page, full_server.user_id)
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_role("img", name="Conversations you gave, by day")).to_be_visible()
        page.get_by_text("As a table").click()
        expect(page.get_by_role("columnheader", name="Day")).to_be_visible()
        page.get_by_role("link", name="Models").click()
        expect(page.get_by_role("heading", name="Which models people use")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="Rindfleisch").first).to_be_visible()
        page.get_by_role("link", name="Statistics").click()
        expect(page.get_by_role("img", name="Conversations received, by month")).to_be_visible()


def test_its_table_opens_by_keyboard(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address) as page:
        page.goto("/statistics")
        page.get_by_text("As a table").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Conversations by month")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("region", name="Conversations by month")).to_be_focused()
