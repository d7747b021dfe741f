"""Write a picture of every page to docs/screenshots/: light, dark and narrow. Run by `make screenshots`.

It starts a server of its own on a temporary instance and fills it with the invented conversations of `flask --app app demo`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
LOOKS = (("light", 1280), ("dark", 1280), ("light", 320))
OPEN_PAGES = {
    "home": "/",
    "install": "/install",
    "login": "/login",
    "terms": "/terms",
    "privacy": "/privacy",
    "faq": "/faq",
    "releases": "/releases",
    "receipt-check": "/receipts/verify",
    "models": "/models",
    "statistics": "/statistics",
    "contact": "/contact",
    "missing": "/nothing",
}
OWN_PAGES = {
    "your-data": "/your-data",
    "about-you": "/your-data/about-you",
    "name-and-badge": "/your-data/name",
    "replace-id": "/your-data/replace-id",
    "history": "/your-data/history",
}
SHOWN_USER, LEAVING_USER = "Bob", "Rae"
# Public figures need ten people: each of these gives what stands at their places.
PEOPLE = 36
PAGES = (
    "https://huggingface.co/spaces/heron/heron-2",
    "https://chatgpt.com/?model=tern-mini",
    "https://huggingface.co/chat/models/open-forest/larch-8b",
)
QUESTIONS = ("Why does my bread not rise, and what can I do?", "Warum geht mein Brot nicht auf?", "Pourquoi mon pain ne lève-t-il pas ?")


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as instance, served(Path(instance)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        for scheme, width in LOOKS:
            take_all(browser, server.address, server.user_ids[SHOWN_USER], folder, scheme=scheme, width=width)
        receipt = withdraw_everything(browser, server)
        for scheme, width in LOOKS:
            take_receipt(browser, f"{server.address}{receipt}", folder, scheme=scheme, width=width)
        browser.close()
    for path in folder.glob("*.png"):
        shrink(path)


def shrink(path: Path) -> None:
    """To 256 colours: a third of the bytes, and the repository keeps every version of them."""
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def take_lists(page: Page, take: Callable[[str], None]) -> None:
    """The list with some ticked, searched, and with nothing to show."""
    page.goto("/conversations")
    take("conversations")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    take("conversations-selected")
    page.goto("/conversations?q=the&rating=none&order=longest")
    take("conversations-filtered")
    page.goto("/conversations?q=nothing+of+this+kind")
    take("conversations-not-found")
    page.goto("/conversations?stage=withdrawn")
    take("conversations-none")


def take_all(browser: Browser, address: str, user_id: str, folder: Path, *, scheme: str, width: int) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()

    def take(name: str) -> None:
        page.evaluate("document.fonts.ready")
        page.screenshot(path=str(folder / f"{name}-{scheme}-{width}.png"), full_page=True)

    for name, path in OPEN_PAGES.items():
        page.goto(path)
        take(name)
    page.goto("/releases")
    page.get_by_role("heading", name="Release").get_by_role("link").click()
    take("release")
    refuse(page)
    take("login-refused")
    page.get_by_label("User ID").fill(user_id)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name="Your contribution").wait_for()
    take("overview")
    for name, path in OWN_PAGES.items():
        page.goto(path)
        take(name)
    take_lists(page, take)
    take_conversations(page, take)
    take_withdrawal(page, take)
    context.close()


def take_conversations(page: Page, take: Callable[[str], None]) -> None:
    """One that waits and one that is released, each as text and in JSON, and what is shown before something is hidden."""
    page.goto("/conversations")
    rows = page.locator(".entries li")
    for name, row in (("conversation", rows.first), ("conversation-released", rows.filter(has_text="a valid IBAN").first)):
        row.get_by_role("link").click()
        take(name)
        page.get_by_role("link", name="As released, in JSON").click()
        take(f"{name}-json")
        page.goto("/conversations")
    rows.filter(has_text="a valid IBAN").first.get_by_role("link").click()
    page.get_by_label("Also hide this").fill("the")
    page.get_by_role("button", name="Show where it stands").click()
    page.locator("#hits h3").wait_for()
    take("conversation-hide")


def take_withdrawal(page: Page, take: Callable[[str], None]) -> None:
    """Of one, taken back again for the next look."""
    page.goto("/conversations")
    page.locator(".entries h2 a").last.click()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Undo").wait_for()
    take("conversation-withdrawn")
    withdrawn = page.url
    page.get_by_role("link", name="Receipt").click()
    take("receipt-asked")
    page.goto("/withdraw-all")
    take("withdraw-all")
    page.goto(withdrawn)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Withdraw").wait_for()


def withdraw_everything(browser: Browser, server: Server) -> str:
    """The path of a signed receipt."""
    page = browser.new_page(base_url=server.address)
    page.goto("/login")
    page.get_by_label("User ID").fill(server.user_ids[LEAVING_USER])
    page.get_by_role("button", name="Open").click()
    page.goto("/withdraw-all")
    page.get_by_label("to confirm").fill("withdraw everything")
    page.get_by_role("button", name="Withdraw everything").click()
    page.get_by_role("heading", name="Withdrawal asked for").wait_for()
    path = page.url.removeprefix(server.address)
    page.context.close()
    run_flask(server.environment, "job", "run", "purge")
    return path


def take_receipt(browser: Browser, address: str, folder: Path, *, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=str(folder / f"receipt-{scheme}-{width}.png"), full_page=True)
    context.close()


def refuse(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("User ID").fill("not-a-user-ID")
    page.get_by_role("button", name="Open").click()


@dataclass(frozen=True)
class Server:
    """A filled server, and the user IDs that open something there by the names of their holders."""

    address: str
    user_ids: dict[str, str]
    environment: dict[str, str]


def run_flask(environment: dict[str, str], *command: str) -> str:
    command = (sys.executable, "-m", "flask", "--app", "app", *command)
    return subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True).stdout.decode()


@contextmanager
def served(instance: Path) -> Iterator[Server]:
    environment = clean_environment(instance)
    user_ids = dict(re.findall(r"^  (\w+)\s+(\S+)$", run_flask(environment, "demo"), re.MULTILINE))
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", "app:app"], cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for_port(int(environment["PORT"]))
        for number in range(PEOPLE):
            give(f"http://127.0.0.1:{environment['PORT']}", number)
        for job in ("anonymise", "figures"):
            run_flask(environment, "job", "run", job)
        yield Server(f"http://127.0.0.1:{environment['PORT']}", user_ids, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def give(address: str, number: int) -> None:
    """One conversation of an invented person, as the published plugin sends it."""
    payload = {
        "conversation_id": "invented",
        "user_id": f"Invented-person-{number:03}_0123456789abcdefghijklm",
        "user_msgs": [QUESTIONS[number % 5 % 3]],
        "bot_msgs": ["…"],
        "page_url": PAGES[number % 7 % 3],
        "timestamp": "2026-11-01T12:00:00Z",
        "conversation_metadata": {"message_ratings": [-1 if number % 4 == 0 else 1]},
    }
    request = urllib.request.Request(f"{address}/api/endpoint", json.dumps(payload).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def clean_environment(instance: Path) -> dict[str, str]:
    """Without the settings of whoever runs this; the jobs stand still, so that the pictures do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHARELM_") and name != "DATABASE_URL"}
    ours = {"SHARELM_INSTANCE": str(instance), "PORT": str(port), "SHARELM_JOBS": "off"}
    return kept | ours | {"SHARELM_OPERATOR": "Musterstadt University Library", "SHARELM_CONTACT": "sharelm@example.org"}


def wait_for_port(port: int, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def find_chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    assert found, "no Chromium was found: name yours in CHROMIUM"
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
