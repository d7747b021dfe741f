"""Keys, tokens and passwords that are recognisable by their form, and private key blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.rules import Kind, Region
from sharelm.vocabulary import PiiSpan

# Python skips to the sign in the middle of tokens that begin like any word.
_HINTS = (
    *("", "", "", "", "", ""),
    r"-(?:(?<=[a-f0-9]{32}-)us[0-9]|(?<=key-)[a-f0-9]{32})",
    r"\.(?:(?<=[\w\-]{20}\.)[\w\-]{6}\.[\w\-]{27}|(?<=pat[A-Za-z0-9]{14}\.)[a-f0-9]{64})",
)
_KIND = Kind("SECRET", hints=_HINTS)
_WORDS = _KIND.words
_LONGEST_SCHEME = 21

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    return _KIND.find(text, {"random": _random, "trimmed": _trimmed, "link_password": _link_password, "keyed_password": _keyed_password})


def _random(_: str, match: re.Match[str]) -> Region | None:
    return match.span() if _is_random(match[0]) else None


def _trimmed(_: str, match: re.Match[str]) -> Region:
    return match.start(), match.start() + len(_WORDS["space_at_end"].sub("", match[0]))


def _link_password(text: str, match: re.Match[str]) -> Region | None:
    scheme = _WORDS["scheme"].search(text[max(0, match.start() - _LONGEST_SCHEME) : match.start()])
    if scheme is None or _WORDS["stand_in"].fullmatch(match[1]):
        return None
    return match.start() - len(scheme[0]), match.start() + len(_WORDS["no_end"].sub("", match[0]))


def _keyed_password(_: str, match: re.Match[str]) -> Region | None:
    return None if _WORDS["stand_in"].fullmatch(match[1]) else match.span(1)


def _is_random(value: str) -> bool:
    """Documentation writes `ghp_xxxxxxxx` or `sk-your-key-goes-here` where a key would stand."""
    body = value[4:]
    is_words = value.islower() and "-" in body and not any(char.isdecimal() for char in value)
    return not set(body) <= set("xX*.-_") and not is_words
