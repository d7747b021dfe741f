"""From the extension to one's data with a one-time link, in a real browser."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import Served, agree
from tests.e2e.looks import NARROW, find_problems_in_all_looks

USER = "Link-user-ID_0123456789abcdefghijklmnopqrst"


def test_one_press_opens_the_data_and_the_link_is_used_up(served: Served, open_page: Callable[..., Any]) -> None:
    agree(served.address, USER)
    request = urllib.request.Request(f"{served.address}/api/v1/login-code", b"", {"Authorization": f"Bearer {USER}"})
    with urllib.request.urlopen(request) as answer:
        link = json.load(answer)["url"]
    with open_page(served.address, viewport=NARROW) as page:
        page.goto(link)
        assert not find_problems_in_all_looks(page, "the link")
        page.get_by_role("button", name="Open my data").click()
        expect(page.get_by_role("heading", name="Your contribution")).to_be_visible()
        page.watch.expected = re.compile("status of 401")
        page.goto(link)
        expect(page.get_by_role("heading", name="This link opens nothing")).to_be_visible()
