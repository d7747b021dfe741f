"""From the extension to one's data with a one-time link, in a real browser."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import agree
from tests.e2e.test_accessibility import find_problems

USER = "Link-user-ID_0123456789abcdefghijklmnopqrst"


def test_one_press_opens_the_data_and_the_link_is_used_up(live_server: str, open_page: Callable[..., Any]) -> None:
    agree(live_server, USER)
    request = urllib.request.Request(f"{live_server}/api/v1/login-code", b"", {"Authorization": f"Bearer {USER}"})
    with urllib.request.urlopen(request) as answer:
        link = json.load(answer)["url"]
    with open_page(live_server, viewport={"width": 320, "height": 700}) as page:
        page.goto(link)
        assert not find_problems(page, "the link")
        page.get_by_role("button", name="Open my data").click()
        expect(page.get_by_role("heading", name="Your contribution")).to_be_visible()
        page.watch.expected = re.compile("status of 401")
        page.goto(link)
        expect(page.get_by_role("heading", name="This link opens nothing")).to_be_visible()
