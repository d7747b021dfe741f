"""What a contributor takes out of a conversation by hand: a passage wherever it stands, or the last turn. Works at every stage, for good.

The caller has locked the row. What was taken out is kept as digests only, so that later copies leave it out too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.anonymise.content import ShownPath, content_hash
from sharelm.anonymise.labels import HIDDEN, count_labels
from sharelm.anonymise.quality import find_flags
from sharelm.errors import English, InvalidPayload, Refused
from sharelm.passages import MAX_CHARACTERS, MIN_CHARACTERS, Passage, find_passages, hide_passages, highest_number, read_passage
from sharelm.store import release as releases
from sharelm.store.by_hand import write_by_hand
from sharelm.store.corrections import (
    Corrections,
    Deleted,
    current_as_shown,
    dump_corrections,
    dump_reasons,
    free_turn,
    load_corrections,
    load_reasons,
    reasons_as_shown,
    with_hidden,
)
from sharelm.store.download import discard_downloads
from sharelm.store.export_candidate import erase_copies
from sharelm.store.identity import Digest, identity, message_keys
from sharelm.store.measures import measures
from sharelm.store.message_json import dump_pending, dump_placed, load_current, load_messages, load_placed
from sharelm.store.search import index_conversation
from sharelm.vocabulary import Message, Role

MAX_PASSAGES = 200  # in one conversation
AROUND = 60  # characters on each side of a hit
NOTHING_DELETED = English("Nothing was deleted")
FORMS = ("messages", "branches", "published")


@dataclass(frozen=True, slots=True)
class Digests:
    """The keyed digests of one conversation: of messages, of the ids that their sender gave them, of words that are hidden."""

    message: Digest
    message_id: Callable[[str], str]
    words: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Tree:
    """How the messages of a conversation hang together: which are shown, and what stays and goes with the last turn."""

    shown_path: ShownPath
    without_last_turn: Callable[[Sequence[Message]], tuple[list[Message], list[Message]] | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a passage stands, with what is around it. `message` is None in a reason, or in the form that the last release holds."""

    message: Message | None
    before: str
    text: str
    after: str


def find_hits(row: Row[Any], text: str, digests: Digests) -> list[Hit]:
    """Every place that hiding this passage would replace. Raises InvalidPayload where there is nothing to look for."""
    passage = _read(text, digests, number=0)
    current = current_as_shown(row, hidden=digests.words, digest=digests.message)
    places: list[tuple[Message | None, str]] = [(message, message.content) for message in current]
    known = {identity(message, digests.message) for message in current}
    places += [(None, old.content) for old in load_messages(row.published) if identity(old, digests.message) not in known]
    places += [(None, reason) for reason in reasons_as_shown(row, hidden=digests.words).values()]
    return [_hit(message, content, *span[:2]) for message, content in places for span in find_passages(content, [passage], digests.words)]


def hide_passage(connection: Connection, row: Row[Any], text: str, *, digests: Digests, now: datetime) -> int:
    """Replace the passage by `[HIDDEN_n]` in every form that is kept; how many places. Raises InvalidPayload if it stands nowhere.

    What waits for the anonymiser stays as it was given until then, and is shown without the passage meanwhile.
    """
    count = len(find_hits(row, text, digests))
    if not count:
        raise InvalidPayload(English("These words stand nowhere in the conversation, as whole words."))
    corrections = load_corrections(row.corrections)
    passage = _numbered(row, text, corrections, digests)
    values = _without_passage(row, passage, digests)
    if passage not in corrections.hidden:
        values["corrections"] = dump_corrections(replace(corrections, hidden=(*corrections.hidden, passage)))
    _store(connection, row, values, now=now)
    return count


def delete_last_turn(connection: Connection, row: Row[Any], last_key: str, *, digests: Digests, tree: Tree, now: datetime) -> int:
    """Delete the last turn; how many messages. `last_key` names the last message as its contributor saw it.

    Raises Refused if another message is the last by now, or if it is the only turn.
    """
    messages = load_current(row.pending, row.messages, row.branches)
    cut = tree.without_last_turn(messages)
    if cut is None:
        raise Refused(English("It is the only turn: withdraw the conversation instead."), status=409, title=NOTHING_DELETED)
    if message_keys(messages, digests.message)[tree.shown_path(messages)[-1]] != last_key:
        raise Refused(English("The conversation has changed since you looked: look at its last turn again."), status=409, title=NOTHING_DELETED)
    _store(connection, row, _without_turn(row, *cut, digests=digests, shown_path=tree.shown_path), now=now)
    return len(cut[1])


def _read(text: str, digests: Digests, *, number: int) -> Passage:
    passage = read_passage(text, digests.words, number=number)
    if passage is None:
        raise InvalidPayload(
            English(
                "Give %(least)s to %(most)s characters of words as they stand in the conversation, without a label.",
                least=MIN_CHARACTERS,
                most=MAX_CHARACTERS,
            )
        )
    return passage


def _hit(message: Message | None, content: str, start: int, end: int) -> Hit:
    before, after = content[max(0, start - AROUND) : start], content[end : end + AROUND]
    return Hit(message, ("…" if start > AROUND else "") + before, content[start:end], after + ("…" if end + AROUND < len(content) else ""))


def _numbered(row: Row[Any], text: str, corrections: Corrections, digests: Digests) -> Passage:
    """One passage has one number; a new one goes on from the highest."""
    forms = [message.content for column in (row.pending, row.messages, row.branches, row.published) for message in load_messages(column)]
    passage = _read(text, digests, number=highest_number(forms, corrections.hidden) + 1)
    known = next((one for one in corrections.hidden if one.digest == passage.digest), None)
    if known is None and len(corrections.hidden) >= MAX_PASSAGES:
        raise InvalidPayload(English("At most %(most)s passages can be hidden in one conversation; this one is better withdrawn.", most=MAX_PASSAGES))
    return known or passage


def _without_passage(row: Row[Any], passage: Passage, digests: Digests) -> dict[str, Any]:
    def hide(message: Message) -> Message:
        return with_hidden(message, [passage], hidden=digests.words, digest=digests.message)

    values: dict[str, Any] = {}
    for name in FORMS:
        if getattr(row, name) is not None:
            values[name] = dump_placed((place, hide(message)) for place, message in load_placed(getattr(row, name)))
    reasons = load_reasons(row.reasons).items()
    values["reasons"] = dump_reasons({key: hide_passages(reason, [passage], digests.words)[0] for key, reason in reasons})
    counts: Counter[str] = Counter(json.loads(row.redactions) if row.redactions else {})
    kept = load_messages(row.messages, row.branches)
    counts[HIDDEN] += sum(len(find_passages(message.content, [passage], digests.words)) for message in kept)
    return {**values, **_hashes(values), "redactions": json.dumps(+counts, sort_keys=True) if +counts else row.redactions}


def _without_turn(row: Row[Any], kept: Sequence[Message], gone: list[Message], *, digests: Digests, shown_path: ShownPath) -> dict[str, Any]:
    values: dict[str, Any] = {"message_count": len(kept), "character_count": sum(len(message.content) for message in kept)}
    if row.pending is None:
        path = shown_path(kept)
        values |= {"messages": dump_placed((place, kept[place]) for place in path), "flags": " ".join(find_flags([kept[place] for place in path]))}
        values["branches"] = _dumped([(place, message) for place, message in enumerate(kept) if place not in set(path)])
    else:
        values["pending"] = dump_pending(kept)
        values |= _kept_of(row, ("messages", "branches"), kept, digests)[0]
    published, old = _kept_of(row, ("published",), kept, digests)
    known = Counter(identity(message, digests.message) for message in gone)
    gone = gone + [message for message in old if not known[identity(message, digests.message)]]
    if row.anonymiser_version is not None:
        values |= measures(kept)
    values |= published
    return {**values, **_hashes(values), **_after_deletion(row, [kept[place] for place in shown_path(kept)], kept, gone=gone, digests=digests)}


def _kept_of(row: Row[Any], names: Sequence[str], kept: Sequence[Message], digests: Digests) -> tuple[dict[str, Any], list[Message]]:
    """Columns without what is not among `kept`, by its words or its id; and what that was."""
    left = Counter(identity(message, digests.message) for message in kept)
    ids = {message.id for message in kept if message.id is not None}
    columns: dict[str, list[tuple[int, Message]]] = {name: [] for name in names}
    gone: list[Message] = []
    placed = [(place, name, message) for name in names if getattr(row, name) is not None for place, message in load_placed(getattr(row, name))]
    for place, name, message in sorted(placed, key=lambda one: one[0]):
        known_as = identity(message, digests.message)
        if left[known_as] > 0 or message.id in ids:
            left[known_as] -= 1
            columns[name].append((place, message))
        else:
            gone.append(message)
    return {name: _dumped(messages) for name, messages in columns.items()}, gone


def _after_deletion(row: Row[Any], path: Sequence[Message], kept: Sequence[Message], *, gone: Sequence[Message], digests: Digests) -> dict[str, Any]:
    corrections = load_corrections(row.corrections)
    marks = _marks(path, gone, corrections, digests)
    keys = {"", *message_keys(kept, digests.message)}
    labels = sum((count_labels(message.content) for message in kept if message.digest and message.redactions), Counter[str]())
    reasons = {name: load_reasons(getattr(row, name)).items() for name in ("reasons", "new_reasons")}
    return {
        "corrections": dump_corrections(replace(corrections, deleted=(*corrections.deleted, *marks))),
        "redactions": json.dumps(labels, sort_keys=True) if row.redactions else None,
        **{name: dump_reasons({key: reason for key, reason in given if key in keys}) for name, given in reasons.items()},
    }


def _marks(path: Sequence[Message], gone: Sequence[Message], corrections: Corrections, digests: Digests) -> list[Deleted]:
    """What later copies are known by to hold a turn that stood after this path, or something else in its place (ingest.deletions)."""
    turn = free_turn(sum(message.role is Role.USER for message in path), corrections.deleted)
    gone_ids = {message.id for message in gone}

    def followed(message: Message) -> set[str | None]:
        before = path[-1].id if path and (message.parent_id is None or message.parent_id not in gone_ids) else None
        return {message.parent_id, before} - {None} if message.role is Role.USER else set()

    return [
        Deleted(
            identity(message, digests.message),
            digests.message_id(message.id) if message.id else None,
            turn,
            tuple(sorted(digests.message_id(one) for one in followed(message) if one)),
        )
        for message in gone
    ]


def _dumped(placed: Sequence[tuple[int, Message]]) -> str | None:
    return dump_placed(placed) if placed else None


def _hashes(values: Mapping[str, Any]) -> dict[str, Any]:
    """The hashes that go with changed forms."""
    forms = {"content_hash": "messages", "published_hash": "published"}
    return {name: content_hash(load_messages(values[form])) if values[form] else None for name, form in forms.items() if form in values}


def _store(connection: Connection, row: Row[Any], values: Mapping[str, Any], *, now: datetime) -> None:
    """Neither the search nor a prepared download goes on with the old form.

    No release becomes final between the two (release.build looks at the hashes while it holds the lock).
    """
    releases.lock_registration(connection, is_shared=True)
    write_by_hand(connection, row, {**values, "corrected_at": now})
    if "messages" in values:
        index_conversation(connection, row.id, load_messages(values["messages"]))
    discard_downloads(connection, contributor_id=row.contributor_id, now=now)
    erase_copies(connection, [row.id])
