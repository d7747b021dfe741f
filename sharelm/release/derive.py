"""The other forms of a row: as the first ShareLM dataset has it, for fine-tuning, and for learning from thumbs. Pure, and batch by batch.

All of them are made from `default` alone. That is how the gate checks them, and why a delta need not hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.columns import by_value
from sharelm.release.kto import kto
from sharelm.release.schema import MESSAGES, SFT, SHARELM_V0, V0_METADATA
from sharelm.release.tidy import ends_with_assistant, is_regular, tidy

THUMBS = {1: "thumbup", -1: "thumbdown"}
WORDS = {True: "True", False: "False"}

Derive = Callable[[pa.RecordBatch], Iterator[pa.RecordBatch]]


def sharelm_v0(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Strings throughout and "" where nothing is known, as in the dataset that the ShareLM paper published."""
    same = ("conversation_id", "conversation", "source")
    columns = {name: batch[name] for name in same} | {name: pc.fill_null(batch[name], "") for name in ("model_name", "user_id")}
    columns["timestamp"] = by_value(batch["timestamp"].cast(pa.int64()), _iso_day)
    columns["user_metadata"] = _filled_struct(batch["user_metadata"])
    columns["conversation_metadata"] = _v0_metadata(batch["conversation_metadata"])
    yield pa.RecordBatch.from_arrays([columns[name] for name in SHARELM_V0.names], schema=SHARELM_V0)


def sft(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Conversations that chat templates take: from a person's (or the system's) first word to the model's last, roles in turn."""
    conversations = batch["conversation"]
    is_tidy = is_regular(conversations) & ends_with_assistant(conversations)
    if is_tidy.all():
        yield _sft(batch, conversations)
        return
    mended = [tidy(messages) for messages in conversations.filter(pa.array(~is_tidy)).to_pylist()]
    # The tidy ones first, the mended behind them; `places` puts both back where they were.
    both = pa.concat_arrays([conversations.filter(pa.array(is_tidy)), pa.array(mended, MESSAGES)])
    places = np.empty(len(is_tidy), dtype=np.int64)
    places[is_tidy] = np.arange(is_tidy.sum())
    places[~is_tidy] = is_tidy.sum() + np.arange(len(mended))
    messages = both.take(pa.array(places))
    has_any = pc.greater(pc.list_value_length(messages), 0)
    kept = _sft(batch, messages).filter(has_any)
    if kept.num_rows:
        yield kept


DERIVED: Mapping[str, Derive] = {"sharelm_v0": sharelm_v0, "sft": sft, "kto": kto}
TRAIN_ONLY = frozenset({"sharelm_v0", "tombstones"})


def _sft(batch: pa.RecordBatch, messages: pa.ListArray) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([batch["conversation_id"], messages, batch["source"], batch["license"]], schema=SFT)


def _v0_metadata(metadata: pa.StructArray) -> pa.StructArray:
    words: dict[str, Callable[[Any], str | None]] = {"rate": THUMBS.get, "toxic": WORDS.get, "redacted": WORDS.get}
    known = {field.name: metadata.field(field.name) for field in V0_METADATA}
    columns = [by_value(values, words[name]) if name in words else values for name, values in known.items()]
    return pa.StructArray.from_arrays([pc.fill_null(values, "") for values in columns], fields=list(V0_METADATA))


def _filled_struct(struct: pa.StructArray) -> pa.StructArray:
    return pa.StructArray.from_arrays([pc.fill_null(struct.field(field.name), "") for field in struct.type], fields=list(struct.type))


def _iso_day(micros: int | None) -> str:
    """As `new Date().toJSON()` writes it."""
    return "" if micros is None else f"{np.datetime64(micros, 'us').astype('datetime64[ms]')}Z"
