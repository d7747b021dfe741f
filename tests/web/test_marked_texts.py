"""No text that people see stands outside of the catalogue: in templates, in the pages' Python and in the script."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from sharelm.config import CHECKOUT
from sharelm.web.language import LANGUAGES
from sharelm.web.pages.figures import PLATFORMS

ROOT = CHECKOUT / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
WEB = CHECKOUT / "sharelm/web"
SOURCES = sorted([*(WEB / "pages").glob("*.py"), *(WEB / f"{name}.py" for name in ("disk", "errors", "guard", "language", "limits"))])
# The same in every language: names, formats, and what stands in programs.
NAMES = {
    "ShareLM", "JSON", "Markdown", "SHA-256", "Parquet,", "UTC", "Chrome, Brave", "Edge", "Firefox", "Python", "Shell",
    "xpinstall.signatures.required", "false", "manifest.json",
}  # fmt: skip
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
SEEN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "data-label"}
VARIABLE = "\N{OBJECT REPLACEMENT CHARACTER}"
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^\W*[A-Z][a-z]+( [a-z]|[.,:]|$)|[a-z]{2,}[,;]? [a-z]{2,}[.,]? [a-z]{2,}")
environment = Environment(extensions=["jinja2.ext.i18n"])


class Texts(HTMLParser):
    """Collects what people read: text, and the attributes that are shown or spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += data.split(VARIABLE)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [part for name, value in attributes if name in SEEN_ATTRIBUTES for part in (value or "").split(VARIABLE)]


def children(node: nodes.Node) -> Iterator[nodes.Node]:
    """Without what is in a call of gettext, and without pieces of code."""
    for child in node.iter_child_nodes():
        is_gettext = isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in GETTEXT
        is_code = isinstance(child, nodes.CallBlock) and isinstance(child.call.node, nodes.Getattr) and child.call.node.attr == "code"
        if is_gettext:
            yield from (part for argument in child.kwargs for part in argument.iter_child_nodes())
        elif not is_code:
            yield child


def markup(node: nodes.Node) -> str:
    if isinstance(node, nodes.TemplateData):
        return str(node.data)
    if isinstance(node, nodes.Expr):
        return VARIABLE
    return "".join(markup(child) for child in children(node))


def constants(node: nodes.Node) -> Iterator[str]:
    for child in children(node):
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        yield from constants(child)


def bare_texts(source: str) -> list[str]:
    tree, reader = environment.parse(source), Texts()
    reader.feed(markup(tree))
    texts = [text.strip(" \n·–()") for text in reader.found]
    return [text for text in texts if WORD.search(text) and text not in NAMES and '="' not in text] + [
        text for text in constants(tree) if is_sentence(text)
    ]


def is_sentence(text: str) -> bool:
    return bool(SENTENCE.search(text)) and text not in NAMES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_nothing_past_the_catalogue(path: Path) -> None:
    assert bare_texts(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello there</p>",
        '<img alt="A picture">',
        '<a title="{{ x }} of them">{{ _("ok") }}</a>',
        "{{ 'Saved' if done else _('Erased') }}",
        "{% set words = {'a': 'in no release so far'} %}",
        "{% trans %}Yes{% endtrans %} and no",
        "{{ _('%(a)s', a='Not for you') }}",
    ],
)
def test_it_would_notice(source: str) -> None:
    assert bare_texts(source)


def marked(tree: ast.Module) -> set[int]:
    """The ids of nodes that are no text for people, or in the catalogue: docstrings, and what is in a call of gettext or English."""
    found = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT | {"English"}:
            found |= {id(argument) for argument in node.args}
    return found


def bare_strings(source: str) -> list[str]:
    tree = ast.parse(source)
    known = marked(tree)
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in known)
    return [text for text in texts if is_sentence(text) and not text.startswith("<")]


# For programs, for the log, and names.
KEPT = {
    "Retry-After",
    "Allow",
    "Vary",
    "Cookie",
    "Accept-Language",
    "Origin",
    "Lax",
    "database not available: %s",
    "noopener noreferrer nofollow ugc",
}
KEPT |= {"not yet anonymised", "not yet approved"}  # as manifests have it
KEPT |= {*PLATFORMS.values(), *LANGUAGES.values(), "In italiano"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_page_says_nothing_past_the_catalogue(path: Path) -> None:
    found = [text for text in bare_strings(path.read_text(encoding="utf-8")) if text not in KEPT]
    assert found == []


def test_it_would_notice_in_python() -> None:
    assert bare_strings('raise NotFound("There is nothing here.")')
    assert bare_strings('words = f"{count} of your conversations are here"')
    assert not bare_strings('"""What it is for."""\nx = English("There is nothing here.")')


def test_the_script_says_nothing_by_itself() -> None:
    script = re.sub(r"^\s*//.*$|//\s.*$", "", (CHECKOUT / "static/sharelm.js").read_text(encoding="utf-8"), flags=re.MULTILINE)
    strings = re.findall(r'"([^"\n]*)"|`([^`\n]*)`', script)
    assert [text for pair in strings for text in pair if is_sentence(text) and text != "use strict"] == []
