"""Real chat pages, streaming: what arrives is exactly what was said while it might be recorded, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.extension.answers import ANSWERS
from tests.extension.driver import Browser, Chat
from tests.extension.real import HOST, running
from tests.waiting import wait_for

# Gradio tells the Markdown itself; Streamlit and Chainlit draw it, and what is read back from the page is the same.
EXPECTED = ["code", ANSWERS["code"], "list", ANSWERS["list"], "Ciao, 世界!", "You said: Ciao, 世界!", "Last", "You said: Last"]


@pytest.fixture(scope="module", params=["gradio-6", "gradio-5"])
def gradio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Gradio that knows nothing of those who wrote before."""
    with running(request.param, tmp_path_factory.mktemp(request.param)) as port:
        yield port


@pytest.mark.timeout(600)
def test_a_gradio_chat_arrives_byte_for_byte(start: Callable[..., Browser], gradio: int) -> None:
    browser = start(hosts=f"MAP {HOST} 127.0.0.1:{gradio}, ")
    browser.consent()
    talk(browser, f"https://{HOST}/")
    [row] = browser.rows()
    assert [message["content"] for message in row["messages"]] == EXPECTED
    assert (row["platform"], row["model"]) == ("gradio", "heron-real")


@pytest.mark.timeout(600)
def test_what_gradio_shows_instead_of_text_is_a_mark(start: Callable[..., Browser], gradio: int) -> None:
    browser = start(hosts=f"MAP {HOST} 127.0.0.1:{gradio}, ")
    browser.consent()
    for number, words in enumerate(["picture", "file"], start=1):
        say(open_chat(browser, f"https://{HOST}/"), words)
        browser.wait_for_waiting(number * 2)
    assert sorted(browser.waiting()) == ["[file]", "[image]", "file", "picture"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("ui", ["streamlit", "chainlit"])
def test_a_chat_on_an_added_host_arrives_as_its_markdown(start: Callable[..., Browser], tmp_path: Path, ui: str) -> None:
    (tmp_path / "ui").mkdir()
    with running(ui, tmp_path / "ui") as port:
        browser = start()
        browser.consent()
        assert browser.ask("ownHosts", act="add", origin=f"http://127.0.0.1:{port}")
        talk(browser, f"http://127.0.0.1:{port}/")
    [row] = browser.rows()
    assert [message["content"] for message in row["messages"]] == EXPECTED
    assert row["platform"] == ui
    assert "page_host" not in browser.door.uploads[0]


def talk(browser: Browser, address: str) -> None:
    """Three turns, one in private, one more; then a second conversation that is deleted; then everything is sent."""
    chat = open_chat(browser, address)
    for number, words in enumerate(EXPECTED[0:6:2], start=1):
        say(chat, words)
        chat.wait_for_banner(f"{number * 2} messages kept")
        wait_for(lambda number=number: browser.waiting() == EXPECTED[: number * 2])
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    say(chat, "In private")
    chat.page.get_by_text("You said: In private").first.wait_for()
    chat.press("Go on")
    chat.wait_for_banner("Recording this conversation")
    say(chat, "Last")
    chat.wait_for_banner("8 messages kept")
    chat.page.close()
    say(open_chat(browser, address), "To be deleted")
    browser.wait_for_waiting(10)
    unwanted = max(browser.records(), key=lambda record: record["created"])
    browser.ask("remove", id=unwanted["id"])
    assert browser.waiting() == EXPECTED
    assert browser.send() == {"sent": 1, "left": 0, "problem": None}


def open_chat(browser: Browser, address: str) -> Chat:
    page = browser.context.new_page()
    page.goto(address)
    chat = Chat(browser, page)
    chat.wait_for_banner("Ready to record")
    return chat


def say(chat: Chat, words: str) -> None:
    chat.page.locator("textarea").first.click()
    chat.page.keyboard.insert_text(words)
    chat.page.keyboard.press("Enter")
