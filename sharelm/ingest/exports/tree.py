"""A draft becomes one of our conversations: what is not kept is bridged, other branches stay beside the shown path, ids are our own. Pure.

The newest message makes the path that is shown (ingest.merge), so the messages stand in an order in which the path ends last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sharelm.ingest.accept import MAX_MESSAGES
from sharelm.ingest.exports.draft import EARLIEST, Draft, Format, Node, Unreadable
from sharelm.ingest.exports.first_words import FirstWords
from sharelm.store.types import to_micros
from sharelm.vocabulary import Conversation, Message, Role

MAX_CHARACTERS = 5_000_000  # of a conversation
SAFE_ID = re.compile(r"[A-Za-z0-9._:@\-]{1,160}")
# What a model thought before it answered, where it stands in the text; one that never ends goes to the end.
THOUGHTS = re.compile(r"\s*(?:<(think|thinking)>.*?(?:</\1>|\Z)|:::thinking\b.*?(?:\n:::(?=\s|\Z)|\Z))", re.DOTALL | re.IGNORECASE)
Digest = Callable[[str], str]
"""Keyed: what it makes of a text tells nobody the text."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A node with text. Its parent is kept too; `gap` says that something said before it could not be kept, such as a picture."""

    node: Node
    role: Role
    parent: str | None
    gap: bool


def conversation_of(draft: Draft, reader: Format, *, digest: Digest, first_words: FirstWords) -> Conversation:
    """Raises Unreadable with the reason why it is skipped."""
    kept = _kept(draft.nodes)
    path = _path(draft, kept)
    _check(path)
    messages = _beside_and_path(kept, path)
    if len(messages) > MAX_MESSAGES or _length(messages) > MAX_CHARACTERS:
        messages = path
    conversation_id = f"{reader.NAME}:{_own_id(draft, path, digest, first_words)}"
    changed_at = draft.changed_at or max((one.node.sent_at for one in path if one.node.sent_at), default=None)
    return Conversation(
        conversation_id=conversation_id,
        messages=tuple(_messages(messages, conversation_id, digest)),
        source="export",
        platform=reader.PLATFORM,
        model=model_name(next((one.node.model for one in reversed(path) if one.node.model), draft.model)),
        sent_at=changed_at,
        revision=to_micros(changed_at or EARLIEST) // 1000,
    )


@lru_cache(maxsize=1024)
def model_name(text: str | None) -> str | None:
    """A model's name is published: what could be an address of somebody, or a sentence, is none."""
    name = "".join(letter for letter in " ".join((text or "").split()) if letter.isprintable())[:200]
    return name if name and "@" not in name and len(name.split()) <= 8 else None


def _kept(nodes: Iterable[Node]) -> dict[str, Kept]:
    """The nodes with text by their ids, each below the nearest of its kind; one that is named twice counts once."""
    every = {node.id: _without_thoughts(node) for node in nodes}
    found: dict[str, Kept] = {}
    for node in every.values():
        if node.role is not None and node.content.strip():
            parent, gap = _nearest(node, every)
            found[node.id] = Kept(node, node.role, parent, gap)
    return found


def _without_thoughts(node: Node) -> Node:
    thoughts = THOUGHTS.match(node.content) if node.role is Role.ASSISTANT else None
    return replace(node, content=node.content[thoughts.end() :].lstrip()) if thoughts else node


def _nearest(node: Node, every: dict[str, Node]) -> tuple[str | None, bool]:
    """The nearest entry with text above, None at the top and where parents go in a circle; and whether something said was left out between."""
    seen, at, gap = {node.id}, node.parent, False
    while at is not None and at in every and at not in seen:
        above = every[at]
        if above.role is not None and above.content.strip():
            return at, gap
        gap = gap or above.role is not None
        seen.add(at)
        at = above.parent
    return None, gap


def _path(draft: Draft, kept: dict[str, Kept]) -> list[Kept]:
    every = {node.id: node for node in draft.nodes}
    named = every.get(draft.leaf or "")
    newest = _leaf_of_newest_children if draft.shows_newest_child else _newest_leaf
    leaf = draft.leaf if draft.leaf in kept else _nearest(named, every)[0] if named else newest(kept)
    path: list[Kept] = []
    seen: set[str] = set()
    while leaf is not None and leaf in kept and leaf not in seen:
        seen.add(leaf)
        path.append(kept[leaf])
        leaf = kept[leaf].parent
    if leaf is not None and path:  # parents in a circle: it begins here
        top = path.pop()
        path.append(replace(top, parent=None))
        kept[top.node.id] = path[-1]
    return path[::-1]


def _newest_leaf(kept: dict[str, Kept]) -> str | None:
    """The leaf that was said last; where no times are told, the one that stands last."""
    parents = {one.parent for one in kept.values()}
    leaves = [(one.node.sent_at or EARLIEST, place, one.node.id) for place, one in enumerate(kept.values()) if one.node.id not in parents]
    return max(leaves)[2] if leaves else None


def _leaf_of_newest_children(kept: dict[str, Kept]) -> str | None:
    children: dict[str | None, list[tuple[datetime, int, str]]] = {}
    for place, one in enumerate(kept.values()):
        children.setdefault(one.parent, []).append((one.node.sent_at or EARLIEST, place, one.node.id))
    at: str | None = None
    while at in children:
        at = max(children[at])[2]
    return at


def _check(path: Sequence[Kept]) -> None:
    roles = {one.role for one in path}
    if not roles:
        raise Unreadable("empty")
    if Role.USER not in roles:
        raise Unreadable("no-user-message")
    if Role.ASSISTANT not in roles:
        raise Unreadable("one-sided")
    if len(path) > MAX_MESSAGES or _length(path) > MAX_CHARACTERS:
        raise Unreadable("too-long")


def _beside_and_path(kept: dict[str, Kept], path: Sequence[Kept]) -> list[Kept]:
    """Parents before children, and at each fork the shown branch last. Other beginnings are kept where they begin as the shown one does."""
    on_path = {one.node.id for one in path}
    children: dict[str | None, list[str]] = {}
    for one in kept.values():
        children.setdefault(one.parent, []).append(one.node.id)
    waiting = [root for root in children.get(None, []) if kept[root].role is path[0].role]
    waiting.sort(key=lambda one: one not in on_path)
    ordered: list[Kept] = []
    while waiting:
        at = kept[waiting.pop()]
        ordered.append(at)
        waiting += sorted(children.get(at.node.id, []), key=lambda one: one not in on_path)
    return ordered


def _own_id(draft: Draft, path: Sequence[Kept], digest: Digest, first_words: FirstWords) -> str:
    """Stable from one export to the next: the platform's own, else by the first words."""
    if draft.native_id is not None:
        return draft.native_id if SAFE_ID.fullmatch(draft.native_id) else digest(draft.native_id)
    return first_words.id_of([(one.role, one.node.content) for one in path])


def _messages(kept: Sequence[Kept], conversation_id: str, digest: Digest) -> Iterator[Message]:
    """The platform's ids of messages are not kept: they could tell it whose conversation this is."""
    ids = {one.node.id: digest(f"{conversation_id}\0{one.node.id}") for one in kept}
    for one in kept:
        yield Message(
            role=one.role,
            content=one.node.content,
            id=ids[one.node.id],
            parent_id=ids.get(one.parent) if one.parent is not None else None,
            model=model_name(one.node.model),
            sent_at=one.node.sent_at,
            rating=one.node.rating,
            gap=one.gap,
        )


def _length(kept: Iterable[Kept]) -> int:
    return sum(len(one.node.content) for one in kept)
