"""How stored rows become published rows, column by column in Arrow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from sharelm.release.cells import NOBODY, Cell
from sharelm.release.columns import by_value, message_offsets
from sharelm.release.layout import PREFIX
from sharelm.release.schema import MESSAGE, METADATA, PERSON, RELEASE, TEXT, TIMESTAMP, TURN

DAY = 86_400_000_000  # microseconds
SEPARATOR = "\n"  # no platform's name has one
STORED = pa.list_(
    pa.struct([("role", TEXT), ("content", TEXT), ("model", TEXT), ("sent_at", pa.int64()), ("rating", pa.int8()), ("redactions", pa.int32())])
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """What turns private columns into public ones: a pseudonym for a contributor's number, a licence for a model's name, and what is shown
    of a contributor by their number (nothing of those who are not named there); and what of a client's word is published, None for nothing."""

    version: str
    pseudonym: Callable[[int], str]
    licence: Callable[[str], str]
    cells: Mapping[int, Cell] = field(default_factory=dict)
    public_word: Callable[[str | None], str | None] = lambda word: word or None


def publish_rows(stored: pa.Table, publisher: Publisher) -> pa.RecordBatch:
    """One batch of the candidate query (store.arrow) in the published schema, same rows, same order."""
    messages = parse_messages(stored["messages"].combine_chunks())
    columns = {
        "conversation_id": pc.binary_join_element_wise(PREFIX, stored["public_id"].combine_chunks(), ""),
        "conversation": _conversation(messages),
        "model_name": by_value(stored["model"].combine_chunks(), publisher.public_word),
        "user_id": _pseudonyms(stored, publisher.pseudonym),
        "timestamp": _day(stored["began_at"].combine_chunks()),
        "source": stored["source"].combine_chunks(),
        "user_metadata": _person(stored["contributor_id"], publisher.cells),
        "conversation_metadata": _metadata(stored, messages, publisher),
        "turns": _turns(messages, publisher),
        "license": by_value(stored["model"].combine_chunks(), publisher.licence),
        "release": pa.repeat(publisher.version, len(stored)),
        "content_hash": stored["content_hash"].combine_chunks(),
        "toxic": _toxic(stored),
        "near_dup_group": _null_if_empty(stored["near_dup_group"]),
    }
    return pa.RecordBatch.from_arrays([_cast(columns[field.name], field.type) for field in RELEASE], schema=RELEASE)


def parse_messages(lines: pa.Array) -> pa.ListArray:
    """Lines of JSON, each with the messages of one row, as one Arrow list column: read by Arrow's own parser with a fixed schema."""
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)[lines.offset : lines.offset + len(lines) + 1]
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
    return pa.ListArray.from_arrays(pa.array(message_offsets(messages), pa.int32()), pairs)


def _turns(messages: pa.ListArray, publisher: Publisher) -> pa.ListArray:
    """Message ids count from 1 in each conversation: the client's own ids are not published."""
    flat, starts = messages.flatten(), message_offsets(messages)
    places = np.arange(len(flat), dtype=np.int64) - np.repeat(starts[:-1], np.diff(starts))
    number, parent = pa.array(places + 1), pa.array(places, mask=places == 0)
    columns = [
        pc.cast(number, TEXT),
        pc.cast(parent, TEXT),
        _day(flat.field("sent_at")),
        by_value(flat.field("model"), publisher.public_word),
        flat.field("rating"),
        pa.nulls(len(flat), pa.list_(TEXT)),
        pc.fill_null(flat.field("redactions"), 0),
        pa.nulls(len(flat), TEXT),
    ]
    return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pa.StructArray.from_arrays(columns, fields=list(TURN)))


def _metadata(stored: pa.Table, messages: pa.ListArray, publisher: Publisher) -> pa.StructArray:
    rows = len(stored)
    redactions = pc.fill_null(messages.flatten().field("redactions"), 0).to_numpy()
    sums = np.concatenate([[0], np.cumsum(redactions)])
    starts = message_offsets(messages)
    redacted = pa.array(sums[starts[1:]] > sums[starts[:-1]])
    rating = stored["rating"].combine_chunks()
    rate = pc.cast(pc.if_else(pc.equal(rating, 0), pa.scalar(None, rating.type), rating), pa.int8())
    nothing = pa.nulls(rows, TEXT)
    columns = [_null_if_empty(stored["language"]), _toxic(stored), redacted, rate, nothing, nothing, nothing, _extra(stored, publisher)]
    return pa.StructArray.from_arrays(columns, fields=list(METADATA))


def _pseudonyms(stored: pa.Table, pseudonym: Callable[[int], str]) -> pa.Array:
    """None where a contributor does not want what they gave to be grouped."""
    named = by_value(stored["contributor_id"].combine_chunks(), pseudonym)
    return pc.if_else(pc.not_equal(stored["is_ungrouped"].combine_chunks(), 0), pa.scalar(None, TEXT), named)


def _person(contributors: pa.ChunkedArray, cells: Mapping[int, Cell]) -> pa.StructArray:
    coded = contributors.combine_chunks().dictionary_encode()
    shown = [cells.get(number, NOBODY) for number in coded.dictionary.to_pylist()]
    columns = [pa.array([cell[place] for cell in shown], TEXT).take(coded.indices) for place in (1, 0, 2)]
    return pa.StructArray.from_arrays(columns, fields=list(PERSON))


def _extra(stored: pa.Table, publisher: Publisher) -> pa.Array:
    places = pc.binary_join_element_wise(stored["page_host"].combine_chunks(), stored["platform"].combine_chunks(), SEPARATOR)
    return by_value(places, lambda place: _extra_json(place, publisher))


def _extra_json(place: str, publisher: Publisher) -> str | None:
    host, _, platform = place.rpartition(SEPARATOR)
    said = {"host": publisher.public_word(host), "platform": publisher.public_word(platform)}
    facts = {name: word for name, word in said.items() if word}
    return json.dumps(facts, sort_keys=True) if facts else None


def _day(micros: pa.Array) -> pa.Array:
    return pc.cast(pc.multiply(pc.divide(pc.cast(micros, pa.int64()), DAY), DAY), TIMESTAMP)


def _toxic(stored: pa.Table) -> pa.Array:
    """As a reviewer judged it, else as a program did; NULL where neither has."""
    verdicts = stored["toxic"].combine_chunks()
    return pc.if_else(pc.less(verdicts, 0), pa.scalar(None, pa.bool_()), pc.greater(verdicts, 0))


def _null_if_empty(column: pa.ChunkedArray) -> pa.Array:
    values = column.combine_chunks()
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, values.type), values)


def _cast(column: pa.Array, type_: pa.DataType) -> pa.Array:
    return column if column.type == type_ else column.cast(type_)
