"""A Chromium without a debugger on the extension's worker, which therefore really ends when nothing happens; only pages are attached to."""

from __future__ import annotations

import base64
import itertools
import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import websocket

from tests.extension.conftest import ARGUMENTS, NOWHERE, page_at
from tests.waiting import wait_for

ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}


class RawChromium:
    """One profile in one browser; a context manager."""

    def __init__(self, program: str, package: Path, *, profile: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        own = ["--headless=new", f"--remote-debugging-port={port}", f"--user-data-dir={profile}", f"--host-resolver-rules={NOWHERE}"]
        self.command = [program, *own, *ARGUMENTS, f"--disable-extensions-except={package}", f"--load-extension={package}", "about:blank"]

    def __enter__(self) -> RawChromium:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(self.workers, seconds=60)
        self.id = self.workers()[0].split("/")[2]
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGTERM)

    def end(self, how: signal.Signals) -> None:
        """All processes of this browser."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=30)

    def workers(self) -> list[str]:
        """The extension's workers that live now."""
        try:
            with urllib.request.urlopen(f"{self.address}/json/list", timeout=5) as answer:
                return [target["url"] for target in json.load(answer) if target["type"] == "service_worker"]
        except OSError:
            return []

    def page(self, address: str) -> RawPage:
        request = urllib.request.Request(f"{self.address}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request) as answer:
            page = RawPage(json.load(answer)["webSocketDebuggerUrl"])
        page.call("Fetch.enable", patterns=[{"urlPattern": "https://*"}])
        page.call("Page.navigate", url=address)
        wait_for(lambda: page.evaluate("location.href !== 'about:blank' && document.readyState === 'complete'"))
        return page

    def own(self, path: str) -> RawPage:
        return self.page(f"chrome-extension://{self.id}/{path}")


class RawPage:
    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, suppress_origin=True, timeout=60)
        self.number = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> Any:
        """Requests of the page that come before the answer are answered on the way."""
        number = self.tell(method, **parameters)
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            if message.get("method") == "Fetch.requestPaused":
                self.answer(message["params"])

    def tell(self, method: str, **parameters: Any) -> int:
        number = next(self.number)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        return number

    def answer(self, paused: dict[str, Any]) -> None:
        content_type, body = page_at(paused["request"]["url"])
        headers = [{"name": "Content-Type", "value": content_type}]
        encoded = base64.b64encode(body.encode()).decode()
        self.tell("Fetch.fulfillRequest", requestId=paused["requestId"], responseCode=200, responseHeaders=headers, body=encoded)

    def evaluate(self, script: str) -> Any:
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def say(self, text: str) -> None:
        before = self.evaluate("site.messages.length")
        self.evaluate("document.querySelector('textarea, [contenteditable]').focus()")
        self.call("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, **ENTER)
        wait_for(lambda: self.evaluate(f"site.messages.length === {before + 2} && !site.messages.some((one) => one.isStreaming)"))
