"""Small readings of Arrow columns that several files of a release need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.schema import MESSAGES, TEXT

WAITING_VALUES = 100_000  # some megabytes


def by_value(column: pa.Array, name: Callable[[Any], str | None]) -> pa.Array:
    """`name` of every value, called once for each distinct one, NULL included."""
    coded = column.dictionary_encode(null_encoding="encode")
    return pa.array([name(value) for value in coded.dictionary.to_pylist()], TEXT).take(coded.indices)


class Distinct:
    """How many values columns of text have that come one after the other, NULL left out; without a Python object for each."""

    def __init__(self) -> None:
        self._known = pa.array([], TEXT)
        self._waiting: list[pa.Array] = []
        self._waiting_count = 0

    def add(self, column: pa.Array) -> None:
        self._waiting.append(pc.unique(column.drop_null()))
        self._waiting_count += len(self._waiting[-1])
        if self._waiting_count >= WAITING_VALUES:
            self._merge()

    def __len__(self) -> int:
        self._merge()
        return len(self._known)

    def _merge(self) -> None:
        self._known = pc.unique(pa.chunked_array([self._known, *self._waiting]))
        self._waiting, self._waiting_count = [], 0


def message_offsets(messages: pa.ListArray) -> np.ndarray:
    """Where each list begins and ends in the flattened messages, from 0."""
    lengths = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def parent_rows(lists: pa.ListArray) -> np.ndarray:
    """For each entry of the flattened lists, the row that it belongs to."""
    return np.repeat(np.arange(len(lists)), np.diff(message_offsets(lists)))


def message_sizes(flat: pa.StructArray) -> np.ndarray:
    """The bytes of each message's text."""
    sizes: np.ndarray = pc.binary_length(flat.field("content")).to_numpy(zero_copy_only=False).astype(np.int64)
    return sizes


def row_sizes(batch: pa.RecordBatch) -> np.ndarray:
    """The bytes of text of each row: what memory and row groups are measured by."""
    sizes = np.zeros(batch.num_rows, dtype=np.int64)
    for field in batch.schema:
        if field.type == MESSAGES:
            sums = np.concatenate([[0], np.cumsum(message_sizes(batch[field.name].flatten()))])
            sizes += np.diff(sums[message_offsets(batch[field.name])])
    return sizes
