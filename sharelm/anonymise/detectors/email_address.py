"""E-mail addresses, also with letters beyond ASCII and spelt out: `anna (at) example (dot) org`, `anna chiocciola example punto org`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.rules import Kind, Region
from sharelm.vocabulary import PiiSpan

MAX_LOCAL = 64  # RFC 5321, section 4.5.3.1.1
MOST_DOTS, LONGEST_DOT = 4, 13  # "anna dot m dot rossi at …": how many, and how many characters one takes with what is around it

_KIND = Kind("EMAIL_ADDRESS")
_WORDS = _KIND.words

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # as keyboards for Chinese and Japanese write ASCII

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    return _KIND.find(text, {"mailbox": _mailbox, "spelt_mailbox": _spelt_mailbox, "told_mailbox": _told_mailbox})


def normalise(value: str) -> str:
    """Lower case; a spelt-out address is compared with the plain one."""
    plain = value.translate(_NARROW).lower()
    plain = plain if "@" in plain else _WORDS["at"].sub("@", plain)
    return _WORDS["dot"].sub(".", plain)


# Both are found from the @ outwards: a pattern that begins with the local part would try every letter of a long text.
def _mailbox(text: str, match: re.Match[str]) -> Region | None:
    start = _start_of_local(text, match.start())
    if start == match.start() or _is_remote(text, start, match) or _WORDS["password_of_link"].search(text[max(0, start - 90) : start]):
        return None
    return start, match.end()


def _spelt_mailbox(text: str, match: re.Match[str]) -> Region | None:
    # "at home dot com" needs the dot in words; "(at)" is enough by itself.
    return _told_mailbox(text, match) if _WORDS["spelt"].search(match[0]) else None


def _told_mailbox(text: str, match: re.Match[str]) -> Region | None:
    start = _start_of_local(text, match.start())
    if start == match.start():
        return None
    for _ in range(MOST_DOTS):
        dot = _WORDS["spelt_before"].search(text[max(0, start - LONGEST_DOT) : start])
        before = _start_of_local(text, start - len(dot[0])) if dot else start
        if dot is None or before == start - len(dot[0]):
            break
        start = before
    return start, match.end()


def _start_of_local(text: str, at: int) -> int:
    before = text[max(0, at - MAX_LOCAL) : at]
    stop = _WORDS["not_local"].search(before[::-1])
    local = before[len(before) - stop.start() :] if stop else before
    return at - len(local.lstrip(".\uff0e%+-'"))


def _is_remote(text: str, start: int, match: re.Match[str]) -> bool:
    """`git@github.com:owner/name` and `ssh://git@host/name` name a repository, not a person."""
    return text[start : match.start()] == "git" and (text[match.end() : match.end() + 1] in {":", "/"} or text.startswith("//", max(0, start - 2)))
