"""What became of each row since the release before: added, changed, removed, or the same as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharelm.release.equal import equal_rows
from sharelm.release.layout import DEFAULT, SPLITS
from sharelm.release.parquet import shards
from sharelm.release.schema import ID, RELEASE
from sharelm.release.sorted_rows import KEY, Sorted, read_rows
from sharelm.release.tidy import as_numpy

IDS = pa.schema([ID])
COMPARED = [name for name in RELEASE.names if name != "release"]
NO_ROWS = pa.RecordBatch.from_pylist([], schema=RELEASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A batch beside what the release before held under the same ids. Where a row is as it was, its `release` is the older one."""

    batch: pa.RecordBatch
    is_added: np.ndarray
    is_changed: np.ndarray
    removed: pa.Array

    @property
    def is_quiet(self) -> bool:
        return not (self.is_added.any() or self.is_changed.any() or len(self.removed))


def follow(batches: Iterator[pa.RecordBatch], before: Path | None) -> Iterator[Step]:
    """Every batch of a release with what became of its rows since the release in the folder `before`. The last step may be without rows."""
    if before is not None and not has_this_schema(before):
        yield from _follow_ids(batches, before)
        return
    former = Sorted(read_rows(before, RELEASE) if before else (), RELEASE)
    for batch in batches:
        yield _step(batch, former)
    yield from _leftovers(former)


def has_this_schema(folder: Path) -> bool:
    """Whether rows of that release can be compared with ours, column by column."""
    return all(pq.read_schema(path).equals(RELEASE) for split in SPLITS for path in shards(folder, DEFAULT, split))


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which rows of a batch stand in the release before, those rows as they are now and as they were, and the ids of what is gone."""

    is_known: np.ndarray
    here: pa.RecordBatch
    there: pa.RecordBatch
    removed: pa.Array


def meet(batch: pa.RecordBatch, former: Sorted) -> Meeting:
    if not batch.num_rows or former.last_at_hand() is None:
        return Meeting(np.zeros(batch.num_rows, dtype=bool), NO_ROWS, NO_ROWS, NO_ROWS[KEY])
    window = _one(former.up_to(batch[KEY][-1].as_py()))
    places = pc.index_in(batch[KEY], value_set=window[KEY])
    is_known = as_numpy(places.is_valid())
    removed = window[KEY].filter(pc.invert(pc.is_in(window[KEY], value_set=batch[KEY])))
    return Meeting(is_known, batch.filter(pa.array(is_known)), window.take(places.drop_null()), removed)


def _step(batch: pa.RecordBatch, former: Sorted) -> Step:
    met = meet(batch, former)
    if not met.is_known.any():
        return Step(batch, ~met.is_known, met.is_known, met.removed)
    same = equal_rows(met.here, met.there, COMPARED)
    is_changed = met.is_known.copy()
    is_changed[met.is_known] = ~same
    older = pc.replace_with_mask(met.here["release"], pa.array(same), met.there["release"].filter(pa.array(same)))
    releases = pc.replace_with_mask(batch["release"], pa.array(met.is_known), older)
    column = RELEASE.get_field_index("release")
    return Step(batch.set_column(column, RELEASE.field(column), releases), ~met.is_known, is_changed, met.removed)


def _follow_ids(batches: Iterator[pa.RecordBatch], before: Path) -> Iterator[Step]:
    """A release of another schema: every row has another form now."""
    former = Sorted(read_rows(before, IDS, columns=[KEY]), IDS)
    for batch in batches:
        window = former.up_to(batch[KEY][-1].as_py())[KEY].combine_chunks() if batch.num_rows else pa.array([], pa.string())
        known = as_numpy(pc.is_in(batch[KEY], value_set=window))
        yield Step(batch, ~known, known, window.filter(pc.invert(pc.is_in(window, value_set=batch[KEY]))))
    yield from _leftovers(former)


def _leftovers(former: Sorted) -> Iterator[Step]:
    nothing = np.zeros(0, dtype=bool)
    for batch in former.rest():
        yield Step(NO_ROWS, nothing, nothing, batch[KEY])


def _one(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else NO_ROWS
