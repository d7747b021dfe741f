"""Drives the extension in a headless Firefox over WebDriver BiDi, as a person does; chat pages at their real hosts are made up here."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import websocket

from tests.extension.conftest import page_at
from tests.waiting import wait_for

UUID = "11111111-2222-4333-8444-555555555555"
ENTER = "\ue007"
# Nothing leaves the machine: whatever is not answered here ends at a proxy that is not there. The background is suspended after 2 s, not 30.
QUIET = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.background.idle.timeout": 2_000,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "en-GB, en",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1, localhost",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One Firefox with one profile; a context manager. Its add-on is gone when it ends, as all temporary ones are."""

    def __init__(self, program: str, profile: Path, port: int) -> None:
        self.command = [program, "-headless", "-no-remote", "-profile", str(profile), "--remote-debugging-port", str(port)]
        self.profile, self.port = profile, port
        self.number = itertools.count(1)
        self.headers: dict[str, str] = {}
        self.said: list[str] = []

    def __enter__(self) -> Firefox:
        self.profile.mkdir(exist_ok=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in QUIET.items()]
        (self.profile / "user.js").write_text("\n".join(lines))
        with (self.profile / "log").open("wb") as log:
            self.process = subprocess.Popen([*self.command, "--remote-allow-system-access"], stdout=log, stderr=log)
        wait_for(self.connects, seconds=60)
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"])
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def connects(self) -> bool:
        try:
            self.socket = websocket.create_connection(f"ws://127.0.0.1:{self.port}/session", suppress_origin=True, timeout=60)
        except OSError:
            return False
        return True

    def call(self, method: str, **parameters: Any) -> Any:
        """Events that come before the answer are dealt with on the way."""
        number = self.tell(method, **parameters)
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            self.hear(message)

    def tell(self, method: str, **parameters: Any) -> int:
        number = next(self.number)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        return number

    def hear(self, message: dict[str, Any]) -> None:
        event = message.get("params", {})
        if message.get("method") == "log.entryAdded":
            self.said.append(event["text"] or "")
        if message.get("method") == "network.beforeRequestSent" and event["isBlocked"]:
            content_type, body = page_at(event["request"]["url"])
            headers = [
                {"name": name, "value": {"type": "string", "value": value}} for name, value in {"Content-Type": content_type, **self.headers}.items()
            ]
            encoded = {"type": "base64", "value": base64.b64encode(body.encode()).decode()}
            self.tell("network.provideResponse", request=event["request"]["request"], statusCode=200, headers=headers, body=encoded)

    def serve(self, *hosts: str) -> None:
        """Pages of the made-up site at these real hosts."""
        patterns = [{"type": "pattern", "protocol": "https", "hostname": host} for host in hosts]
        self.call("network.addIntercept", phases=["beforeRequestSent"], urlPatterns=patterns)

    def install(self, package: Path, *, add_on: str) -> None:
        # The address of the extension's own pages is random unless this setting is there before it is installed.
        self.in_chrome(f"Services.prefs.setStringPref('extensions.webextensions.uuids', JSON.stringify({json.dumps({add_on: UUID})}))")
        self.call("webExtension.install", extensionData={"type": "path", "path": str(package)})

    def has_background(self, add_on: str) -> bool:
        state = self.in_chrome(f"WebExtensionPolicy.getByID({json.dumps(add_on)}).extension.backgroundState")
        return str(state["value"]) == "running"

    def in_chrome(self, script: str) -> Any:
        [context, *_] = self.call("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"]
        return self.evaluate(context["context"], script)

    def tab(self, address: str) -> Tab:
        context = self.call("browsingContext.create", type="tab")["context"]
        self.call("browsingContext.navigate", context=context, url=address, wait="complete")
        return Tab(self, context)

    def own(self, path: str) -> Tab:
        return self.tab(f"moz-extension://{UUID}/{path}")

    def evaluate(self, context: str, script: str) -> Any:
        options = {"maxDomDepth": 20, "includeShadowTree": "all"}
        result = self.call("script.evaluate", expression=script, target={"context": context}, awaitPromise=True, serializationOptions=options)
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return result["result"]


class Tab:
    def __init__(self, firefox: Firefox, context: str) -> None:
        self.firefox, self.context = firefox, context

    def evaluate(self, script: str) -> Any:
        """The value of a script, by way of JSON."""
        result = self.firefox.evaluate(self.context, f"Promise.resolve({script}).then((value) => JSON.stringify(value ?? null))")
        return json.loads(result["value"])

    def press(self, selector: str) -> None:
        """Click with the mouse what the selector finds, once it is there and the page is not busy."""
        wait_for(lambda: self.evaluate(f"!document.querySelector('[aria-busy=true]') && !!document.querySelector({json.dumps(selector)})"))
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{ block: 'center' }})")
        [node] = self.firefox.call("browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": selector})["nodes"]
        element = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": element}
        actions = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.perform({"type": "pointer", "id": "mouse", "actions": actions})

    def type(self, text: str) -> None:
        actions = [{"type": kind, "value": letter} for letter in text + ENTER for kind in ("keyDown", "keyUp")]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})

    def perform(self, *sources: Any) -> None:
        self.firefox.call("input.performActions", context=self.context, actions=list(sources))

    def say(self, text: str) -> None:
        before = self.evaluate("site.messages.length")
        self.press("textarea, [contenteditable]")
        self.type(text)
        wait_for(lambda: self.evaluate(f"site.messages.length === {before + 2} && !site.messages.some((one) => one.isStreaming)"))

    def banner(self) -> str:
        """What the line says, which no script of the page can read."""
        found = self.firefox.evaluate(self.context, "document.querySelector('#sharelm')")
        return " ".join(" ".join(texts(found)).split())

    def wait_for_banner(self, words: str) -> None:
        wait_for(lambda: words in self.banner())


def texts(node: Any) -> list[str]:
    value = node.get("value") or {}
    own = [value["nodeValue"]] if value.get("nodeType") == 3 else []
    inside = [*value.get("children", []), *([value["shadowRoot"]] if value.get("shadowRoot") else [])]
    return own + [text for child in inside for text in texts(child)]
