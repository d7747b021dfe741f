"""WildChat (650k, 1M, 4.8M): conversations through a free service. Ids are of the last turn: the hash of the content is not unique.

Browser and language headers are never read, places only as countries. Rows marked toxic are in the gated Full editions only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from sharelm.collection.columnar import count_within, has_shape, is_plain_id, known_text, mask, plain_conversations, prefixed, utc
from sharelm.collection.columns import struct_of
from sharelm.collection.fields import id_of, list_of, mapping_of, maybe_bool, maybe_text, maybe_user, micros_of, public_user
from sharelm.collection.found import Found, Item
from sharelm.collection.source import Batch, Row, Source
from sharelm.collection.turns import messages_of
from sharelm.release.columns import by_value, message_offsets
from sharelm.release.schema import METADATA, PERSON, TEXT

NAME = "wildchat"
LICENCE = "ODC-By-1.0"
FLAGS = ("toxic", "redacted")
TEXTS = ("model", "language", "country", "hashed_ip")


def read_row(row: Row) -> Iterator[Item]:
    value = row.value
    turns = [mapping_of(turn) for turn in list_of(value["conversation"])]
    toxic = maybe_bool(value.get("toxic"))
    yield Found(
        f"wildchat:{_native_id(value, turns)}",
        messages_of(turns),
        model_name=maybe_text(value.get("model")),
        user_id=maybe_user(NAME, maybe_text(value.get("hashed_ip")) or _last(turns, "hashed_ip")),
        timestamp=micros_of(value.get("timestamp")),
        language=maybe_text(value.get("language")),
        toxic=toxic,
        redacted=maybe_bool(value.get("redacted")),
        location=maybe_text(value.get("country")),
    )


def read_batch(batch: pa.RecordBatch) -> Batch | None:
    if not has_shape(batch, TEXTS, flags=FLAGS, within={"turn_identifier": pa.int64()}) or not _has_times(batch.schema):
        return None
    lists = batch["conversation"]
    starts, identifiers = message_offsets(lists), lists.flatten().field("turn_identifier")
    usable = is_plain_id(batch["hashed_ip"])
    usable &= count_within(mask(identifiers.is_null()), starts) == 0
    found = plain_conversations(batch, usable)
    last = found.of(pa.array(starts[1:] - 1)) if len(identifiers) else pa.array([], pa.int64())
    rows = len(found.conversation)
    metadata = {name: found.of(batch[name]) for name in FLAGS} | {"language": known_text(found.of(batch["language"]))}
    columns = {
        "conversation_id": prefixed("wildchat:", identifiers.take(last).cast(TEXT)),
        "conversation": found.conversation,
        "model_name": known_text(found.of(batch["model"])),
        "user_id": by_value(found.of(batch["hashed_ip"]), lambda address: public_user(NAME, address)),
        "timestamp": utc(found.of(batch["timestamp"])),
        "user_metadata": struct_of(PERSON, {"location": known_text(found.of(batch["country"]))}, rows),
        "conversation_metadata": struct_of(METADATA, metadata, rows),
        "content_hash": found.digests,
        "toxic": metadata["toxic"],
    }
    return Batch(columns, found.left_out, found.rest)


def _has_times(schema: pa.Schema) -> bool:
    return "timestamp" in schema.names and bool(pa.types.is_timestamp(schema.field("timestamp").type))


def _native_id(value: Mapping[str, Any], turns: list[Mapping[str, Any]]) -> str:
    """The first edition has an id of its own; where there is neither, what was said stands for itself."""
    known = (_last(turns, "turn_identifier"), value.get("conversation_id"), value.get("conversation_hash"))
    for native in known:
        if native is not None:
            return id_of(native)
    raise KeyError("turn_identifier")


def _last(turns: list[Mapping[str, Any]], name: str) -> Any:
    return next((turn[name] for turn in reversed(turns) if turn.get(name) is not None), None)


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="529,514 (650k), 837,989 (1M), 3,199,860 (4.8M)",
    how="the Hub: allenai/WildChat-1M, allenai/WildChat-4.8M; the Full editions after they let you in",
    hub="allenai/WildChat-1M",
    hub_files=("data/*.parquet",),
    columns=(
        "conversation_id", "conversation_hash", "model", "timestamp", "language", "toxic", "redacted", "country", "hashed_ip",
        "conversation.role", "conversation.content", "conversation.turn_identifier",
    ),
    read_batch=read_batch,
    is_withheld_if_toxic=True,
)  # fmt: skip
