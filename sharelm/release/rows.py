"""The published schema, and how stored rows become published rows, column by column in Arrow.

The first eight columns are the fields of the ShareLM paper. `turns` runs parallel to `conversation`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

DAY = 86_400_000_000  # microseconds
TIMESTAMP = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
MESSAGE = pa.struct([("role", TEXT), ("content", TEXT)])
PERSON = pa.struct([("location", TEXT), ("age", TEXT), ("gender", TEXT)])
METADATA = pa.struct(
    [
        ("language", TEXT),
        ("toxic", pa.bool_()),
        ("redacted", pa.bool_()),
        ("rate", pa.int8()),
        ("title", TEXT),
        ("custom_instruction", TEXT),
        ("status", TEXT),
        ("extra_json", TEXT),
    ]
)
TURN = pa.struct(
    [
        ("message_id", TEXT),
        ("parent_id", TEXT),
        ("timestamp", TIMESTAMP),
        ("model", TEXT),
        ("rating", pa.int8()),
        ("feedback_tags", pa.list_(TEXT)),
        ("redactions", pa.int32()),
        ("language", TEXT),
    ]
)
RELEASE = pa.schema(
    [
        ("conversation_id", TEXT),
        ("conversation", pa.list_(MESSAGE)),
        ("model_name", TEXT),
        ("user_id", TEXT),
        ("timestamp", TIMESTAMP),
        ("source", TEXT),
        ("user_metadata", PERSON),
        ("conversation_metadata", METADATA),
        ("turns", pa.list_(TURN)),
        ("license", TEXT),
        ("release", TEXT),
        ("content_hash", TEXT),
    ]
)
STORED = pa.list_(
    pa.struct([("role", TEXT), ("content", TEXT), ("model", TEXT), ("sent_at", pa.int64()), ("rating", pa.int8()), ("redactions", pa.int32())])
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """What turns private columns into public ones: a pseudonym for a contributor's number (None for 0), a licence for a model's name."""

    version: str
    pseudonym: Callable[[int], str | None]
    licence: Callable[[str], str]


def publish_rows(stored: pa.Table, publisher: Publisher) -> pa.RecordBatch:
    """One batch of the candidate query (store.release) in the published schema, same rows, same order."""
    messages = parse_messages(stored["messages"].combine_chunks())
    columns = {
        "conversation_id": pc.binary_join_element_wise("sharelm:", stored["public_id"].combine_chunks(), ""),
        "conversation": _conversation(messages),
        "model_name": _null_if_empty(stored["model"]),
        "user_id": _by_value(stored["contributor_id"], publisher.pseudonym),
        "timestamp": _day(stored["began_at"].combine_chunks()),
        "source": stored["source"].combine_chunks(),
        "user_metadata": _nobody(len(stored)),
        "conversation_metadata": _metadata(stored, messages),
        "turns": _turns(messages),
        "license": _by_value(stored["model"], publisher.licence),
        "release": pa.repeat(publisher.version, len(stored)),
        "content_hash": stored["content_hash"].combine_chunks(),
    }
    return pa.RecordBatch.from_arrays([_cast(columns[field.name], field.type) for field in RELEASE], schema=RELEASE)


def parse_messages(column: pa.Array) -> pa.ListArray:
    """JSON arrays of messages as one Arrow list column, read by Arrow's own parser with a fixed schema."""
    wide = pa.large_string()  # 64-bit offsets: one batch of long conversations may pass 2 GB
    lines = pc.binary_join_element_wise(pa.scalar('{"messages":', wide), pc.cast(column, wide), pa.scalar("}\n", wide), pa.scalar("", wide))
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int64)[lines.offset : lines.offset + len(lines) + 1]
    text = lines.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
    table = pyarrow.json.read_json(
        pa.BufferReader(text),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=pa.schema([("messages", STORED)]), unexpected_field_behavior="ignore", newlines_in_values=False
        ),
    )
    return table["messages"].combine_chunks()


def _conversation(messages: pa.ListArray) -> pa.ListArray:
    flat = messages.flatten()
    pairs = pa.StructArray.from_arrays([flat.field("role"), flat.field("content")], fields=list(MESSAGE))
    return pa.ListArray.from_arrays(_offsets(messages), pairs)


def _turns(messages: pa.ListArray) -> pa.ListArray:
    """Message ids count from 1 in each conversation: the client's own ids are not published."""
    flat, offsets = messages.flatten(), _offsets(messages)
    starts = offsets.to_numpy()
    places = np.arange(len(flat), dtype=np.int64) - np.repeat(starts[:-1], np.diff(starts))
    number, parent = pa.array(places + 1), pa.array(places, mask=places == 0)
    columns = [
        pc.cast(number, TEXT),
        pc.cast(parent, TEXT),
        _day(flat.field("sent_at")),
        flat.field("model"),
        flat.field("rating"),
        pa.nulls(len(flat), pa.list_(TEXT)),
        pc.fill_null(flat.field("redactions"), 0),
        pa.nulls(len(flat), TEXT),
    ]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(columns, fields=list(TURN)))


def _metadata(stored: pa.Table, messages: pa.ListArray) -> pa.StructArray:
    rows = len(stored)
    redactions = pc.fill_null(messages.flatten().field("redactions"), 0).to_numpy()
    sums = np.concatenate([[0], np.cumsum(redactions)])
    starts = _offsets(messages).to_numpy()
    redacted = pa.array(sums[starts[1:]] > sums[starts[:-1]])
    rating = stored["rating"].combine_chunks()
    rate = pc.cast(pc.if_else(pc.equal(rating, 0), pa.scalar(None, rating.type), rating), pa.int8())
    nothing = pa.nulls(rows, TEXT)
    columns = [_null_if_empty(stored["language"]), pa.nulls(rows, pa.bool_()), redacted, rate, nothing, nothing, nothing, _extra(stored)]
    return pa.StructArray.from_arrays(columns, fields=list(METADATA))


def _nobody(rows: int) -> pa.StructArray:
    """Demographics are not published yet: the fields are there, and empty."""
    return pa.StructArray.from_arrays([pa.nulls(rows, TEXT)] * len(PERSON), fields=list(PERSON))


def _extra(stored: pa.Table) -> pa.Array:
    platforms, hosts = stored["platform"].to_pylist(), stored["page_host"].to_pylist()
    known = ({"host": host, "platform": platform} for host, platform in zip(hosts, platforms, strict=True))
    facts = ({name: value for name, value in row.items() if value} for row in known)
    return pa.array([json.dumps(row, sort_keys=True) if row else None for row in facts], TEXT)


def _by_value(column: pa.ChunkedArray, name: Callable[..., str | None]) -> pa.Array:
    """`name` of every value, called once for each distinct one."""
    coded = column.combine_chunks().dictionary_encode()
    named = pa.array([name(value) for value in coded.dictionary.to_pylist()], TEXT)
    return named.take(coded.indices)


def _day(micros: pa.Array) -> pa.Array:
    return pc.cast(pc.multiply(pc.divide(pc.cast(micros, pa.int64()), DAY), DAY), TIMESTAMP)


def _null_if_empty(column: pa.ChunkedArray) -> pa.Array:
    values = column.combine_chunks()
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, values.type), values)


def _offsets(messages: pa.ListArray) -> pa.Array:
    """Offsets into the flattened messages, from 0."""
    lengths = pc.list_value_length(messages).to_numpy()
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())


def _cast(column: pa.Array, type_: pa.DataType) -> pa.Array:
    return column if column.type == type_ else column.cast(type_)
