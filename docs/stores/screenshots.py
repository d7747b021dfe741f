"""Write the stores' pictures of the extension to docs/stores/screenshots/. Run by `make screenshots`.

The extension runs in a real Chromium beside a server of its own, on a made-up chat page; nothing in the pictures is a site's own design.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent / "screenshots"
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "docs")]

from screenshots import find_chromium, served  # noqa: E402

from tests.extension.conftest import ARGUMENTS, HOSTS, NOWHERE, build, serve  # noqa: E402
from tests.extension.door import Door  # noqa: E402
from tests.extension.driver import Browser  # noqa: E402
from tests.extension.scenes import CODE, CODE_TEXT  # noqa: E402

DESK = {"width": 1280, "height": 800}
POPUP = {"width": 360, "height": 600}
PLAIN = """
body { background: #fff; color: #1d1d1f; }
#list { max-width: 720px; margin: 0 auto; padding: 110px 24px 0; line-height: 1.6; }
pre { background: #f4f4f4; border-radius: 8px; padding: 16px; }
[contenteditable] { display: block; width: 720px; margin: 40px auto 8px; padding: 14px 18px;
  border: 1px solid #bbb; border-radius: 24px; outline: none; }
button { border: 0; background: none; color: #666; } [data-testid=send-button], body > button { display: none; }
"""


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, served(Path(scratch) / "instance") as server, sync_playwright() as playwright:
        package = build(Path(scratch) / "package", server.address)
        context = start(playwright, package, Path(scratch) / "profile")
        serve(context)
        with Door(server.address) as door:
            take_all(Browser(context, door), folder)
        context.close()


def start(playwright: Playwright, package: Path, profile: Path) -> BrowserContext:
    loaded = [f"--disable-extensions-except={package}", f"--load-extension={package}", f"--host-resolver-rules={NOWHERE}"]
    return playwright.chromium.launch_persistent_context(
        str(profile), executable_path=find_chromium(), headless=True, args=[*ARGUMENTS, *loaded], viewport=DESK, reduced_motion="reduce"
    )


def take_all(browser: Browser, folder: Path) -> None:
    def take(page: Page, name: str, size: dict[str, int] = DESK, scheme: str = "light") -> None:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=str(folder / f"{name}-{scheme}-{size['width']}.png"))

    consent = browser.context.new_page()
    consent.goto(browser.own("consent/consent.html"))
    consent.get_by_role("button", name="I agree").wait_for()
    take(consent, "consent")
    consent.close()
    browser.consent()
    chat = browser.chat(HOSTS["chatgpt"])
    chat.wait_for_banner("Ready to record")
    chat.site("made => site.answers.push(made)", {"text": CODE_TEXT, "html": CODE})
    chat.say("How long does my dough have to rise?")
    chat.wait_for_banner("2 messages kept")
    chat.page.add_style_tag(content=PLAIN)
    take(chat.page, "banner")
    tab = browser.office.evaluate("async () => (await chrome.tabs.query({})).map((tab) => tab.id).at(-1)")
    for name, path in (("popup", f"popup/popup.html?tab={tab}"), ("options", "options/options.html"), ("more", "more/more.html")):
        page = browser.context.new_page()
        page.set_viewport_size(POPUP if name == "popup" else DESK)
        page.goto(browser.own(path))
        page.get_by_role("heading").first.wait_for()
        page.wait_for_load_state("networkidle")
        for scheme in ("light", "dark"):
            take(page, name, POPUP if name == "popup" else DESK, scheme)
        page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
