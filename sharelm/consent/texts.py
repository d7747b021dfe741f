"""The consent texts: versioned files, completed from the configuration.

What the operator sets (hold, licence, name, contact) is part of what people agree to. So the version in force is the date of the files
and a mark of the completed texts of all languages together: where any of them changes, people are asked anew, in whatever language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "texts"
CURRENT = "2026-11-22"
PLUGIN = "sharelm-plugin"
DEFAULT_LANGUAGE = "en"
UNNAMED = {"en": "the operator of this server", "it": "chi gestisce questo server"}


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text as it is shown, in Markdown; `sha256` is of its UTF-8 bytes."""

    version: str
    language: str
    text: str
    sha256: str


def current_text(facts: Mapping[str, str], language: str = DEFAULT_LANGUAGE) -> ConsentText:
    """The text in force in `language`, or in English where there is none.

    `facts` completes it: operator, contact, device_hours, hold_hours, licence, address.
    """
    texts = {name: _complete(CURRENT, name, facts) for name in languages()}
    mark = hashlib.sha256("\0".join(texts[name] for name in sorted(texts)).encode()).hexdigest()[:8]
    chosen = language if language in texts else DEFAULT_LANGUAGE
    return _text(f"{CURRENT}.{mark}", chosen, texts[chosen])


def named(facts: Mapping[str, str], language: str = DEFAULT_LANGUAGE) -> dict[str, str]:
    """The facts with words where the operator has given no name or no contact."""
    return {**facts, **{name: facts[name] or UNNAMED[language] for name in ("operator", "contact")}}


def plugin_text() -> ConsentText:
    """What stands for the published plugin's terms: a description of what their agreement covers here."""
    return _text(PLUGIN, DEFAULT_LANGUAGE, (FOLDER / f"{PLUGIN}.en.md").read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """The languages that the current version is written in."""
    return tuple(sorted(path.name.split(".")[1] for path in FOLDER.glob(f"{CURRENT}.*.md")))


def _complete(version: str, language: str, facts: Mapping[str, str]) -> str:
    return Template((FOLDER / f"{version}.{language}.md").read_text(encoding="utf-8")).substitute(named(facts, language))


def _text(version: str, language: str, text: str) -> ConsentText:
    return ConsentText(version, language, text, hashlib.sha256(text.encode()).hexdigest())
