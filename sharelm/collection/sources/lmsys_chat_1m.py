"""LMSYS-Chat-1M: a million conversations with 25 models. Its licence forbids passing it on: it stays on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from sharelm.collection.columnar import has_shape, is_plain_id, known_text, plain_conversations, prefixed
from sharelm.collection.columns import struct_of
from sharelm.collection.fields import id_of, maybe_bool, maybe_text
from sharelm.collection.found import Found, Item
from sharelm.collection.source import Batch, Row, Source
from sharelm.collection.turns import messages_of
from sharelm.release.schema import METADATA

NAME = "lmsys-chat-1m"
LICENCE = "LicenseRef-LMSYS-Chat-1M"


def read_row(row: Row) -> Iterator[Item]:
    value = row.value
    yield Found(
        f"lmsys:{id_of(value['conversation_id'])}",
        messages_of(value["conversation"]),
        model_name=maybe_text(value.get("model")),
        language=maybe_text(value.get("language")),
        redacted=maybe_bool(value.get("redacted")),
    )


def read_batch(batch: pa.RecordBatch) -> Batch | None:
    if not has_shape(batch, ("conversation_id", "model", "language"), flags=("redacted",)):
        return None
    found = plain_conversations(batch, is_plain_id(batch["conversation_id"]))
    rows = len(found.conversation)
    metadata = {"language": known_text(found.of(batch["language"])), "redacted": found.of(batch["redacted"])}
    columns = {
        "conversation_id": prefixed("lmsys:", found.of(batch["conversation_id"])),
        "conversation": found.conversation,
        "model_name": known_text(found.of(batch["model"])),
        "conversation_metadata": struct_of(METADATA, metadata, rows),
        "content_hash": found.digests,
    }
    return Batch(columns, found.left_out, found.rest)


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="1,000,000",
    how="the Hub, after accepting its terms there: lmsys/lmsys-chat-1m",
    hub="lmsys/lmsys-chat-1m",
    hub_files=("data/*.parquet",),
    is_gated=True,
    is_redistributable=False,
    columns=("conversation_id", "model", "language", "redacted", "conversation.role", "conversation.content"),
    read_batch=read_batch,
)
