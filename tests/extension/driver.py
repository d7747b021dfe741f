"""Drives the extension as a person does: the keyboard, the mouse, the popup; and looks into its storage."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Worker

from tests.extension.door import Door
from tests.waiting import wait_for

AGE = """async (by) => {
  const items = await chrome.storage.local.get(null);
  for (const [key, item] of Object.entries(items)) {
    if (key.startsWith("c:")) item.messages?.forEach((message) => (message.changed -= by));
    if (key.startsWith("w:")) Object.values(item).forEach((summary) => (summary.since -= by));
  }
  await chrome.storage.local.set(items);
}"""


class Browser:
    """A browser with the extension, and the door that its server stands behind."""

    def __init__(self, context: BrowserContext, door: Door) -> None:
        self.context, self.door = context, door
        self.context.on("console", self.hear)
        self.said: list[str] = []
        worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
        self.id = worker.url.split("/")[2]
        self.office = context.new_page()
        self.office.goto(self.own("config.json"))  # a page of its origin without a script

    def hear(self, message: Any) -> None:
        self.said.append(message.text)

    def own(self, path: str) -> str:
        return f"chrome-extension://{self.id}/{path}"

    @property
    def worker(self) -> Worker:
        return self.context.service_workers[0]

    def close(self) -> None:
        self.context.close()

    def ask(self, kind: str, **question: Any) -> Any:
        """What the popup asks the worker."""
        return self.office.evaluate("question => chrome.runtime.sendMessage(question)", {"kind": kind, **question})

    @property
    def storage(self) -> dict[str, Any]:
        return self.office.evaluate("() => chrome.storage.local.get(null)")

    def records(self) -> list[dict[str, Any]]:
        return [value for key, value in self.storage.items() if key.startswith("c:") and "messages" in value]

    def waiting(self) -> list[str]:
        """The text of everything that is kept, in order."""
        return [message["text"] for record in self.records() for message in record["messages"] if message["text"] is not None]

    def wait_for_waiting(self, count: int) -> None:
        wait_for(lambda: len(self.waiting()) >= count, seconds=15)
        assert len(self.waiting()) == count

    def consent(self) -> None:
        page = self.context.new_page()
        page.goto(self.own("consent/consent.html"))
        page.get_by_label("I am 18 or older").check()
        page.get_by_role("button", name="I agree").click()
        page.get_by_text("Thank you.").wait_for()
        page.close()

    def chat(self, address: str) -> Chat:
        page = self.context.new_page()
        page.goto(address)
        return Chat(self, page)

    def listed(self) -> list[dict[str, Any]]:
        """What the popup lists, as far as it shows it at first."""
        return self.ask("list")["items"]

    def send(self) -> dict[str, Any]:
        return self.ask("send")

    def stop_workers(self) -> None:
        session = self.context.new_cdp_session(self.office)
        session.send("ServiceWorker.enable")
        session.send("ServiceWorker.stopAllWorkers")

    def age(self, hours: float) -> None:
        """As if that many hours had passed for everything that waits."""
        self.office.evaluate(AGE, hours * 3_600_000)

    def alarm(self, name: str = "send") -> None:
        """What the browser does when the time has come."""
        self.office.evaluate("name => chrome.alarms.create(name, { when: Date.now() })", name)

    def rows(self) -> list[dict[str, Any]]:
        """The person's own conversations at the server, with their messages."""
        listed = self.server_says("/api/v1/conversations?limit=100")["items"]
        return [self.server_says(f"/api/v1/conversations/{row['conversation_id']}") for row in listed if row["stage"] != "withdrawn"]

    def server_says(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.storage['user_id']}"}
        with urllib.request.urlopen(urllib.request.Request(self.door.behind + path, headers=headers)) as answer:
            return json.load(answer)


class Chat:
    """One tab with a chat page."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.browser, self.page = browser, page

    def say(self, text: str, *, wait: bool = True) -> None:
        """Type and press Enter, as a person does; with `wait`, until the answer is complete."""
        before = self.page.evaluate("site.messages.length")
        self.page.locator("textarea, [contenteditable]").first.click()
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")
        if wait:
            self.page.wait_for_function("before => site.messages.length >= before + 2 && !site.messages.some(one => one.isStreaming)", arg=before)

    def site(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def banner(self) -> str:
        """What the line says; empty where there is none."""
        root = self._root()
        return " ".join(" ".join(self._texts(root)).split()) if root else ""

    def wait_for_banner(self, words: str) -> None:
        wait_for(lambda: words in self.banner(), seconds=15)

    def press(self, words: str) -> None:
        """Click the button with these words or this label, with the mouse."""
        seen: list[Any] = [None]

        def is_at_rest() -> bool:
            seen.append(self._place_of(words))
            return seen[-1] is not None and seen[-1] == seen[-2]

        wait_for(is_at_rest, seconds=15)
        _, quad = seen[-1]
        self.page.mouse.click((quad[0] + quad[4]) / 2, (quad[1] + quad[5]) / 2)

    def _place_of(self, words: str) -> tuple[int, list[float]] | None:
        """The button and where it is; None while there is none, or while the line is drawn anew."""
        root = self._root()
        node = next((node for node in self._buttons(root) if words in self._name(node)), None) if root else None
        if node is None:
            return None
        try:
            box = self._cdp().send("DOM.getBoxModel", {"backendNodeId": node["backendNodeId"]})
        except Error:
            return None
        return node["backendNodeId"], box["model"]["content"]

    def _cdp(self) -> Any:
        if not hasattr(self, "session"):
            self.session = self.page.context.new_cdp_session(self.page)
        return self.session

    def _root(self) -> dict[str, Any] | None:
        document = self._cdp().send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        return next((node["shadowRoots"][0] for node in walk(document) if "sharelm" in node.get("attributes", [])), None)

    def _texts(self, root: dict[str, Any]) -> list[str]:
        return [node["nodeValue"] for node in walk(root) if node["nodeType"] == 3]

    def _buttons(self, root: dict[str, Any]) -> list[dict[str, Any]]:
        return [node for node in walk(root) if node["nodeName"] == "BUTTON"]

    def _name(self, node: dict[str, Any]) -> str:
        return " ".join([*self._texts(node), *node.get("attributes", [])])


def walk(node: dict[str, Any]) -> Any:
    yield node
    for child in [*node.get("children", []), *node.get("shadowRoots", [])]:
        yield from walk(child)
