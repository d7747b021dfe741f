"""Collective Cognition: ChatGPT conversations that people shared, in ShareGPT's form; columns that we do not know are kept beside."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.collection.digest import digest_of
from sharelm.collection.fields import maybe_text, micros_of
from sharelm.collection.found import Found, Item
from sharelm.collection.source import Row, Source
from sharelm.collection.turns import messages_of

NAME = "collective-cognition"
LICENCE = "MIT"
KNOWN = {"conversations", "model", "title", "custom_instruction", "status", "language", "timestamp"}


def read_row(row: Row) -> Iterator[Item]:
    value = row.value
    said = messages_of(value["conversations"], "from", "value")
    yield Found(
        f"cc:{digest_of(said)[:32]}",  # places in the file differ between its editions, what was said does not
        said,
        model_name=maybe_text(value.get("model")),
        timestamp=micros_of(value.get("timestamp")),
        language=maybe_text(value.get("language")),
        title=maybe_text(value.get("title")),
        custom_instruction=maybe_text(value.get("custom_instruction")),
        status=maybe_text(value.get("status")),
        extra={name: inside for name, inside in value.items() if name not in KNOWN},
    )


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="some hundreds in each of three editions",
    how="the Hub: CollectiveCognition/chats-data-2023-10-16",
    hub="CollectiveCognition/chats-data-2023-10-16",
    hub_files=("*.json", "*.jsonl", "*.parquet"),
)
