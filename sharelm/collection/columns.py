"""Rows of the release schema as Arrow columns: from conversations one by one, or from columns that a source's file already has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sharelm.collection.digest import digest_of
from sharelm.collection.found import Found, Pair, Said
from sharelm.release.schema import MESSAGE, METADATA, PERSON, PREFERENCE, RELEASE, TEXT


def release_batch(columns: Mapping[str, pa.Array], rows: int) -> pa.RecordBatch:
    """All columns of a release, NULL where the source knows nothing."""
    return pa.RecordBatch.from_arrays([_column(columns.get(field.name), field.type, rows) for field in RELEASE], schema=RELEASE)


def struct_of(type_: pa.StructType, fields: Mapping[str, pa.Array], rows: int) -> pa.StructArray:
    """One of the release's structs, NULL in the fields that are not given."""
    return pa.StructArray.from_arrays([_column(fields.get(field.name), field.type, rows) for field in type_], fields=list(type_))


def conversation_column(roles: pa.Array, contents: pa.Array, starts: np.ndarray) -> pa.ListArray:
    pairs = pa.StructArray.from_arrays([roles, contents], fields=list(MESSAGE))
    return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pairs)


def batch_of(found: Sequence[Found], source: str, licence: str) -> pa.RecordBatch:
    rows = len(found)
    text = _reader(found, TEXT)
    metadata = {name: _reader(found, METADATA.field(name).type)(name) for name in ("toxic", "redacted", "rate")}
    metadata |= {name: text(name) for name in ("language", "title", "custom_instruction", "status")}
    metadata["extra_json"] = pa.array([extra_json(one.extra) for one in found], TEXT)
    columns = {
        "conversation_id": text("conversation_id"),
        "conversation": messages_column([one.messages for one in found]),
        "model_name": text("model_name"),
        "user_id": text("user_id"),
        "timestamp": pa.array([one.timestamp for one in found], pa.int64()),
        "source": pa.repeat(source, rows),
        "user_metadata": struct_of(PERSON, {name: text(name) for name in ("location", "age", "gender")}, rows),
        "conversation_metadata": struct_of(METADATA, metadata, rows),
        "license": pa.array([one.licence or licence for one in found], TEXT),
        "content_hash": pa.array([digest_of(one.messages) for one in found], TEXT),
        "toxic": metadata["toxic"],
    }
    return release_batch(columns, rows)


def pair_batch(pairs: Sequence[Pair], source: str, licence: str) -> pa.RecordBatch:
    columns = [
        *(messages_column([getattr(pair, side) for pair in pairs]) for side in ("prompt", "chosen", "rejected")),
        pa.array([pair.conversation_id for pair in pairs], TEXT),
        pa.repeat(source, len(pairs)),
        pa.repeat(licence, len(pairs)),
        pa.array([pair.margin for pair in pairs], pa.float64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=PREFERENCE)


def messages_column(conversations: Iterable[Sequence[Said]]) -> pa.ListArray:
    rows = list(conversations)
    flat = [message for row in rows for message in row]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    roles, contents = pa.array([str(role) for role, _ in flat], TEXT), pa.array([content for _, content in flat], TEXT)
    return conversation_column(roles, contents, starts)


def extra_json(extra: Mapping[str, Any]) -> str | None:
    """What the source says beyond the schema, in one spelling."""
    known = {name: value for name, value in extra.items() if value is not None}
    return json.dumps(known, sort_keys=True, ensure_ascii=True) if known else None


def _reader(found: Sequence[Found], type_: pa.DataType) -> Callable[[str], pa.Array]:
    return lambda name: pa.array([getattr(one, name) for one in found], type_)


def _column(values: pa.Array | None, type_: pa.DataType, rows: int) -> pa.Array:
    if values is None and pa.types.is_struct(type_):
        return struct_of(type_, {}, rows)  # as in every release: the parts are NULL, not the whole
    if values is None:
        return pa.nulls(rows, type_)
    return values if values.type == type_ else values.cast(type_)
