"""One's own pages and the contact form, empty and full, light and dark, wide and narrow: no axe violation, nothing that scrolls sideways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import LONG_WORD, Full, agree, log_in
from tests.e2e.looks import NARROW, find_problems_in_all_looks

EMPTY_USER = "Nothing-user-ID_0123456789abcdefghijklmnopq"
Open = Callable[..., Any]


def test_own_pages_are_accessible(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, viewport=NARROW) as page:
        page.watch.expected = re.compile("status of 4(01|22)")
        problems = [problem for name in contact_form(page) for problem in find_problems_in_all_looks(page, name)]
        log_in(page, full_server.user_id)
        for pages in (about_you, name_and_badge, your_data):
            problems += [problem for name in pages(page) for problem in find_problems_in_all_looks(page, name)]
    assert not problems


def test_own_pages_of_who_gave_nothing_are_accessible(full_server: Full, open_page: Open) -> None:
    agree(full_server.address, EMPTY_USER)
    with open_page(full_server.address, viewport=NARROW) as page:
        problems = []
        log_in(page, EMPTY_USER)
        for path in ("/your-data", "/your-data/about-you", "/your-data/name", "/your-data/replace-id"):
            page.goto(path)
            problems += find_problems_in_all_looks(page, path)
    assert not problems


def contact_form(page: Page) -> Iterator[str]:
    page.goto("/contact?done=sent&kind=threat&about=sharelm:77")
    yield "contact, sent"
    page.get_by_label("Message").fill(" ")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Message")).to_be_focused()
    yield "contact, refused"


def about_you(page: Page) -> Iterator[str]:
    page.goto("/your-data/about-you")
    page.get_by_label("Gender").select_option("In my own words")
    page.get_by_label("In your own words").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("In your own words")).to_be_focused()
    yield "about you, refused"
    page.get_by_label("In your own words").fill(LONG_WORD[:64])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    yield "about you"


def name_and_badge(page: Page) -> Iterator[str]:
    page.goto("/your-data/name")
    page.get_by_label("Public name").fill(LONG_WORD[:23] + "<")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Public name")).to_be_focused()
    yield "name and badge, refused"
    page.get_by_label("Public name").fill(LONG_WORD[:24])
    page.get_by_label("Name me in the card").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Make a badge").click()
    expect(page.get_by_role("img", name="Your badge")).to_be_visible()
    yield "name and badge"


def your_data(page: Page) -> Iterator[str]:
    page.goto("/your-data/replace-id")
    page.get_by_role("button", name="Show me a new ID").click()
    expect(page.get_by_label("I have kept the new ID")).to_be_visible()
    yield "a new user ID"
    page.goto("/your-data")
    for is_on in ("true", "false"):
        page.get_by_role("switch").click()
        expect(page.get_by_role("switch")).to_have_attribute("aria-checked", is_on)
        yield f"your data, ungrouped: {is_on}"
