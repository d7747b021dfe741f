"""Which rows are kept for testing: decided by the id alone, so that a conversation never changes sides."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from sharelm.release.layout import PREFIX, SPLITS, TEST, TRAIN

PERCENT_TEST = 2


def split_of(public_id: str) -> str:
    """SHA-256 of the public id as it is written (without `sharelm:`), as a big number, modulo 100: the first two are `test`."""
    digest = hashlib.sha256(public_id.encode()).digest()
    return TEST if int.from_bytes(digest, "big") % 100 < PERCENT_TEST else TRAIN


def is_test(ids: pa.Array) -> np.ndarray:
    """For a column `conversation_id`, which rows belong to `test`."""
    public_ids = [conversation_id.removeprefix(PREFIX).encode() for conversation_id in ids.to_pylist()]
    digests = b"".join(hashlib.sha256(public_id).digest() for public_id in public_ids)
    rest = np.zeros(len(public_ids), dtype=np.uint64)
    for word in np.frombuffer(digests, dtype=">u4").reshape(-1, 8).T:
        rest = (rest * np.uint64(2**32 % 100) + word.astype(np.uint64)) % np.uint64(100)
    return rest < PERCENT_TEST


def parts(batch: pa.RecordBatch, tested: np.ndarray | None = None) -> dict[str, pa.RecordBatch]:
    """The rows of each split, in their order; splits without a row are left out. `tested` is what `is_test` says of them, where it is known."""
    tested = is_test(batch["conversation_id"]) if tested is None else tested
    if not tested.any():
        return {TRAIN: batch}
    masks = dict(zip(SPLITS, (pa.array(~tested), pa.array(tested)), strict=True))
    found = {split: batch.filter(mask) for split, mask in masks.items()}
    return {split: part for split, part in found.items() if part.num_rows}
