"""Real Chromium on real servers. Whatever the console complains about fails the test, CSP violations first of all."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright
from sqlalchemy import create_engine, update

from sharelm.jobs import clock
from sharelm.store.conversation import conversation
from tests import processes
from tests.conftest import SECRET, free_port, gunicorn, plugin_payload

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
LONG_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 4
HARD_TEXTS = (
    LONG_WORD,
    "[" + "VERY_" * 60 + "LONG_1]",
    "كيف أكتب رسالة شكر إلى معلمتي؟\nmixed with English [EMAIL_ADDRESS_1]",
    "x = [\n\t1,\n" + "    2, " * 60 + "\n]",
)
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])
# Loading the model for names takes seconds in every process; what needs it is tested without a browser.
WITHOUT_MODEL = {"SHARELM_NAMES": "off"}
OWN = "Hard-user-ID_0123456789abcdefghijklmnopqrst"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all: it has the browser and the servers."""
    for item in items:
        if "/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("e2e"))


@dataclass(frozen=True)
class Full:
    """A server with something on every page; its jobs stand still. `user_id` has what pages find hard to show."""

    address: str
    user_id: str = OWN


@dataclass(frozen=True)
class Served:
    """A server whose jobs run when a test says so."""

    address: str
    environment: dict[str, str]
    log: Path

    def run_job(self, name: str) -> None:
        processes.flask("job", "run", name, environment=self.environment).check_returncode()

    def end_undo_times(self) -> None:
        """As if the ten seconds were over: nobody waits for a clock."""
        engine = create_engine(f"sqlite:///{self.environment['SHARELM_INSTANCE']}/sharelm.sqlite3")
        with engine.begin() as connection:
            connection.execute(update(conversation).where(conversation.c.erase_after.is_not(None)).values(erase_after=clock()))
        engine.dispose()


@contextmanager
def serve_without_jobs(folder: Path, **settings: str) -> Iterator[Served]:
    environment = {"SHARELM_INSTANCE": str(folder / "instance"), "PORT": str(free_port()), "SHARELM_JOBS": "off"} | WITHOUT_MODEL | settings
    with gunicorn(environment, folder / "log") as address:
        yield Served(address, environment, folder / "log")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all tests that have contributors of their own on it; it has no release and counts no figures."""
    with serve_without_jobs(tmp_path_factory.mktemp("served"), SHARELM_HOLD_HOURS="0") as served:
        yield served


@pytest.fixture(scope="session")
def full_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    folder, port = tmp_path_factory.mktemp("full"), free_port()
    environment = {
        "SHARELM_INSTANCE": str(folder),
        "PORT": str(port),
        "SHARELM_HOLD_HOURS": "0",
        "SHARELM_SECRET": SECRET,
        "SHARELM_OPERATOR": LONG_WORD[:120],
        **WITHOUT_MODEL,
    }
    with gunicorn(environment | {"SHARELM_JOBS": "off"}, folder / "log") as address:
        give(address, OWN, "hard-1", user=list(HARD_TEXTS), bot=list(HARD_TEXTS), conversation_metadata={"message_ratings": [1, -1, 0, 1]})
        give(address, OWN, "hard-2", user=["Write to me@example.org, " * 3], bot=[LONG_WORD])
        for number in range(12):  # enough people for public figures, among them some with long names of models
            page = f"https://chatgpt.com/?model={LONG_WORD[:90]}" if number % 6 else "https://claude.ai/chat/1"
            give(address, f"Person-{number:03}-user-ID_0123456789abcdefghij", "c-1", page_url=page, conversation_metadata={"message_ratings": [1]})
        for command in (("job", "run", "anonymise"), ("demo",), ("job", "run", "figures")):
            processes.flask(*command, environment=environment).check_returncode()
        give_with_model(address, OWN, "hard-3", model="quartz-1.5-long-context-preview-2026-09-experimental" * 3)
        for number in range(57):
            give(address, OWN, f"many-{number}", user=[f"Question {number:02} {LONG_WORD if number % 5 == 0 else ''}"])
        yield Full(address)


def give(address: str, user_id: str, conversation_id: str, **changed: Any) -> None:
    post(f"{address}/api/endpoint", plugin_payload(user_id, conversation_id, **changed))


def agree(address: str, user_id: str) -> None:
    """A contributor who has not given anything yet."""
    with urllib.request.urlopen(f"{address}/api/v1/consent") as answer:
        version = json.load(answer)["version"]
    post(f"{address}/api/v1/consent", {"version": version, "language": "en", "adult": True}, user_id)


def give_with_model(address: str, user_id: str, conversation_id: str, *, model: str) -> None:
    agree(address, user_id)
    messages = [{"id": "1", "role": "user", "content": "Hello"}, {"id": "2", "role": "assistant", "content": "Hi", "model": model}]
    post(f"{address}/api/v1/conversations", {"conversation_id": conversation_id, "messages": messages, "model": model, "platform": "x" * 64}, user_id)


def post(url: str, payload: object, user_id: str | None = None) -> None:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {user_id}"} if user_id else {})
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(payload).encode(), headers)) as answer:
        assert answer.status == 200


@pytest.fixture(scope="session")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield started
    started.close()


class Watch:
    """Collects what a page complains about. `expected` is a pattern for what a test provokes."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: re.Pattern[str] | None = None

    def look_at(self, page: Page) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (self.expected and self.expected.search(message.text)):
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def signed_in(full_server: Full, browser: Browser) -> dict[str, Any]:
    """Options for a page of somebody who has opened their data on the full server before."""
    with browser.new_context(base_url=full_server.address) as context:
        log_in(context.new_page(), full_server.user_id)
        return {"storage_state": context.storage_state()}


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Any]]:
    """A context manager for a page in a context of its own; nothing may have been complained about when it closes."""

    @contextmanager
    def opened(address: str, **options: Any) -> Iterator[Page]:
        context: BrowserContext = browser.new_context(base_url=address, reduced_motion="reduce", **options)
        context.set_default_timeout(15_000)
        page, watch = context.new_page(), Watch()
        watch.look_at(page)
        page.watch = watch  # type: ignore[attr-defined]
        yield page
        context.close()
        assert not watch.complaints

    yield opened


def log_in(page: Page, user_id: str) -> None:
    page.goto("/login")
    page.get_by_label("User ID").fill(user_id)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name="Your contribution").wait_for()
    page.goto("/conversations")
