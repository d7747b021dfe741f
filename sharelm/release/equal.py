"""Which rows of two batches say the same, column by column, nested or not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.columns import message_offsets
from sharelm.release.tidy import as_numpy


def equal_rows(one: pa.RecordBatch, other: pa.RecordBatch, columns: Iterable[str]) -> np.ndarray:
    """For batches of the same schema and length: where all of these columns are the same; NULL is the same as NULL."""
    same = np.ones(one.num_rows, dtype=bool)
    for name in columns:
        same &= equal_values(one[name], other[name])
    return same


def equal_values(one: pa.Array, other: pa.Array) -> np.ndarray:
    is_there, is_there_too = as_numpy(one.is_valid()), as_numpy(other.is_valid())
    both = is_there & is_there_too
    if pa.types.is_struct(one.type):
        within = _all(equal_values(mine, theirs) for mine, theirs in zip(one.flatten(), other.flatten(), strict=True))
    elif pa.types.is_list(one.type):
        within = _equal_lists(one, other, both)
    else:
        within = as_numpy(pc.fill_null(pc.equal(one, other), False))
    same: np.ndarray = (is_there == is_there_too) & (within | ~both)
    return same


def _equal_lists(one: pa.ListArray, other: pa.ListArray, both: np.ndarray) -> np.ndarray:
    """Lists of different lengths differ; the others are compared entry by entry."""
    same: np.ndarray = both & as_numpy(pc.fill_null(pc.equal(pc.list_value_length(one), pc.list_value_length(other)), False))
    mine, theirs = one.filter(pa.array(same)), other.filter(pa.array(same))
    wrong = np.concatenate([[0], np.cumsum(~equal_values(mine.flatten(), theirs.flatten()))])
    offsets = message_offsets(mine)
    same[same] = wrong[offsets[1:]] == wrong[offsets[:-1]]
    return same


def _all(masks: Iterable[np.ndarray]) -> np.ndarray:
    every: np.ndarray = np.logical_and.reduce(list(masks))
    return every
