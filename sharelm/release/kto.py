"""The config `kto`: every answer with a thumb, after what stood before it. Pure, and batch by batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.columns import message_offsets, message_sizes
from sharelm.release.schema import KTO, MESSAGES
from sharelm.release.tidy import Said, begun, is_regular

MOST_PROMPT_BYTES = 32_000_000  # at a time: every rated answer of a long conversation brings all that stands before it


def kto(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """One row for each answer with a thumb: what stood before it, the answer, and whether the thumb was up.

    A thumb on the whole conversation counts for its last answer, unless that has one of its own.
    """
    rows, places, labels = _rated(batch)
    if not len(rows):
        return
    offsets = message_offsets(batch["conversation"])
    sizes = np.concatenate([[0], np.cumsum(message_sizes(batch["conversation"].flatten()))])
    chunks = np.cumsum(sizes[places] - sizes[offsets[rows]]) // MOST_PROMPT_BYTES
    for chunk in np.unique(chunks):
        of = chunks == chunk
        yield from _in_order(batch, rows[of], places[of], labels[of])


def _in_order(batch: pa.RecordBatch, rows: np.ndarray, places: np.ndarray, labels: np.ndarray) -> Iterator[pa.RecordBatch]:
    regular = is_regular(batch["conversation"])[rows]
    if regular.all():
        yield _regular_kto(batch, rows, places, labels)
        return
    at, irregular = np.flatnonzero(regular), np.flatnonzero(~regular)
    mended, kept = _mended_kto(batch, rows[irregular], places[irregular], labels[irregular])
    both = pa.Table.from_batches([_regular_kto(batch, rows[at], places[at], labels[at]), mended]).combine_chunks()
    yield from both.take(pa.array(np.argsort(np.concatenate([at, irregular[kept]])))).to_batches()


def _rated(batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every answer that teaches something: its row, its place among all messages of the batch, and whether it was good."""
    offsets = message_offsets(batch["conversation"])
    ratings = pc.fill_null(batch["turns"].flatten().field("rating"), 0).to_numpy(zero_copy_only=False).astype(np.int8)
    is_answer = pc.equal(batch["conversation"].flatten().field("role"), "assistant").to_numpy(zero_copy_only=False)
    ratings = np.where(is_answer, ratings, 0)
    whole = pc.fill_null(batch["conversation_metadata"].field("rate"), 0).to_numpy(zero_copy_only=False)
    answers = np.flatnonzero(is_answer)
    # The last answer before the end of each conversation, where that answer lies within it.
    behind = np.searchsorted(answers, offsets[1:]) - 1
    last = np.where(behind >= 0, answers[behind] if len(answers) else -1, -1)
    counts = (whole != 0) & (last >= offsets[:-1])
    counts[counts] = ratings[last[counts]] == 0
    ratings[last[counts]] = whole[counts]
    places = np.flatnonzero(ratings)
    rows = np.searchsorted(offsets, places, side="right") - 1
    return rows, places, ratings[places] > 0


def _regular_kto(batch: pa.RecordBatch, rows: np.ndarray, places: np.ndarray, labels: np.ndarray) -> pa.RecordBatch:
    flat = batch["conversation"].flatten()
    prompts = _ranges(flat, message_offsets(batch["conversation"])[rows], places)
    answers = pa.ListArray.from_arrays(pa.array(np.arange(len(places) + 1), pa.int32()), flat.take(pa.array(places)), type=MESSAGES)
    return _kto(batch, rows, prompts, answers, labels)


def _ranges(flat: pa.StructArray, starts: np.ndarray, ends: np.ndarray) -> pa.ListArray:
    """Lists of the messages from `starts` to before `ends`."""
    lengths = ends - starts
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths) + np.repeat(starts, lengths)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat.take(pa.array(places)), type=MESSAGES)


def _mended_kto(batch: pa.RecordBatch, rows: np.ndarray, places: np.ndarray, labels: np.ndarray) -> tuple[pa.RecordBatch, list[int]]:
    """With roles in turn, and which of the answers are left."""
    starts = message_offsets(batch["conversation"])[rows]
    prompts: list[list[Said]] = []
    answers: list[list[Said]] = []
    kept: list[int] = []
    for number, (row, at) in enumerate(zip(rows.tolist(), (places - starts).tolist(), strict=True)):
        messages = batch["conversation"][row].as_py()
        asked = begun(messages[:at])
        # Where a model spoke twice in a row, the second is no answer to what stands before it.
        if asked and asked[-1]["role"] != "assistant" and messages[at]["content"].strip():
            prompts.append(asked)
            answers.append([messages[at]])
            kept.append(number)
    return _kto(batch, rows[kept], pa.array(prompts, MESSAGES), pa.array(answers, MESSAGES), labels[kept]), kept


def _kto(batch: pa.RecordBatch, rows: np.ndarray, prompts: pa.ListArray, answers: pa.ListArray, labels: np.ndarray) -> pa.RecordBatch:
    rest = [batch[name].take(pa.array(rows, pa.int64())) for name in ("conversation_id", "source", "license")]
    return pa.RecordBatch.from_arrays([prompts, answers, pa.array(labels, pa.bool_()), *rest], schema=KTO)
