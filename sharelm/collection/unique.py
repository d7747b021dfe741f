"""No conversation twice: what overlapping files say again is left out; what only has the same id as another gets one of its own.

Looks at ids as 64-bit numbers first, and at rows only where numbers repeat, so that millions fit into memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from sharelm.collection.found import DUPLICATE
from sharelm.collection.shard import REPORTS, SCHEMAS, read_report
from sharelm.collection.write import Part, ShardWriter, read_batches
from sharelm.release.columns import message_offsets
from sharelm.release.layout import DEFAULT, PAIRS
from sharelm.release.schema import PREFERENCE

ID = "conversation_id"
TOLD_BY = [ID, "content_hash", "conversation_metadata"]
"""Rows with one id are the same if they say the same and were rated the same."""


def leave_out_duplicates(out: Path) -> None:
    """Over all finished shards of a source, in the order of their names. Doing it again changes nothing."""
    for config, keys, columns in ((DEFAULT, _id_keys, [ID]), (PAIRS, _pair_keys, PREFERENCE.names)):
        files = sorted((out / config).glob("train-*.parquet"))
        repeated = _repeated(files, keys, columns)
        seen = _Seen(config)
        for path in files if len(repeated) else ():
            changes = _changes(path, seen, lambda batch, keys=keys, repeated=repeated: np.isin(keys(batch), repeated))  # type: ignore[misc]
            if changes:
                _rewrite(path, out, changes)


def _repeated(files: list[Path], keys: Callable[[pa.RecordBatch], np.ndarray], columns: list[str]) -> np.ndarray:
    found = [keys(batch) for path in files for batch in read_batches(path, columns)]
    every = np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)
    repeated: np.ndarray = np.unique(every[1:][every[1:] == every[:-1]])
    return repeated


class _Seen:
    """What was met of the ids that repeat."""

    def __init__(self, config: str) -> None:
        self.columns = TOLD_BY if config == DEFAULT else PREFERENCE.names
        self._has_ids = config == DEFAULT  # pairs have none of their own
        self._known: dict[str, set[bytes]] = {}

    def place_of(self, row: pa.RecordBatch) -> str | None:
        """The id that the row goes by; None if it was met before."""
        conversation_id: str = row[ID][0].as_py()
        told_by = hashlib.sha256(json.dumps(row.select(self.columns).to_pylist()[0], sort_keys=True).encode()).digest()
        known = self._known.setdefault(conversation_id, set())
        if told_by in known:
            return None
        known.add(told_by)
        return conversation_id if len(known) == 1 or not self._has_ids else f"{conversation_id}:{told_by.hex()[:8]}"


def _changes(path: Path, seen: _Seen, is_repeated: Callable[[pa.RecordBatch], np.ndarray]) -> dict[int, str | None]:
    """By the row's place in the file, the id that it is to have; None for a row that goes."""
    found: dict[int, str | None] = {}
    start = 0
    for batch in read_batches(path, seen.columns):
        for place in np.flatnonzero(is_repeated(batch)).tolist():
            goes_by = seen.place_of(batch.slice(place, 1))
            if goes_by != batch[ID][place].as_py():
                found[start + place] = goes_by
        start += batch.num_rows
    return found


def _rewrite(path: Path, out: Path, changes: Mapping[int, str | None]) -> None:
    """The shard with the changes. Its report goes first and comes last: if this is interrupted, the shard is made again."""
    config, report_path = path.parent.name, out / REPORTS / f"{path.stem.removeprefix('train-')}.json"
    report = read_report(report_path)
    if report is None:
        return
    writer, start = ShardWriter(path, SCHEMAS[config]), 0
    for batch in read_batches(path):
        writer.add(_changed(batch, {place - start: goes_by for place, goes_by in changes.items() if start <= place < start + batch.num_rows}))
        start += batch.num_rows
    report_path.unlink()
    part = writer.close()
    if part is None:
        path.unlink()
    counts = report.tally.left_out if config == DEFAULT else report.tally.pairs_left_out
    if dropped := sum(goes_by is None for goes_by in changes.values()):
        counts[DUPLICATE] += dropped
    parts = tuple(new for old in report.parts if (new := _new(old, path, part)))
    replace(report, parts=parts).write(report_path)


def _new(old: Part, path: Path, part: Part | None) -> Part | None:
    return part if old.path == f"{path.parent.name}/{path.name}" else old


def _changed(batch: pa.RecordBatch, changes: Mapping[int, str | None]) -> pa.RecordBatch:
    if not changes:
        return batch
    ids: list[str | None] = batch[ID].to_pylist()
    for place, goes_by in changes.items():
        ids[place] = goes_by
    arrays = [pa.array(ids, field.type) if field.name == ID else batch[field.name] for field in batch.schema]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema).filter(pa.array([conversation_id is not None for conversation_id in ids]))


def _id_keys(batch: pa.RecordBatch) -> np.ndarray:
    return _numbers(conversation_id.encode() for conversation_id in batch[ID].to_pylist())


def _pair_keys(batch: pa.RecordBatch) -> np.ndarray:
    sides = zip(batch[ID].to_pylist(), _texts(batch["chosen"]), _texts(batch["rejected"]), strict=True)
    return _numbers("\0".join(parts).encode() for parts in sides)


def _texts(messages: pa.ListArray) -> Iterator[str]:
    contents, borders = messages.flatten().field("content").to_pylist(), message_offsets(messages).tolist()
    return ("\1".join(contents[start:end]) for start, end in pairwise(borders))


def _numbers(texts: Iterator[bytes]) -> np.ndarray:
    digests = b"".join(hashlib.blake2b(text, digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, dtype=np.uint64)
