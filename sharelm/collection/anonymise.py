"""Put every text of a batch through an anonymiser that the caller brings, conversation by conversation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from sharelm.collection.columns import messages_column, struct_of
from sharelm.collection.digest import digest_of
from sharelm.collection.found import Said
from sharelm.release.schema import METADATA, TEXT
from sharelm.vocabulary import Role

Anonymise = Callable[[Sequence[str], Sequence[Role]], tuple[Sequence[str], int]]
"""Texts of one conversation and who wrote each, to the texts without what identifies people and the number of places that were replaced."""

SIDES = ("prompt", "chosen", "rejected")
BESIDE = ("title", "custom_instruction")


def anonymised_rows(batch: pa.RecordBatch, anonymise: Anonymise) -> pa.RecordBatch:
    """Messages, title, instruction and what the source says beside them; `redacted` and `content_hash` follow."""
    metadata = batch["conversation_metadata"].to_pylist()
    done = [_row(messages, facts, anonymise) for messages, facts in zip(batch["conversation"].to_pylist(), metadata, strict=True)]
    columns = {name: pa.array([facts[name] for _, facts in done], METADATA.field(name).type) for name in metadata[0]} if metadata else {}
    changed = {
        "conversation": messages_column([said for said, _ in done]),
        "conversation_metadata": struct_of(METADATA, columns, len(done)),
        "content_hash": pa.array([digest_of(said) for said, _ in done], TEXT),
    }
    return _changed(batch, changed)


def anonymised_pairs(batch: pa.RecordBatch, anonymise: Anonymise) -> pa.RecordBatch:
    """All sides of a pair together, so that the same person has the same label in each."""
    sides: dict[str, list[list[Said]]] = {side: [] for side in SIDES}
    for row in batch.select(list(SIDES)).to_pylist():
        flat = [(Role(message["role"]), message["content"]) for side in SIDES for message in row[side]]
        texts = iter(anonymise([text for _, text in flat], [role for role, _ in flat])[0])
        for side in SIDES:
            sides[side].append([(Role(message["role"]), next(texts)) for message in row[side]])
    return _changed(batch, {side: messages_column(rows) for side, rows in sides.items()})


def _row(messages: list[dict[str, str]], facts: dict[str, Any], anonymise: Anonymise) -> tuple[list[Said], dict[str, Any]]:
    extra = json.loads(facts["extra_json"] or "null")
    beside = [facts[name] for name in BESIDE if facts[name]] + list(_strings(extra))
    roles = [Role(message["role"]) for message in messages]
    texts, count = anonymise([message["content"] for message in messages] + beside, [*roles, *[Role.USER] * len(beside)])
    rest = iter(texts[len(messages) :])
    known: dict[str, str | None] = {name: next(rest) for name in BESIDE if facts[name]}
    known["extra_json"] = json.dumps(_replaced(extra, rest), sort_keys=True) if extra else None
    redacted = True if count else facts["redacted"]
    return list(zip(roles, texts, strict=False)), {**facts, **known, "redacted": redacted}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from _strings(inside)


def _replaced(value: Any, texts: Iterator[str]) -> Any:
    """The same, with every string in turn from `texts`."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, dict):
        return {name: _replaced(inside, texts) for name, inside in value.items()}
    return [_replaced(inside, texts) for inside in value] if isinstance(value, list) else value


def _changed(batch: pa.RecordBatch, columns: dict[str, pa.Array]) -> pa.RecordBatch:
    arrays = [columns.get(field.name, batch[field.name]) for field in batch.schema]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)
