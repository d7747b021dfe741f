"""The catalogues are complete: what the sources say is what they translate, and what is compiled is what is written."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from sharelm.config import CHECKOUT
from sharelm.web.language import CATALOGUES, DEFAULT, LANGUAGES

WRITTEN_IN = sorted(set(LANGUAGES) - {DEFAULT})
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
TAG = re.compile(r"</?[a-z]+")
Key = tuple[str | None, str]


@cache
def said() -> frozenset[Key]:
    """(context, English) of every message in the sources."""
    mappings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping.pop("pattern"), mapping.pop("method")) for mapping in mappings]
    options = {pattern: mapping for (pattern, _), mapping in zip(methods, mappings, strict=True)}
    keywords = DEFAULT_KEYWORDS | {"English": None}
    found = extract_from_dir(CHECKOUT, methods, options, keywords)
    return frozenset((context, english_of(message)) for _, _, message, _, context in found)


def english_of(message: str | tuple[str, ...] | list[str]) -> str:
    return message if isinstance(message, str) else message[0]


def key_of(message: Message) -> Key:
    context = message.context.decode() if isinstance(message.context, bytes) else message.context  # as Babel reads compiled ones
    return context, english_of(message.id)


def path_of(language: str, ending: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"messages.{ending}"


@cache
def written(language: str) -> Catalog:
    with path_of(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """English and translation; of a plural the first with the first, and the others with the last."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
        return
    yield message.id[0], message.string[0]
    yield from ((message.id[1], string) for string in message.string[1:])


def test_the_sources_say_something() -> None:
    assert len(said()) > 700
    assert (None, "Withdraw everything") in said()


def marked_in(source: str) -> Iterator[str]:
    """As Python reads it: Babel does not look into f-strings before Python 3.12."""
    for node in ast.walk(ast.parse(source)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if isinstance(node, ast.Call) and name in {"English", "gettext", "ngettext"} and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def test_nothing_that_is_marked_is_overlooked() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "sharelm").rglob("*.py")]
    marked = {(None, words) for source in sources for words in marked_in(source)}
    assert len(marked) > 150
    assert not marked - said()


@pytest.mark.parametrize("language", WRITTEN_IN)
def test_a_catalogue_has_what_the_sources_say_and_nothing_else(language: str) -> None:
    translated = {key_of(message) for message in messages(written(language))}
    assert not said() - translated, "make translations, then translate what is new"
    assert not translated - said(), "make translations drops what nobody says any more"
    assert not written(language).obsolete


@pytest.mark.parametrize("language", WRITTEN_IN)
def test_everything_is_translated_and_nothing_guessed(language: str) -> None:
    assert [message.id for message in messages(written(language)) if message.fuzzy] == []
    assert [english for message in messages(written(language)) for english, translation in pairs(message) if not translation.strip()] == []
    assert not written(language).fuzzy


@pytest.mark.parametrize("language", WRITTEN_IN)
def test_translations_keep_placeholders_and_tags(language: str) -> None:
    for message in messages(written(language)):
        for english, translation in pairs(message):
            for kept in (PLACEHOLDER, TAG):
                assert sorted(kept.findall(english)) == sorted(kept.findall(translation)), english


@pytest.mark.parametrize("language", WRITTEN_IN)
def test_translations_begin_and_end_as_the_english_does(language: str) -> None:
    for message in messages(written(language)):
        for english, translation in pairs(message):
            assert (english[-1] in ".?!:") == (translation[-1] in ".?!:"), english


@pytest.mark.parametrize("language", WRITTEN_IN)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with path_of(language, "mo").open("rb") as file:
        compiled = {key_of(message): list(pairs(message)) for message in messages(read_mo(file))}
    assert compiled == {key_of(message): list(pairs(message)) for message in messages(written(language))}, "make translations"


def test_the_commands_of_the_makefile_find_the_same(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "pyproject.toml",
        "-k",
        "English",
        "-o",
        str(tmp_path / "pot"),
        ".",
    ]
    recipe = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert "pybabel -q extract -F pyproject.toml -k English " in recipe
    subprocess.run(command, cwd=CHECKOUT, check=True)
    with (tmp_path / "pot").open("rb") as file:
        assert {key_of(message) for message in messages(read_po(file))} == said()
