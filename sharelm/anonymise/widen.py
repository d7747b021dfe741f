"""A pattern of Python's `re`, widened until hyperscan can run it: where the pattern matches, the wider one does too.

Hyperscan knows no looking around, no groups and no letters beyond ASCII. What it cannot do is left out, long repetitions become endless,
and a class that holds anything beyond ASCII holds all of it. Digits of other scripts are not in `\\d` here: the gate is open where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

BEYOND_ASCII = r"\x{80}-\x{10ffff}"
ANYTHING = rf"[\x00-\x7f{BEYOND_ASCII}]"
LONGEST_PATTERN = 8_000  # characters; hyperscan takes 16,000, but not of every pattern
MOST_APART = 100
LONGEST_REPEAT = 6  # beyond, counting costs more than it tells
MOST_COUNTED = 32  # of what has to stand there often: a count of 60 makes a pattern too large

Node = tuple[Any, Any]

_IN_CLASS: Mapping[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
}


def widen(source: str, flags: int) -> list[str]:
    """Patterns of which at least one matches where the given one does; several, because a long list of alternatives is too much for one.

    Only for patterns that cannot match nothing at all.
    """
    from re import _parser  # type: ignore[attr-defined]  # the tree of a pattern, which the standard library shows nowhere else

    widening = _Widening(flags)
    nodes = list(_parser.parse(source, flags))
    whole = widening.sequence(nodes, is_tail=True, is_head=True)
    if len(whole) <= LONGEST_PATTERN:
        return [whole]
    return [widening.sequence(branch, is_tail=True, is_head=True) for branch in _branches(nodes)]


def widen_apart(source: str, flags: int) -> list[str]:
    """The same for what a pattern begins with; each ends where that does.

    Each alternative is one by itself, as far as there are not too many: hyperscan finds them much faster than all in one.
    """
    from re import _parser  # type: ignore[attr-defined]  # as above

    parts = [list(_parser.parse(source, flags))]
    while len(parts) < len(more := [branch for part in parts for branch in _branches(part)]) <= MOST_APART:
        parts = more
    return [_Widening(flags).sequence(part, is_tail=False, is_head=True) for part in parts]


def _branches(nodes: list[Node]) -> list[list[Node]]:
    """The sequence once for each branch of its longest list of alternatives, which may stand in a group."""
    place = max(range(len(nodes)), key=lambda i: len(_alternatives(nodes[i])))
    return [[*nodes[:place], *branch, *nodes[place + 1 :]] for branch in _alternatives(nodes[place])]


def _alternatives(node: Node) -> list[list[Node]]:
    name, value = str(node[0]), node[1]
    if name == "SUBPATTERN" and not value[1] and not value[2] and len(value[3]) == 1:
        return _alternatives(value[3][0])
    return [list(branch) for branch in value[1]] if name == "BRANCH" else [[node]]


class _Widening:
    """Of one pattern; remembers what its groups looked like, for references to them."""

    def __init__(self, flags: int) -> None:
        self._ignores_case = bool(flags & re.IGNORECASE)
        self._groups: dict[int, str] = {}

    def sequence(self, nodes: Sequence[Node], *, is_tail: bool, is_head: bool = False) -> str:
        """What stands in a look ahead is kept where nothing behind it has to match: there the pattern may as well end.

        So is what must not stand before the pattern, where that is one sign.
        """
        parts = []
        for place, node in enumerate(nodes):
            ends_here = is_tail and all(map(_is_optional, nodes[place + 1 :]))
            begins_here = is_head and all(str(before[0]) == "ASSERT" for before in nodes[:place])
            parts.append(self._node(node, is_tail=ends_here, is_head=begins_here))
            if ends_here and str(node[0]) == "ASSERT":
                break
        return "".join(parts)

    def _node(self, node: Node, *, is_tail: bool, is_head: bool = False) -> str:  # noqa: PLR0911 - one line for each kind of node
        name, value = str(node[0]), node[1]
        if name == "LITERAL":
            return self._literal(chr(value))
        if name in {"NOT_LITERAL", "ANY"}:
            return ANYTHING
        if name == "IN":
            is_negated = str(value[0][0]) == "NEGATE"
            return self._class(value[1:] if is_negated else value, is_negated=is_negated)
        if name == "BRANCH":
            return f"(?:{'|'.join(self.sequence(list(branch), is_tail=is_tail, is_head=is_head) for branch in value[1])})"
        if name.endswith("REPEAT"):
            return self._repeat(*value)
        if name == "SUBPATTERN":
            return self._group(*value, is_tail=is_tail, is_head=is_head)
        if name == "ATOMIC_GROUP":
            return f"(?:{self.sequence(list(value), is_tail=is_tail)})"
        if name == "ASSERT_NOT" and is_head and value[0] < 0:
            return self._not_before(list(value[1]))
        if name == "GROUPREF":
            return self._groups.get(value, f"{ANYTHING}*")
        if name == "ASSERT" and value[0] > 0 and is_tail:  # nothing follows that could overlap it
            return f"(?:{self.sequence(list(value[1]), is_tail=True)})"
        return "" if name in {"ASSERT", "ASSERT_NOT", "AT"} else f"{ANYTHING}*"

    def _not_before(self, body: Sequence[Node]) -> str:
        members = body[0][1] if str(body[0][0]) == "IN" else body
        if len(body) > 1 or any(str(name) not in {"LITERAL", "RANGE", "CATEGORY"} for name, _ in members):
            return ""
        others = {char for char in map(chr, range(128)) if not any(_holds(member, char) for member in members)}
        return f"(?:^|[{_ranges(others)}{BEYOND_ASCII}])"

    def _repeat(self, low: int, high: int, body: Any) -> str:
        inside = f"(?:{self.sequence(list(body), is_tail=False)})"
        return f"{inside}{{{min(low, MOST_COUNTED)},{high if high <= LONGEST_REPEAT else ''}}}"

    def _group(self, number: int | None, add: int, remove: int, body: Any, *, is_tail: bool, is_head: bool) -> str:
        before = self._ignores_case
        self._ignores_case = (before or bool(add & re.IGNORECASE)) and not remove & re.IGNORECASE
        inside = f"(?:{self.sequence(list(body), is_tail=is_tail, is_head=is_head)})"
        self._ignores_case = before
        if number is not None:
            self._groups[number] = inside
        return inside

    def _literal(self, char: str) -> str:
        if not char.isascii():
            return f"[{BEYOND_ASCII}]" if self._ignores_case else char
        return f"[{char.lower()}{char.upper()}]" if self._ignores_case and char.isalpha() else _escaped(char)

    def _class(self, members: Sequence[Node], *, is_negated: bool) -> str:
        chars = {char for char in map(chr, range(128)) if any(_holds(member, char) for member in members) != is_negated}
        if self._ignores_case:
            chars |= {char.swapcase() for char in chars} if not is_negated else set()
        beyond = BEYOND_ASCII if is_negated or any(_reaches_beyond(member) for member in members) else ""
        return f"[{_ranges(chars)}{beyond}]"


def _escaped(char: str) -> str:
    return char if char.isalnum() else f"\\x{ord(char):02x}"


def _ranges(chars: set[str]) -> str:
    """The characters of a class, neighbours as ranges."""
    codes = sorted(map(ord, chars))
    starts = [code for code in codes if code == 0 or chr(code - 1) not in chars]
    ends = [code for code in codes if chr(code + 1) not in chars]
    return "".join(_escaped(chr(a)) if a == b else f"{_escaped(chr(a))}-{_escaped(chr(b))}" for a, b in zip(starts, ends, strict=True))


def _is_optional(node: Node) -> bool:
    name = str(node[0])
    return (name.endswith("REPEAT") and node[1][0] == 0) or name in {"ASSERT_NOT", "AT"}


def _holds(member: Node, char: str) -> bool:
    name, value = str(member[0]), member[1]
    if name == "LITERAL":
        return bool(ord(char) == value)
    if name == "RANGE":
        return bool(value[0] <= ord(char) <= value[1])
    category = str(value)
    is_in = _IN_CLASS[category.replace("_NOT_", "_")](char)
    return is_in != ("_NOT_" in category)


def _reaches_beyond(member: Node) -> bool:
    name, value = str(member[0]), member[1]
    if name == "LITERAL":
        return bool(value > 127)
    if name == "RANGE":
        return bool(value[1] > 127)
    return str(value) != "CATEGORY_DIGIT"
