"""The extension in a real Chromium, chat pages at their real host names made up here, and a real server behind a door that can fail."""

from __future__ import annotations

import base64
import io
import json
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Playwright, Route

from sharelm.config import CHECKOUT
from sharelm.packaging.extension import as_json
from tests.conftest import SECRET, free_port, gunicorn
from tests.extension.door import Door
from tests.extension.driver import Browser
from tests.extension.scenes import HOW, SCENES

SOURCE = CHECKOUT / "extension"
SITE = Path(__file__).parent / "site"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--disable-sync", "--lang=en-GB"]
NOWHERE = "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"
PLATFORMS = json.loads((SOURCE / "platforms.json").read_text())["platforms"]
# Pages that have no fixed host get one that a test's package may read.
HOSTS = {platform["id"]: f"https://{[*platform['hosts'], platform['id'] + '.example'][0].replace('*', 'heron-demo')}" for platform in PLATFORMS}
PATHS = {platform["id"]: platform.get("paths", ["/"])[0] for platform in PLATFORMS}
# A fixed public key gives the extension a fixed id.
KEY = base64.b64encode(b"a fixed key for tests, which browsers only hash").decode()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all: it has the browser and the server."""
    for item in items:
        if "tests/extension/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("extension"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real gunicorn whose jobs stand still, so that rows stay as they were given."""
    folder, port = tmp_path_factory.mktemp("extension-server"), free_port()
    environment = {"SHARELM_INSTANCE": str(folder), "PORT": str(port), "SHARELM_SECRET": SECRET, "SHARELM_JOBS": "off"}
    with gunicorn(environment, folder / "log") as address:
        yield address


@pytest.fixture
def door(server: str) -> Iterator[Door]:
    """Stands before the server and counts, fails, hangs or cuts as a test says."""
    with Door(server) as door:
        yield door


def build(folder: Path, address: str, name: str = "extension.zip") -> Path:
    """The package as the server hands it out; the tests' one has a key besides, and calls the server by `address`, which may be a door's."""
    with urllib.request.urlopen(f"{address}/{name}") as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
        archive.extractall(folder)
    change(folder / "manifest.json", key=KEY)
    change(folder / "config.json", server=address)
    return folder


def change(path: Path, **values: Any) -> None:
    path.write_bytes(as_json(json.loads(path.read_text()) | values))


@pytest.fixture
def start(playwright: Playwright, chromium: str, tmp_path: Path, door: Door) -> Iterator[Callable[..., Browser]]:
    """Starts a browser with the extension; a second start with the same profile is the same person's next day."""
    package = build(tmp_path / "package", door.address)
    running: list[Browser] = []

    def started(profile: str = "profile", hosts: str = "", **options: Any) -> Browser:
        prefer_developer_mode(tmp_path / profile)
        network = [f"--host-resolver-rules={hosts}{NOWHERE}", *(["--ignore-certificate-errors"] if hosts else [])]
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / profile),
            executable_path=chromium,
            headless=True,
            args=[*ARGUMENTS, *network, f"--disable-extensions-except={package}", f"--load-extension={package}"],
            viewport={"width": 1280, "height": 720},
            **options,
        )
        context.set_default_timeout(15_000)
        serve(context)
        running.append(Browser(context, door))
        return running[-1]

    yield started
    for browser in running:
        browser.close()


def prefer_developer_mode(profile: Path) -> None:
    """Without it the browser keeps an extension from a folder switched off once it has reloaded itself."""
    kept = profile / "Default/Preferences"
    if not kept.exists():
        kept.parent.mkdir(parents=True)
        kept.write_text(json.dumps({"extensions": {"ui": {"developer_mode": True}}}))


@pytest.fixture
def browser(start: Callable[..., Browser]) -> Browser:
    return start()


def serve(context: BrowserContext) -> None:
    for host in HOSTS.values():
        context.route(f"{host}/**", answer)


def answer(route: Route) -> None:
    content_type, body = page_at(route.request.url)
    route.fulfill(body=body, content_type=content_type)


def page_at(address: str) -> tuple[str, str]:
    """Type and text of what lies there: `/<path>?shell=…&scene=…` is a page of the site."""
    url = urlsplit(address)
    if url.path == "/chat.js":
        return "text/javascript", (SITE / "chat.js").read_text()
    asked = dict(part.split("=", 1) for part in url.query.split("&") if "=" in part)
    platform = next(name for name, host in HOSTS.items() if host.endswith(str(url.hostname)))
    shell = asked.get("shell", {"gradio": "gradio-6", "chatgpt": "chatgpt-roles"}.get(platform, platform))
    return "text/html", page(shell, asked.get("scene", "empty"))


def page(shell: str, scene: str) -> str:
    data = json.dumps({"shell": shell, "scene": [said.on_page() for said in SCENES[scene]], **HOW.get(scene, {})}).replace("<", "\\u003c")
    return f"""<!doctype html><html lang=en><head><meta charset=utf-8><title>Chat</title><script id=scene type=application/json>{data}</script>
<style>body{{font:16px sans-serif;margin:0}}
#list{{min-height:300px;padding:60px 24px 0}}[contenteditable]{{border:1px solid;min-height:2em}}
.sr-only{{position:absolute;clip-path:inset(50%)}}</style>
<script src=/chat.js></script></head><body></body></html>"""
