"""Write ratings and names into every kept form of a conversation, its text unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from sharelm.store.identity import Digest, message_keys
from sharelm.store.measures import measures
from sharelm.store.message_json import dump_pending, dump_placed, load_placed
from sharelm.vocabulary import Message


def new_labels(row: Row[Any], messages: Sequence[Message], digest: Digest) -> dict[str, Any]:
    """Columns with the labels of `messages`, the conversation in its newest form: the stage and the hold stay."""
    values: dict[str, Any] = {} if row.anonymiser_version is None else {**measures(messages)}
    if row.pending is not None:
        values["pending"] = dump_pending(messages)
    labelled = dict(zip(message_keys(messages, digest), messages, strict=True))
    values |= _relabelled({"messages": row.messages, "branches": row.branches}, labelled, digest)
    return values | _relabelled({"published": row.published}, labelled, digest)


def _relabelled(columns: Mapping[str, str | None], labelled: Mapping[str, Message], digest: Digest) -> dict[str, str]:
    """Columns that hold one form of the conversation together."""
    placed = [(place, name, message) for name, column in columns.items() if column is not None for place, message in load_placed(column)]
    placed.sort(key=lambda one: one[0])
    keys = message_keys((message for _, _, message in placed), digest)
    newer: dict[str, list[tuple[int, Message]]] = {name: [] for name, column in columns.items() if column is not None}
    for (place, name, message), key in zip(placed, keys, strict=True):
        newer[name].append((place, _labelled(message, labelled.get(key))))
    return {name: dump_placed(messages) for name, messages in newer.items()}


def _labelled(kept: Message, newer: Message | None) -> Message:
    """The text of one form, the labels of the other."""
    return replace(newer, content=kept.content, redactions=kept.redactions, digest=kept.digest) if newer else kept
