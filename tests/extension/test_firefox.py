"""The same package in a real Firefox: installed, agreed to, recording, sending."""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sharelm.anonymise.rules import FILE
from tests.anonymise.texts import GOLDEN
from tests.conftest import free_port
from tests.extension.conftest import HOSTS, SOURCE, build
from tests.extension.door import Door
from tests.extension.driver import AGE
from tests.extension.firefox import UUID, Firefox, Tab
from tests.extension.scenes import CODE, CODE_TEXT
from tests.extension.test_redaction import REDACT
from tests.waiting import wait_for

ADD_ON = json.loads((SOURCE / "manifest.json").read_text())["browser_specific_settings"]["gecko"]["id"]


@pytest.fixture(scope="module")
def program() -> str:
    """The path of a Firefox; `make test-ui` installs one where it may."""
    names = (os.environ.get("FIREFOX", ""), "firefox-esr", "firefox")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if not found:
        pytest.skip("no Firefox was found: `make test-ui` installs one as root on Debian, or name yours in FIREFOX")
    return found


@pytest.fixture
def firefox(program: str, tmp_path: Path, door: Door) -> Iterator[Firefox]:
    package = build(tmp_path / "package", door.address, "extension-firefox.zip")
    with Firefox(program, tmp_path / "profile", free_port()) as firefox:
        firefox.serve("chatgpt.com", "heron-demo.hf.space")
        firefox.install(package, add_on=ADD_ON)
        yield firefox


def storage(office: Tab) -> Any:
    return office.evaluate("browser.storage.local.get(null)")


def waiting(office: Tab) -> list[str]:
    records = [value for key, value in storage(office).items() if key.startswith("c:")]
    return [message["text"] for record in records for message in record["messages"] if message["text"] is not None]


def rows(office: Tab, door: Door) -> list[Any]:
    headers = {"Authorization": f"Bearer {storage(office)['user_id']}"}

    def get(path: str) -> Any:
        with urllib.request.urlopen(urllib.request.Request(door.behind + path, headers=headers)) as answer:
            return json.load(answer)

    return [get(f"/api/v1/conversations/{row['conversation_id']}") for row in get("/api/v1/conversations")["items"]]


def agree(firefox: Firefox) -> None:
    consent = firefox.own("consent/consent.html")
    consent.press("[type=checkbox]")
    consent.press("button.primary")
    wait_for(lambda: "consent" in storage(consent))


def test_installed_agreed_recorded_and_sent(firefox: Firefox, door: Door) -> None:
    chat = firefox.tab(f"{HOSTS['chatgpt']}/")
    chat.wait_for_banner("Nothing is recorded before you agree")
    chat.say("Before consent")
    agree(firefox)
    chat.wait_for_banner("Ready to record")
    office = firefox.own("popup/popup.html?tab=-1")
    chat.evaluate(f"void site.answers.push({json.dumps({'text': CODE_TEXT, 'html': CODE})})")
    chat.say("Show me *code*")
    chat.wait_for_banner("2 messages kept here for 24 hours")
    assert waiting(office) == ["Show me *code*", CODE_TEXT]
    assert office.evaluate("browser.runtime.sendMessage({ kind: 'send' })") == {"sent": 1, "left": 0, "problem": None}
    chat.wait_for_banner("2 messages sent")
    assert waiting(office) == []
    [row] = rows(office, door)
    assert [(message["role"], message["content"]) for message in row["messages"]] == [("user", "Show me *code*"), ("assistant", CODE_TEXT)]
    assert not any("Show me" in line for line in firefox.said)


def test_it_makes_the_same_of_golden_texts_as_the_server(firefox: Firefox) -> None:
    given = [f"moz-extension://{UUID}/", json.loads(FILE.read_text(encoding="utf-8")), [golden["given"] for golden in GOLDEN]]
    assert firefox.own("consent/consent.html").evaluate(f"({REDACT})({json.dumps(given)})") == [golden["expected"] for golden in GOLDEN]


def test_the_banner_is_dressed_and_moves_nothing_where_the_page_forbids_foreign_styles(firefox: Firefox) -> None:
    firefox.headers["Content-Security-Policy"] = "default-src 'self'"
    chat = firefox.tab(f"{HOSTS['chatgpt']}/")
    chat.wait_for_banner("Nothing is recorded before you agree")
    place = "JSON.stringify([...document.querySelectorAll('body, #list, form')].map((one) => one.getBoundingClientRect()))"
    assert chat.evaluate("getComputedStyle(document.querySelector('#sharelm')).position") == "fixed"
    assert chat.evaluate("document.querySelector('#sharelm').getBoundingClientRect().top") == 8
    before = chat.evaluate(place)
    chat.evaluate("document.querySelector('#sharelm').remove()")
    assert chat.evaluate(place) == before


def test_it_sends_by_itself_after_its_background_was_suspended(firefox: Firefox, door: Door) -> None:
    agree(firefox)
    chat = firefox.tab(f"{HOSTS['gradio']}/")
    chat.wait_for_banner("Ready to record")
    chat.say("Over night")
    chat.wait_for_banner("2 messages kept")
    office = firefox.own("consent/consent.html")
    wait_for(lambda: not firefox.has_background(ADD_ON))
    office.evaluate(f"({AGE})(25 * 3600_000)")
    office.evaluate("browser.alarms.create('send', { when: Date.now() })")
    wait_for(lambda: waiting(office) == [])
    assert len(rows(office, door)) == 1
