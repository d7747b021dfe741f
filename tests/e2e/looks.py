"""A page in all its looks, light and dark, wide and narrow, without loading it anew: no axe violation, nothing that scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Page

Check = Callable[[Page], list[str]]
AXE = (Path(__file__).parent.parent / "vendor/axe/axe-4.14.1.min.js").read_text(encoding="utf-8")
WIDTHS = (1280, 320)  # the narrow one last: whoever looks around goes on where there is the least room
SCHEMES = ("light", "dark")
NARROW = {"width": WIDTHS[-1], "height": 700}
# Dark differs from light at the same width in colours only (test_accessibility sees to that), so no other rule can find more in it.
RULES_ON_COLOURS = ("color-contrast", "link-in-text-block")
# The end of an undo, or a poll, would change the page between two looks at it.
STAND_STILL = "() => { for (let timer = setTimeout(() => {}); timer; timer--) clearTimeout(timer); }"
IS_SHOWN = """([scheme, width]) => innerWidth === width && matchMedia(`(prefers-color-scheme: ${scheme})`).matches"""
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = node => node && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
  const out = [...document.querySelectorAll("body *")].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !scrolls(node.parentElement) && !node.closest(".sr, .skip");
  });
  return [document.documentElement.scrollWidth - width, out.slice(0, 3).map(node => node.outerHTML.slice(0, 120))];
}"""
VIOLATIONS = """async rules => {
  const options = { resultTypes: ["violations"], preload: false };  // there is no sound or film whose length it would ask for
  if (rules.length) options.runOnly = { type: "rule", values: rules };
  return (await axe.run(document, options)).violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ target }) => target)]);
}"""


def find_problems_in_all_looks(page: Page, name: str, *, schemes: Sequence[str] = SCHEMES, also: Check | None = None) -> list[str]:
    """`also` looks for more. Leaves the page narrow, and without what would change it by itself."""
    page.evaluate(STAND_STILL)
    problems = []
    for width in WIDTHS:
        for scheme in schemes:
            page.set_viewport_size(NARROW | {"width": width})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(IS_SHOWN, arg=[scheme, width])
            rules = () if scheme == schemes[0] else RULES_ON_COLOURS
            problems += find_problems(page, f"{name}, {scheme}, {width}", rules=rules) + (also(page) if also else [])
    return problems


def find_problems(page: Page, name: str, *, rules: Sequence[str] = ()) -> list[str]:
    """What is wrong with the page as it is shown now; of axe only these rules, or all."""
    page.evaluate("document.fonts.ready")
    sideways, out = page.evaluate(SIDEWAYS)
    problems = [f"{name} scrolls sideways by {sideways}: {out}"] if sideways > 0 or out else []
    return problems + [f"{name}: {rule} {places}" for rule, places in violations(page, rules=rules)]


def violations(page: Page, *, rules: Sequence[str] = ()) -> list[tuple[str, list[str]]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[tuple[str, list[str]]] = page.evaluate(VIOLATIONS, list(rules))
    return found
