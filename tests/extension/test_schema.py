"""What a newer platforms.json may say: how known pages are read, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.extension.conftest import ARGUMENTS, SOURCE
from tests.extension.files import SHIPPED, VERSION, mended, newer, put


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
    ("generations/0/place", "data-index]"),
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
