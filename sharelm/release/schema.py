"""The published schemas: what every file of a release holds, column by column. Documented in docs/dataset.md, and a test compares the two.

The first eight columns of `default` are the fields of the ShareLM paper. `turns` runs parallel to `conversation`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sharelm.release.layout import DEFAULT, PAIRS

TEXT = pa.string()
TIMESTAMP = pa.timestamp("us", tz="UTC")
MESSAGE = pa.struct([("role", TEXT), ("content", TEXT)])  # exactly these two, as TRL reads them
MESSAGES = pa.list_(MESSAGE)
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
ID = ("conversation_id", TEXT)
RELEASE = pa.schema(
    [
        ID,
        ("conversation", MESSAGES),
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
        ("toxic", pa.bool_()),
        ("near_dup_group", TEXT),
    ]
)
V0_METADATA = pa.struct([(field.name, TEXT) for field in METADATA if field.name != "extra_json"])
SHARELM_V0 = pa.schema(
    [
        ID,
        ("conversation", MESSAGES),
        ("model_name", TEXT),
        ("user_id", TEXT),
        ("timestamp", TEXT),
        ("source", TEXT),
        ("user_metadata", PERSON),
        ("conversation_metadata", V0_METADATA),
    ]
)
# Never a `prompt` here: TRL would take the row for a prompt and its completion.
SFT = pa.schema([ID, ("messages", MESSAGES), ("source", TEXT), ("license", TEXT)])
KTO = pa.schema([("prompt", MESSAGES), ("completion", MESSAGES), ("label", pa.bool_()), ID, ("source", TEXT), ("license", TEXT)])
# Two answers of which one was preferred; `margin` is by how much, in the points of its source. TRL reads the first three.
PREFERENCE = pa.schema(
    [
        ("prompt", MESSAGES),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ID,
        ("source", TEXT),
        ("license", TEXT),
        ("margin", pa.float64()),
    ]
)
TOMBSTONES = pa.schema([ID, ("first_release", TEXT), ("last_release", TEXT), ("date", TEXT), ("reason", TEXT)])
SCHEMAS: Mapping[str, pa.Schema] = {
    DEFAULT: RELEASE,
    "sharelm_v0": SHARELM_V0,
    "sft": SFT,
    "kto": KTO,
    PAIRS: PREFERENCE,
    "tombstones": TOMBSTONES,
}
"""Every config of our own that a release may have, in the order of the card. One without rows is neither written nor named."""


def schema_of(config: str) -> pa.Schema:
    """Also of `all` and of the public datasets, which are called as on the command line."""
    return SCHEMAS.get(config, RELEASE)
