"""What has to stand in a text for a pattern to match in it: a few words of which every match holds at least one, read off the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

MOST = 400  # words; more are no help
MOST_IN_CLASS = 6
RAREST = 0.02
"""What is expected once in fifty places is in every text."""
_ONE_CASE = frozenset("\u00b5\u0130\u0131\u017f")  # letters below U+0180 that also mean another one where case is ignored
_COMMON = {
    " ": 0.17,
    **dict(zip("etaoinsrhldcumfpgwybvkxjqz", (0.1, 0.07, *[0.06] * 7, *[0.03] * 4, *[0.02] * 6, *[0.01] * 2, *[0.002] * 5), strict=True)),
}

Node = tuple[Any, Any]


class _Finding(NamedTuple):
    """`exact`: all that a part can match, None where that is too much; `needed`: one of these is in whatever it matches."""

    exact: frozenset[str] | None
    needed: frozenset[str] | None

    @property
    def best(self) -> frozenset[str] | None:
        return _better(self.exact if self.exact and "" not in self.exact else None, self.needed)


_NOTHING = _Finding(frozenset({""}), None)
_ANYTHING = _Finding(None, None)


def literals(pattern: str, flags: int = 0, *, folds: bool) -> frozenset[str] | None:
    """Words of which every text holds one in which the pattern matches; None where there are no such words.

    With `folds` they are in lower case, and so has the text to be. That is not said of texts with letters that are ASCII in another case
    only (`\u017f`, `\u212a`, `\u0130`, `\u0131`).
    """
    from re import _parser  # type: ignore[attr-defined]  # the tree of a pattern, which the standard library shows nowhere else

    found = _Reading(folds=folds).sequence(list(_parser.parse(pattern, flags))).best
    return None if found is None or _chance(found) > RAREST else _shortest(found)


class _Reading:
    """Of one pattern, whose letters may mean both cases."""

    def __init__(self, *, folds: bool) -> None:
        self._folds = folds

    def sequence(self, nodes: Sequence[Node]) -> _Finding:
        """What parts match one after the other: joined while that is a list one can write down, then begun anew."""
        exact: frozenset[str] = frozenset({""})
        needed = None
        is_exact = True
        for found in map(self._node, nodes):
            if found.exact is not None and len(exact) * len(found.exact) <= MOST:
                exact = frozenset(a + b for a in exact for b in found.exact)
                continue
            needed = _better(_better(needed, _Finding(exact, None).best), found.best)
            is_exact, exact = False, found.exact if found.exact is not None else frozenset({""})
        return _Finding(exact, needed) if is_exact else _Finding(None, _better(needed, _Finding(exact, None).best))

    def _node(self, node: Node) -> _Finding:
        name, value = str(node[0]), node[1]
        if name in {"LITERAL", "IN"}:
            return self._signs([node] if name == "LITERAL" else value)
        if name == "BRANCH":
            return _branch([self.sequence(list(branch)) for branch in value[1]])
        if name == "SUBPATTERN":
            return self.sequence(list(value[3]))
        if name == "ATOMIC_GROUP":
            return self.sequence(list(value))
        if name.endswith("REPEAT"):
            return _repeat(value[0], value[1], self.sequence(list(value[2])))
        return _NOTHING if name in {"ASSERT", "ASSERT_NOT", "AT"} else _ANYTHING

    def _signs(self, members: Sequence[Node]) -> _Finding:
        if len(members) > MOST_IN_CLASS or any(str(name) != "LITERAL" for name, _ in members):
            return _ANYTHING
        signs = [chr(code).lower() if self._folds else chr(code) for _, code in members]
        is_plain = not self._folds or all(ord(sign) < 0x180 and sign not in _ONE_CASE for sign in signs)
        return _Finding(frozenset(signs), None) if is_plain else _ANYTHING


def _branch(found: Sequence[_Finding]) -> _Finding:
    exact = [one.exact for one in found if one.exact is not None]
    best = [one.best for one in found if one.best is not None]
    together = frozenset().union(*exact) if len(exact) == len(found) else None
    return _Finding(together if together and len(together) <= MOST else None, frozenset().union(*best) if len(best) == len(found) else None)


def _repeat(low: int, high: int, body: _Finding) -> _Finding:
    if low == 0:
        return _Finding(body.exact | {""} if high == 1 and body.exact is not None else None, None)
    return body if low == high == 1 else _Finding(None, body.best)


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other, key=_chance)


def _chance(words: frozenset[str]) -> float:
    """How often one of the words may be expected to begin at a place of a text."""
    return sum(prod(_COMMON.get(char, 0.005) for char in word) for word in words)


def _shortest(words: frozenset[str]) -> frozenset[str]:
    """Without those that hold another one."""
    kept: list[str] = []
    for word in sorted(words, key=lambda word: (len(word), word)):
        if not any(other in word for other in kept):
            kept.append(word)
    return frozenset(kept)
