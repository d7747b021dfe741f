"""A broken site is mended by the server's newer platforms.json: checked before it is used, the last good one kept."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.conftest import SECRET, free_port, gunicorn
from tests.extension.conftest import ARGUMENTS, HOSTS, SOURCE
from tests.extension.door import Door
from tests.extension.driver import Browser, Chat
from tests.waiting import wait_for

SHIPPED = json.loads((SOURCE / "platforms.json").read_text())
VERSION = SHIPPED["version"]
IDS = [platform["id"] for platform in SHIPPED["platforms"]]
BROKEN = f"{HOSTS['chatgpt']}/?shell=chatgpt-next"
NOT_RECOGNISED = "No chat recognised"


def newer(change: Callable[[dict[str, Any]], object] = lambda _: None, *, of: str = "chatgpt", version: Any = VERSION + 1) -> dict[str, Any]:
    """The package's file with another version, and one platform changed."""
    made = copy.deepcopy(SHIPPED)
    change(made["platforms"][IDS.index(of)])
    return {**made, "version": version}


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets what a path of names and numbers leads to."""

    def change(platform: dict[str, Any]) -> None:
        *way, name = [int(part) if part.isdecimal() else part for part in path.split("/")]
        at: Any = platform
        for part in way:
            at = at[part]
        at[name] = value

    return change


def mended(platform: dict[str, Any]) -> None:
    """Reads the site whose marks were renamed."""
    roles = platform["generations"][1]
    platform["generations"].insert(0, {**roles, "name": "next", "user": "[data-speaker=user]", "assistant": "[data-speaker=assistant]"})


# --- The check itself -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def check(playwright: Playwright, chromium: str) -> Iterator[Callable[..., str | None]]:
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    page = browser.new_page()
    source = base64.b64encode((SOURCE / "shared/schema.js").read_bytes()).decode()
    page.evaluate("async source => (globalThis.schema = await import(source))", f"data:text/javascript;base64,{source}")

    def checked(given: Any, above: int = VERSION) -> str | None:
        return page.evaluate("([given, shipped, above]) => schema.problemOf(given, shipped, above)", [given, SHIPPED, above])

    yield checked
    browser.close()


SELECTORS = [
    "p, div",
    "[data-a='x y; {z}']",
    'button[aria-label="Beende die Übertragung" i]',
    "main > .turn:not(:has([role=status])) + div ~ p",
    "[id^=message-]:nth-child(2n+1)",
    "*",
    "user-query",
    ":is(a, b)",
]


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_selector_is_taken(check: Callable[..., str | None], selector: str) -> None:
    assert check(newer(put("chat", selector))) is None


GOOD = {
    "nothing but the version": newer(),
    "a new generation": newer(mended),
    "another name": newer(put("name", "Chat, renamed")),
    "a list that is not virtual any more": newer(put("virtual", False)),
    "more that is never recorded": newer(
        lambda one: one["never"].update(
            paths=[*one["never"]["paths"], "/team/"], queries=["secret=1", *one["never"]["queries"]], select="[data-team]"
        )
    ),
    "more than one mark of what is never recorded": newer(
        lambda one: one["never"].update(select=one["never"]["select"] + ", [data-team]"), of="grok"
    ),
    "another address of conversations": newer(put("conversation", "/chat/thread/([0-9a-f]{16,64})")),
    "no address of conversations": newer(put("conversation", "")),
    "another start of raw text": newer(put("generations/0/raw/prefixes", ["l'assistente: "]), of="gradio"),
    "a version far ahead": newer(version=2026112201),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_taken(check: Callable[..., str | None], name: str) -> None:
    assert check(GOOD[name]) is None


BAD_FILES = {
    "nothing": (None, "file"),
    "a text": ("platforms", "file"),
    "a list": ([], "file"),
    "no list of platforms": ({"version": VERSION + 1, "platforms": {}}, "file"),
    "something besides": ({**newer(), "script": "x"}, "file"),
    "a version as text": (newer(version=str(VERSION + 1)), "file"),
    "half a version": (newer(version=VERSION + 0.5), "file"),
    "a version without end": (newer(version=1e300), "file"),
    "the same version": (newer(version=VERSION), "version"),
    "a lower version": (newer(version=VERSION - 1), "version"),
    "a platform less": ({**newer(), "platforms": SHIPPED["platforms"][1:]}, "platforms"),
    "a platform more": ({**newer(), "platforms": [*SHIPPED["platforms"], {**SHIPPED["platforms"][0], "id": "bank"}]}, "platforms"),
    "another platform": (newer(put("id", "bank")), "platforms"),
    "another order": ({**newer(), "platforms": SHIPPED["platforms"][::-1]}, "platforms"),
    "no platform at all": ({**newer(), "platforms": [None, *SHIPPED["platforms"][1:]]}, "platforms"),
}
BAD_FIELDS: list[tuple[str, Any]] = [
    ("hosts", ["chatgpt.com", "chat.openai.com", "bank.example"]),
    ("hosts", ["chatgpt.com"]),
    ("hosts", []),
    ("selfHosted", True),
    ("paths", ["/"]),
    ("script", "x"),
    ("name", ""),
    ("name", "n" * 101),
    ("name", 7),
    ("virtual", 1),
    ("chat", ""),
    ("chat", None),
    ("chat", ["p"]),
    ("composer", "a" * 401),
    ("submit", "p{color:red}"),
    ("streaming", {"message": "", "page": "", "frame": ""}),
    ("streaming", {"message": ""}),
    ("streaming", []),
    ("marks", [{"select": "p {}", "mark": "[file]"}]),
    ("marks", [{"select": "p", "mark": "Send me your password"}]),
    ("marks", [{"select": "p", "mark": "[file]"}] * 21),
    ("generations", []),
    ("generations", [SHIPPED["platforms"][1]["generations"][0]] * 9),
    ("generations/0/user", ""),
    ("generations/0/key", ["data-id]"]),
    ("generations/0/key", ["data-a"] * 6),
    ("generations/0/model/attribute", "data-a, *"),
    ("generations/0/raw/attribute", "onclick=x"),
    ("generations/0/raw/prefixes", [""]),
    ("generations/0/raw/prefixes", ["p" * 101]),
    ("generations/0/raw/except", [""]),
    ("generations/0/text/user", "p"),
    ("generations/0/text", {"user": [], "assistant": [], "isRendered": "yes"}),
    ("generations/0/strip", ["p"] * 41),
    ("generations/0/thumbs/up", "a b)"),
    ("generations/0/turn", None),
    ("examples", [{"page": "a/b", "user": -1, "assistant": 0}]),
    ("examples", [{"page": "a/b"}]),
    ("never", None),
    ("never/paths", ["/share/", "/s/"]),
    ("never/paths", ["/share/", "/s/", "/gg/", "team"]),
    ("never/paths", ["/share/", "/s/", "/gg/", *["/x"] * 40]),
    ("never/queries", []),
    ("never/queries", ["temporary-chat=true", ""]),
    ("never/select", "p {}"),
]
BAD_SELECTORS = [
    " ", " p", "p ", "p,", ", p", "p >", "> p", "p;", "p{}", "@import x", "p /* x */", "</style>", "a\\62", "a\nb", "a\u0000", "[a", "a]", ":is(b",
    "[a='b]", "[a=(b])", "url(//x)", "javascript:x()//", "!p", "p|%", "[a='\u0007']",
]  # fmt: skip
BAD_CONVERSATIONS = [
    "/c/(.*)", "/c/(.+)", "/c/([a-z]+)", "/c/([a-z]*)", "/c/(([a-z]{1,9}){1,9})", "/c/([a-z]{1,9})+", "/c/([a-z]{1,9})/([a-z]{1,9})",
    "/c/([a-z]{8,})",    "/c/([^x]{8,64})", "/c/([]{8,64})", "/c/([ -~]{8,64})", "/c/([a-z]{0,64})", "/c/([a-z]{64,8})", "/c/([a-z]{8,201})",
    "/(a|b)/([a-z]{8,64})",
    "/.{9}/([a-z]{8,64})", "/c/\\w{8}", "^/c/([a-z]{8,64})", "/c/", "/c/([a-z]{8,64})$", "c/([a-z]{8,64})", 7, None, ["/c/([a-z]{8,64})"],
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused(check: Callable[..., str | None], name: str) -> None:
    given, problem = BAD_FILES[name]
    assert check(given) == problem


@pytest.mark.parametrize(("path", "value"), BAD_FIELDS, ids=[f"{number}-{path}" for number, (path, _) in enumerate(BAD_FIELDS)])
def test_a_bad_field_is_refused(check: Callable[..., str | None], path: str, value: Any) -> None:
    assert check(newer(put(path, value))) == f"chatgpt.{path.partition('/')[0]}"


@pytest.mark.parametrize("selector", BAD_SELECTORS)
def test_what_is_no_selector_is_refused(check: Callable[..., str | None], selector: str) -> None:
    assert check(newer(put("composer", selector))) == "chatgpt.composer"
    assert check(newer(put("generations/1/strip", ["p", selector]))) == "chatgpt.generations"


@pytest.mark.parametrize("pattern", BAD_CONVERSATIONS)
def test_a_pattern_beyond_the_small_grammar_is_refused(check: Callable[..., str | None], pattern: Any) -> None:
    assert check(newer(put("conversation", pattern))) == "chatgpt.conversation"


def test_what_is_never_recorded_is_only_added_to(check: Callable[..., str | None]) -> None:
    for select in ("", "[data-other]", "[data-testid=private-chat-banner] p", "[data-testid=private-chat-banner],p"):
        assert check(newer(put("never/select", select), of="grok")) == "grok.never"


def test_the_version_must_be_above_the_highest_that_is_known(check: Callable[..., str | None]) -> None:
    assert check(newer(version=VERSION + 5), VERSION + 5) == "version"
    assert check(newer(version=VERSION + 6), VERSION + 5) is None


@pytest.mark.parametrize("missing", sorted({name for platform in SHIPPED["platforms"] for name in platform} - {"paths", "selfHosted"}))
def test_no_field_may_be_missing(check: Callable[..., str | None], missing: str) -> None:
    assert check(newer(lambda platform: platform.pop(missing))) == ("platforms" if missing == "id" else f"chatgpt.{missing}")


def test_the_package_passes_its_own_check(check: Callable[..., str | None]) -> None:
    assert check(SHIPPED, VERSION - 1) is None


# --- From the operator's instance folder to the page ------------------------------------------------------------------


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
    assert asked(agreed) == 2


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
