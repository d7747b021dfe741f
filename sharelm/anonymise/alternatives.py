"""Alternatives of a pattern: where to cut between them, and how to try fewer of them.

Python tries the alternatives of a list one after the other. Of a hundred words, those that begin with another letter than the text need not be
tried: `(?:account|card|claim)` becomes `(?:account|c(?:ard|laim))`, which matches the same, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import groupby

LONGEST_OPENED = 6_000  # characters
FEWEST = 6  # alternatives that are worth sorting
_NAMES_SOMETHING = re.compile(r"(?<!\\)\((?!\?[:=!<i\-])|\(\?P|\(\?<[^=!]")
_QUANTIFIERS = frozenset("?*+{")


def any_of(words: Collection[str]) -> str:
    """A pattern of the longest of these words that stands at a place; every letter is compared once."""
    rests: dict[str, set[str]] = {}
    for word in filter(None, words):
        rests.setdefault(word[0], set()).add(word[1:])
    if not rests:
        return ""
    branches = "|".join(re.escape(first) + any_of(rest) for first, rest in sorted(rests.items()))
    return f"(?:{branches})?" if "" in words else f"(?:{branches})"


def alternatives(pattern: str) -> list[str]:
    """The pattern cut at the bars that stand in no bracket."""
    parts = [""]
    for token in _tokens(pattern):
        if token == "|":
            parts.append("")
        else:
            parts[-1] += token
    return parts


def factored(pattern: str) -> str:
    """The same pattern with every long list of alternatives sorted by first letters."""
    parts = alternatives(pattern)
    if len(parts) > 1:
        return _sorted([factored(opened) for part in parts for opened in _opened(part)])
    return "".join(_with_body(token) for token in _tokens(pattern))


def _opened(part: str, *, deeper: int = 3) -> list[str]:
    """`(?:my |our )?car` as `my car|our car|car`, so that it too begins with letters. Nothing that names what it matched is written twice."""
    group, rest = next(_tokens(part), ""), part[len(next(_tokens(part), "")) :]
    is_optional = rest.startswith("?") and rest[1:2] not in {"?", "+"}
    tail = rest[1:] if is_optional else rest
    is_repeated = not is_optional and rest[:1] in _QUANTIFIERS
    if not deeper or not group.startswith("(?:") or is_repeated or _NAMES_SOMETHING.search(part):
        return [part]
    inside = alternatives(group[3:-1])
    if len(inside) * len(tail) > LONGEST_OPENED:
        return [part]
    opened = [branch + tail for branch in inside] + ([tail] if is_optional else [])
    return [again for one in opened for again in _opened(one, deeper=deeper - 1)]


def _with_body(token: str) -> str:
    """A group with what is in it factored; anything else as it is. What only looks around is left alone."""
    if not token.startswith("(") or token.startswith(("(?<=", "(?<!", "(?#", "(?(", "(?P=", "(?P>")):
        return token
    head = _head(token)
    return f"{head}{factored(token[len(head) : -1])})"


def _head(group: str) -> str:
    if not group.startswith("(?"):
        return "("
    if group.startswith("(?P<"):
        return group[: group.index(">") + 1]
    if group[2] in "=!>":
        return group[:3]
    return group[: group.index(":") + 1]


def _sorted(parts: list[str]) -> str:
    """Neighbours that begin with a letter, gathered by that letter; whatever begins otherwise stays in its place between them."""
    if len(parts) < FEWEST:
        return "|".join(parts)
    result: list[str] = []
    for is_letter, run in groupby(parts, _begins_with_small_letter):
        if not is_letter:
            result += run
            continue
        by_letter: dict[str, list[str]] = {}
        for part in run:
            by_letter.setdefault(part[0], []).append(part[1:])
        result += [letter + rests[0] if len(rests) == 1 else f"{letter}(?:{_sorted(rests)})" for letter, rests in by_letter.items()]
    return "|".join(result)


def _begins_with_small_letter(part: str) -> bool:
    return part[:1].islower() and part[1:2] not in _QUANTIFIERS


def _tokens(pattern: str) -> Iterator[str]:
    """Groups, classes, escapes and single characters, one by one."""
    i = 0
    while i < len(pattern):
        end = _end_of_token(pattern, i)
        yield pattern[i:end]
        i = end


def _end_of_token(pattern: str, start: int) -> int:
    if pattern[start] == "\\":
        return start + 2
    if pattern[start] == "[":
        end = start + (2 if pattern[start + 1] == "^" else 1)
        end += 1 if pattern[end] == "]" else 0  # a bracket that comes first belongs to the class
        while pattern[end] != "]":
            end += 2 if pattern[end] == "\\" else 1
        return end + 1
    if pattern[start] != "(":
        return start + 1
    end = start + 1
    while pattern[end] != ")":
        end = _end_of_token(pattern, end)
    return end + 1
