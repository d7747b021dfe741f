"""The real Gradio 6, streaming at a real host name: what arrives is byte for byte what the model said."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sharelm.config import CHECKOUT
from tests.conftest import free_port
from tests.extension.driver import Browser, Chat
from tests.extension.gradio_app import ANSWERS
from tests.waiting import wait_for

VERSION = "6.31.*"
HOST = "heron-real.hf.space"
FOLDER = CHECKOUT / ".pytest_cache/venv-gradio-6"
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def gradio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Gradio of its own, with a certificate that only the tests believe."""
    python = FOLDER / "bin/python"
    if not (FOLDER / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", f"gradio=={VERSION}"], check=True)
        (FOLDER / "installed").touch()
    folder, port = tmp_path_factory.mktemp("gradio"), free_port()
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "30", "-subj", f"/CN={HOST}"]
    subprocess.run(command, check=True, capture_output=True)
    app = Path(__file__).parent / "gradio_app.py"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [python, app, str(port), certificate, key], env={"PATH": "/usr/bin:/bin", "HOME": str(folder)} | QUIET, stdout=log, stderr=log
        )
    yield port
    process.terminate()
    process.wait(timeout=30)


@pytest.mark.timeout(900)
def test_a_streamed_chat_arrives_byte_for_byte(start: Callable[..., Browser], gradio: int) -> None:
    wait_for(lambda: is_up(gradio), seconds=90)
    browser = start(hosts=f"MAP {HOST} 127.0.0.1:{gradio}, ")
    browser.consent()
    page = browser.context.new_page()
    page.goto(f"https://{HOST}/")
    page.locator("textarea").first.wait_for()
    chat = Chat(browser, page)
    chat.wait_for_banner("Ready to record")
    for number, words in enumerate(("code", "list", "Ciao, 世界!"), start=1):
        type_and_send(chat, words)
        chat.wait_for_banner(f"{number * 2} messages kept")
    chat.press("Pause")
    chat.wait_for_banner("Paused")
    type_and_send(chat, "In private")
    page.get_by_text("You said: In private").wait_for()
    chat.press("Go on")
    chat.wait_for_banner("Recording this conversation")
    type_and_send(chat, "Last")
    chat.wait_for_banner("8 messages kept")
    assert browser.send()["sent"] == 1
    [row] = browser.rows()
    said = [message["content"] for message in row["messages"]]
    assert said == ["code", ANSWERS["code"], "list", ANSWERS["list"], "Ciao, 世界!", "You said: Ciao, 世界!", "Last", "You said: Last"]
    assert row["model"] == "heron-real"


def type_and_send(chat: Chat, words: str) -> None:
    chat.page.locator("textarea").first.click()
    chat.page.keyboard.insert_text(words)
    chat.page.keyboard.press("Enter")


def is_up(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
