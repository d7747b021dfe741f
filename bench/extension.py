"""What the extension costs a page: CPU time of its renderer on a long chat and on a busy foreign page, without and with ours, and another if named.

Run: .venv/bin/python bench/extension.py [--original FOLDER] [--rounds 3] [--seconds 10]
Aims: nothing on foreign pages; on a chat page no more than the original; a finished message is stored within 1 s.
The rounds are interleaved, so that what else the machine does meets all alike; the table shows the median of the rounds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.extension.conftest import ARGUMENTS, HOSTS, SOURCE, serve

CHAT, FOREIGN = HOSTS["chatgpt"], "https://example.org/"
LONG = "Array.from({ length: 1000 }, (_, place) => ({ role: place % 2 ? 'assistant' : 'user', text: `${place} ` + 'word '.repeat(60) }))"
BUSY = """<!doctype html><title>Busy</title><div id=here></div><script>
for (let place = 0; place < 20000; place += 1) here.append(Object.assign(document.createElement("p"), { textContent: place }));
const change = (one) => { one.textContent = Date.now(); one.after(one.previousSibling ?? one); };
setInterval(() => change(here.children[Math.floor(Math.random() * 20000)]), 10);
</script>"""
# An answer of 400 words that grows twenty times a second, drawn anew each time.
STREAM = """(seconds) => {
  Object.assign(site.pace, { steps: Math.ceil(seconds * 20), between: 50 });
  site.answer({ text: "word ".repeat(400) }).then(() => Object.assign(site.pace, { steps: 6, between: 40 }));
}"""
SETTLE = 3  # seconds
AGREE = """async () => {
  const { text: { version, sha256, language } } = await chrome.runtime.sendMessage({ kind: "terms" });
  await chrome.runtime.sendMessage({ kind: "agree", version, sha256, language });
}"""
STORED = """async () => Object.entries(await chrome.storage.local.get(null)).filter(([key]) => key.startsWith("c:"))
  .flatMap(([, kept]) => kept.messages).length"""


@contextmanager
def browser(playwright: Playwright, program: str, extension: Path | None) -> Iterator[BrowserContext]:
    profile = tempfile.mkdtemp()
    load = [f"--disable-extensions-except={extension}", f"--load-extension={extension}"] if extension else []
    context = playwright.chromium.launch_persistent_context(profile, executable_path=program, headless=True, args=[*ARGUMENTS, *load])
    serve(context)
    context.route(f"{FOREIGN}**", lambda route: route.fulfill(body=BUSY, content_type="text/html"))
    yield context
    context.close()
    shutil.rmtree(profile, ignore_errors=True)


def measure(context: BrowserContext, *, is_ours: bool, seconds: float) -> dict[str, float]:
    office = agree(context) if is_ours else None
    chat = context.new_page()
    chat.goto(CHAT)
    chat.evaluate(f"site.show({LONG})")
    found = {"chat page at rest, CPU ms/s": cpu(chat, seconds)}
    chat.evaluate(STREAM, seconds + SETTLE)
    found["chat page, answer streaming, CPU ms/s"] = cpu(chat, seconds)
    chat.wait_for_function("!site.messages.some((one) => one.isStreaming)")
    foreign = context.new_page()
    foreign.goto(FOREIGN)
    found["foreign page, CPU ms/s"] = cpu(foreign, seconds)
    foreign.close()
    if office:
        found["finished to stored, s"] = time_to_stored(chat, office)
    return found


def agree(context: BrowserContext) -> Page:
    worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
    office = context.new_page()
    office.goto(f"chrome-extension://{worker.url.split('/')[2]}/config.json")
    office.evaluate(AGREE)
    return office


def cpu(page: Page, seconds: float) -> float:
    """Milliseconds of the page's renderer in each second, after what was begun has settled."""
    page.bring_to_front()
    page.wait_for_timeout(SETTLE * 1000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "timeTicks"})
    before, began = busy(session), time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    return (busy(session) - before) * 1000 / (time.monotonic() - began)


def busy(session: object) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]  # type: ignore[attr-defined]
    return float(next(one["value"] for one in metrics if one["name"] == "ProcessTime"))


def time_to_stored(chat: Page, office: Page) -> float:
    """From the last change of an answer on the page to its record in the storage."""
    chat.bring_to_front()
    chat.locator("#prompt-textarea").click()
    chat.keyboard.insert_text("How long does it take?")
    chat.keyboard.press("Enter")
    chat.wait_for_function("site.messages.length === 1003 && !site.messages.some((one) => one.isStreaming)")
    began = time.monotonic()
    while office.evaluate(STORED) < 2:
        assert time.monotonic() - began < 30, "it was never stored"
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--original", type=Path, help="a folder with an unpacked extension to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    asked = parser.parse_args()
    kinds = {"without": None, "ours": SOURCE} | ({"original": asked.original.resolve()} if asked.original else {})
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with sync_playwright() as playwright:
        for _ in range(asked.rounds):
            for kind, extension in kinds.items():
                with browser(playwright, asked.chromium, extension) as context:
                    for what, value in measure(context, is_ours=kind == "ours", seconds=asked.seconds).items():
                        found[what][kind].append(value)
    show(found, list(kinds))


def show(found: dict[str, dict[str, list[float]]], kinds: list[str]) -> None:
    aims = {"chat page": "ours ≤ original", "foreign page": "ours = without", "finished": "≤ 1"}
    print(f"{'':40}" + "".join(f"{kind:>10}" for kind in kinds) + "   aim")
    for what, by_kind in found.items():
        cells = "".join(f"{statistics.median(by_kind[kind]):10.1f}" if kind in by_kind else f"{'–':>10}" for kind in kinds)
        print(f"{what:40}{cells}   {next(aim for start, aim in aims.items() if what.startswith(start))}")


if __name__ == "__main__":
    main()
