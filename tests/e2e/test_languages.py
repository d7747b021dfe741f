"""Two languages in real Chromium, and a third one that runs from right to left: only here, without a catalogue."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from sharelm import create_app
from sharelm.config import CHECKOUT, Config
from sharelm.jobs import job_named, run_job
from sharelm.web.language import LANGUAGES
from tests.conftest import SECRET, free_port
from tests.e2e.conftest import HARD_TEXTS, Full, give
from tests.e2e.looks import NARROW, find_problems_in_all_looks

Open = Callable[..., Any]
OPEN_PAGES = (
    "/", "/install", "/login", "/open/used", "/terms", "/privacy", "/faq", "/contact", "/releases", "/receipts/verify",
    "/models", "/statistics", "/nothing",
)  # fmt: skip
OWN_PAGES = (
    "/overview", "/conversations", "/conversations?q=nothing+of+this+kind", "/conversations?stage=withdrawn", "/your-data",
    "/your-data/about-you", "/your-data/name", "/your-data/replace-id", "/withdraw-all",
)  # fmt: skip
SIDE = re.compile(r"[\s;-](?:left|right)\s*:|:\s*(?:left|right)\s*;|[a-z]-(?:left|right)-")
READER = "Right-user-ID_0123456789abcdefghijklmnopqrs"


def enter(page: Page, user_id: str) -> None:
    page.goto("/login")
    page.locator("#user-id").fill(user_id)
    page.locator("main form button").click()
    page.wait_for_url("**/overview")


def visited(page: Page, user_id: str) -> Iterator[str]:
    page.watch.expected = re.compile("status of 40[14]")  # type: ignore[attr-defined]
    for path in OPEN_PAGES:
        page.goto(path)
        yield path
    page.goto("/releases")
    page.locator("article h2 a").click()
    yield "a release"
    enter(page, user_id)
    for path in OWN_PAGES:
        page.goto(path)
        yield path
    for stage in ("received", "released"):
        page.goto(f"/conversations?stage={stage}")
        page.locator(".entries h2 a").first.click()
        page.locator("#thread").wait_for()
        yield f"{stage} conversation"
        page.locator(".tabs a").last.click()
        page.locator(".tabs").wait_for()
        yield f"{stage} conversation as released"


def test_italian_pages_are_accessible_and_fit(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, locale="it-IT", viewport=NARROW) as page:
        problems = []
        for name in visited(page, full_server.user_id):
            expect(page.locator("html")).to_have_attribute("lang", "it")
            problems += find_problems_in_all_looks(page, name, schemes=["light"])
    assert not problems


@pytest.mark.parametrize("has_script", [True, False])
def test_a_language_is_chosen_at_the_foot_of_a_page(full_server: Full, open_page: Open, has_script: bool) -> None:
    with open_page(full_server.address, java_script_enabled=has_script) as page:
        page.goto("/faq")
        page.get_by_role("button", name="Italiano").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Domande e risposte")
        assert page.url.endswith("/faq")
        enter(page, full_server.user_id)
        expect(page.get_by_role("heading", level=1)).to_have_text("Il tuo contributo")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your contribution")


def test_a_choice_leads_back_to_the_list_as_it_was_filtered(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address) as page:
        enter(page, full_server.user_id)
        page.goto("/conversations")
        page.get_by_label("Order").select_option("Oldest first")
        page.wait_for_url("**/conversations?order=oldest")
        page.get_by_role("button", name="Italiano").click()
        expect(page.locator("html")).to_have_attribute("lang", "it")
        assert page.url.endswith("/conversations?order=oldest")


def test_what_the_script_says_is_italian_too(full_server: Full, open_page: Open) -> None:
    with open_page(full_server.address, locale="it-IT", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/faq")
        page.locator("[data-copy]").click()
        expect(page.locator("[data-copy]")).to_have_text("Copiato")
        enter(page, full_server.user_id)
        page.goto("/conversations")
        for box in page.get_by_role("checkbox").all()[:2]:
            box.check()
        expect(page.locator("#picked")).to_have_text("Selezionate: 2")
        page.locator(".entries h2 a").first.click()
        page.locator("#thread .body p").first.select_text()
        expect(page.locator("#selected")).to_have_text(re.compile("^«.+»$", re.DOTALL))
        page.watch.expected = re.compile("ERR_INTERNET_DISCONNECTED|htmx:")
        page.context.set_offline(True)
        page.get_by_role("button", name="Ritira").click()
        expect(page.locator("#problem")).to_have_text("Il server non risponde. Nulla è cambiato; riprova fra poco.")


@pytest.fixture(scope="module")
def right_to_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a release, whose pages run from right to left for who asks for Arabic."""
    port = free_port()
    settings = {"SHARELM_INSTANCE": str(tmp_path_factory.mktemp("arabic")), "PORT": str(port), "SHARELM_SECRET": SECRET, "SHARELM_HOLD_HOURS": "0"}
    app = create_app(Config.from_environment(settings | {"SHARELM_JOBS": "off"}))
    app.open()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LANGUAGES, "ar", "العربية")
        give(
            address,
            READER,
            "c-1",
            user=["Write to me@example.org", *HARD_TEXTS[1:]],
            bot=list(HARD_TEXTS),
            conversation_metadata={"message_ratings": [1, -1, 0, 1]},
        )
        for number in range(12):
            give(address, f"Person-{number:03}-user-ID_0123456789abcdefghij", "c-1", conversation_metadata={"message_ratings": [1]})
        for name in ("anonymise", "release", "figures"):
            run_job(app.server, job_named(name))
        give(address, READER, "c-2")
        yield address
    server.shutdown()
    app.server.engine.dispose()


def test_pages_from_right_to_left_are_accessible_and_fit(right_to_left: str, open_page: Open) -> None:
    with open_page(right_to_left, locale="ar", viewport=NARROW) as page:
        problems = []
        for name in visited(page, READER):
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            problems += find_problems_in_all_looks(page, name, schemes=["light"])
    assert not problems


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate("(node, name) => getComputedStyle(node)[name]", name))


def test_it_begins_at_the_right_and_code_at_the_left(right_to_left: str, open_page: Open) -> None:
    with open_page(right_to_left, locale="ar", viewport={"width": 1280, "height": 700}) as page:
        enter(page, READER)
        brand, sign_out = (page.locator(selector).bounding_box() for selector in (".brand", ".account button"))
        assert brand and sign_out and brand["x"] > sign_out["x"]
        assert style(page, ".account .flip", "transform") == "matrix(-1, 0, 0, 1, 0, 0)"
        assert style(page, ".whisker svg", "transform") == "matrix(-1, 0, 0, 1, 0, 0)"
        page.goto("/conversations?stage=released")
        page.locator(".entries h2 a").first.click()
        page.locator("#thread").wait_for()
        assert {body.get_attribute("dir") for body in page.locator(".message .body").all()} == {"auto"}
        assert style(page, ".message .redacted", "direction") == "ltr"
        page.locator(".tabs a").last.click()
        assert style(page, ".code pre", "direction") == "ltr"
        page.goto("/login")
        assert style(page, "#user-id", "direction") == "ltr"


def test_styles_name_no_side() -> None:
    """But for code, which begins at the left in every language."""
    styles = re.sub(r"/\*.*?\*/", "", (CHECKOUT / "static/sharelm.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    rules = re.findall(r"([^{};]*)\{([^{}]*)\}", styles)
    assert [selector.strip() for selector, rule in rules if SIDE.search(f";{rule};")] == [".code pre"]
