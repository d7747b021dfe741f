"""E-mail addresses, also with letters beyond ASCII and written as `anna (at) example (dot) org`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

MAX_LOCAL = 64  # RFC 5321, section 4.5.3.1.1

# Found from the @ outwards: a pattern that begins with the local part would try every letter of a long text.
_AT_DOMAIN = re.compile(r"(?<=[\w%+\-'])@((?:[^\W_][\w\-]{0,62}\.){1,8}(?:xn--[a-z0-9\-]{2,59}|[^\W\d_]{2,24}))(?![\w@(]|-\w|\.\w)")
_SPELT_AT = re.compile(
    r"(?:\s?[(\[{]\s?at\s?[)\]}]\s?|(?<=\w)\sat\s)"
    r"(?:[^\W_][\w\-]{0,62}(?:\s?[(\[{]\s?(?:dot|\.)\s?[)\]}]\s?|\sdot\s|\.)){1,4}(?:com|org|net|edu|gov|info|io|co|[a-z]{2})(?![\w@(])",
    re.IGNORECASE,
)
_SPELT_DOT = re.compile(r"[(\[{]\s?at\s?[)\]}]|\bdot\b", re.IGNORECASE)
_NOT_LOCAL = re.compile(r"[^\w.%+\-']")
_PASSWORD_OF_LINK = re.compile(r"://[^\s/@]{0,80}:\Z")


def find(text: str) -> Iterator[PiiSpan]:
    if "@" in text:
        for match in _AT_DOMAIN.finditer(text):
            start = _start_of_local(text, match.start())
            if start < match.start() and not _is_remote(text, start, match) and not _PASSWORD_OF_LINK.search(text, max(0, start - 90), start):
                yield PiiSpan(start, match.end(), "EMAIL_ADDRESS")
    if _SPELT_DOT.search(text):
        yield from _find_spelt(text)


def normalise(value: str) -> str:
    """Lower case; a spelt-out address is compared with the plain one."""
    plain = re.sub(r"\s?(?:[(\[{]\s?at\s?[)\]}]|\bat\b(?=\s))\s?", "@", value.casefold()) if "@" not in value else value.casefold()
    return re.sub(r"\s?[(\[{]\s?(?:dot|\.)\s?[)\]}]\s?|\sdot\s", ".", plain)


def _find_spelt(text: str) -> Iterator[PiiSpan]:
    for match in _SPELT_AT.finditer(text):
        # "at home dot com" needs the dot in words; "(at)" is enough by itself.
        if _SPELT_DOT.search(match[0]):
            start = _start_of_local(text, match.start())
            if start < match.start():
                yield PiiSpan(start, match.end(), "EMAIL_ADDRESS")


def _start_of_local(text: str, at: int) -> int:
    before = text[max(0, at - MAX_LOCAL) : at]
    stop = _NOT_LOCAL.search(before[::-1])
    local = before[len(before) - stop.start() :] if stop else before
    return at - len(local.lstrip(".%+-'"))


def _is_remote(text: str, start: int, match: re.Match[str]) -> bool:
    """`git@github.com:owner/name` and `ssh://git@host/name` name a repository, not a person."""
    return text[start : match.start()] == "git" and (text[match.end() : match.end() + 1] in {":", "/"} or text.startswith("//", max(0, start - 2)))
