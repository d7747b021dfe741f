"""A broken site is mended by the server's newer platforms.json: checked before it is used, the last good one kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SECRET, free_port, gunicorn
from tests.extension.conftest import HOSTS
from tests.extension.door import Door
from tests.extension.driver import Browser, Chat
from tests.extension.files import SHIPPED, VERSION, mended, newer, put
from tests.waiting import wait_for

BROKEN = f"{HOSTS['chatgpt']}/?shell=chatgpt-next"
NOT_RECOGNISED = "No chat recognised"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mending-server")


@pytest.fixture(scope="module")
def server(instance: Path) -> Iterator[str]:
    """A server of these tests' own: the others read the package's file."""
    environment = {"SHARELM_INSTANCE": str(instance), "PORT": str(free_port()), "SHARELM_SECRET": SECRET, "SHARELM_JOBS": "off"}
    with gunicorn(environment, instance / "log") as address:
        yield address


@pytest.fixture
def install(instance: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Puts a platforms.json into the server's instance folder."""
    path = instance / "platforms.json"

    def installed(file: dict[str, Any]) -> None:
        path.write_text(json.dumps(file), encoding="utf-8")

    yield installed
    path.unlink(missing_ok=True)


@pytest.fixture
def agreed(browser: Browser) -> Browser:
    """The daily question comes when a test says so."""
    browser.office.evaluate("() => chrome.alarms.create('terms', { delayInMinutes: 600, periodInMinutes: 1440 })")
    browser.consent()
    return browser


def asked(browser: Browser) -> int:
    return browser.door.seen.count("GET /platforms.json")


def kept_version(browser: Browser) -> int | None:
    kept = browser.storage.get("platforms")
    return kept["file"]["version"] if kept else None


def renew(browser: Browser) -> None:
    """The time has come, and the server was asked and its answer dealt with."""
    before = browser.storage.get("platforms_asked", 0), asked(browser)
    browser.alarm("platforms")
    wait_for(lambda: browser.storage.get("platforms_asked", 0) > before[0] and asked(browser) > before[1])
    browser.office.evaluate("() => navigator.locks.request('platforms', () => true)")


def broken_page(browser: Browser) -> Chat:
    chat = browser.chat(BROKEN)
    chat.say("Can you read me?")
    chat.wait_for_banner(NOT_RECOGNISED)
    return chat


def test_a_broken_page_is_mended_without_a_reload(agreed: Browser, install: Callable[[dict[str, Any]], None]) -> None:
    chat = broken_page(agreed)
    wait_for(lambda: asked(agreed) == 1)  # the page that is not recognised made it ask
    install(newer(mended))
    agreed.alarm("terms")
    chat.wait_for_banner("Add 2 earlier messages")
    assert NOT_RECOGNISED not in chat.banner()
    chat.say("And now?")
    agreed.wait_for_waiting(2)
    assert agreed.waiting() == ["And now?", "You said: And now?"]
    wait_for(lambda: asked(agreed) == 2)


def test_it_asks_once_an_hour_at_most(agreed: Browser) -> None:
    chat = broken_page(agreed)
    wait_for(lambda: asked(agreed) == 1)
    chat.press("Look again")
    other = broken_page(agreed)
    planned = agreed.office.evaluate("async () => (await chrome.alarms.get('platforms')).scheduledTime - Date.now()")
    assert 3_500_000 < planned <= 3_600_000
    assert asked(agreed) == 1
    assert NOT_RECOGNISED in other.banner()


def test_what_was_typed_while_paused_on_a_broken_page_is_not_offered_when_it_is_mended(
    agreed: Browser, install: Callable[[dict[str, Any]], None]
) -> None:
    chat = agreed.chat(BROKEN)
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    chat.say("While paused")
    chat.press("Go on")
    chat.wait_for_banner(NOT_RECOGNISED)
    install(newer(mended))
    renew(agreed)
    chat.wait_for_banner("Ready to record")
    assert "earlier" not in chat.banner()
    chat.say("After")
    agreed.wait_for_waiting(2)
    assert agreed.waiting() == ["After", "You said: After"]


def test_a_page_that_is_read_goes_on_in_the_same_conversation(agreed: Browser, install: Callable[[dict[str, Any]], None]) -> None:
    chat = agreed.chat(f"{HOSTS['gradio']}/")
    chat.say("Before")
    agreed.wait_for_waiting(2)
    install(newer(mended))
    renew(agreed)
    chat.say("After")
    agreed.wait_for_waiting(4)
    assert len(agreed.records()) == 1


def test_what_is_never_recorded_any_more_holds_on_open_pages_at_once(agreed: Browser, install: Callable[[dict[str, Any]], None]) -> None:
    chat = agreed.chat(f"{HOSTS['chatgpt']}/")
    chat.say("Before")
    agreed.wait_for_waiting(2)
    install(newer(lambda platform: platform["never"]["paths"].append("/c/")))
    renew(agreed)
    wait_for(lambda: "kept" not in chat.banner())
    chat.say("After")
    assert agreed.waiting() == ["Before", "You said: Before"]


def test_a_good_file_is_kept_when_the_server_is_down_goes_back_or_serves_a_bad_one(
    start: Callable[..., Browser], install: Callable[[dict[str, Any]], None]
) -> None:
    browser = start()
    browser.consent()
    install(newer(mended, version=VERSION + 3))
    renew(browser)
    assert kept_version(browser) == VERSION + 3
    for file in (newer(version=VERSION + 2), SHIPPED):
        install(file)
        renew(browser)
        assert kept_version(browser) == VERSION + 3
    browser.door.instead["/platforms.json"] = json.dumps(newer(put("hosts", ["bank.example"]), version=VERSION + 9)).encode()
    renew(browser)
    assert kept_version(browser) == VERSION + 3
    browser.door.mode = "closed"
    renew(browser)
    assert kept_version(browser) == VERSION + 3
    browser.stop_workers()
    chat = browser.chat(BROKEN)
    chat.wait_for_banner("Ready to record")
    chat.say("Still read")
    browser.wait_for_waiting(2)
    browser.close()
    again = start()
    chat = again.chat(BROKEN)
    chat.wait_for_banner("Ready to record")
    chat.say("Still read the next day")
    again.wait_for_waiting(4)


def test_another_server_has_its_own(agreed: Browser, server: str, install: Callable[[dict[str, Any]], None]) -> None:
    install(newer(mended))
    renew(agreed)
    assert kept_version(agreed) == VERSION + 1
    with Door(server) as other:
        other.instead["/platforms.json"] = json.dumps(SHIPPED).encode()
        assert agreed.ask("choose", address=other.address)["facts"]
        assert kept_version(agreed) is None
        text = agreed.ask("terms")["text"]
        assert agreed.ask("agree", **{name: text[name] for name in ("version", "sha256", "language")}) == "given"
        chat = agreed.chat(BROKEN)
        chat.say("To the other server")
        chat.wait_for_banner(NOT_RECOGNISED)


KEEP = """async ([file, server]) => chrome.storage.local.set({ platforms: { server, file } })"""


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(newer(put("generations/1/user", "[data-nothing]"), version=VERSION), id="the package has become as new"),
        pytest.param(newer(lambda platform: (put("hosts", [])(platform), put("generations/1/user", "[data-nothing]")(platform))), id="not allowed"),
        pytest.param(newer(put("generations/1/user", "[data-message-author-role]:no-such-thing(2)")), id="the browser does not know the selector"),
    ],
)
def test_the_package_goes_before_a_kept_file_that_cannot_be_used(agreed: Browser, file: dict[str, Any]) -> None:
    agreed.stop_workers()
    agreed.office.evaluate(KEEP, [file, agreed.door.address])
    chat = agreed.chat(f"{HOSTS['chatgpt']}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Read as the package says")
    agreed.wait_for_waiting(2)


@pytest.mark.parametrize("padding", [0, 1_000_000])
def test_an_answer_that_is_too_large_is_none(agreed: Browser, padding: int) -> None:
    agreed.door.instead["/platforms.json"] = json.dumps(newer(mended)).encode() + b" " * padding
    renew(agreed)
    assert kept_version(agreed) == (None if padding else VERSION + 1)
