"""What differs between two releases, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.errors import ReleaseRefused
from sharelm.release.collected import said_of_datasets
from sharelm.release.equal import equal_values
from sharelm.release.history import COMPARED, has_this_schema, meet
from sharelm.release.schema import RELEASE
from sharelm.release.sorted_rows import Sorted, read_rows

NONE = {"rows": 0}


@dataclass
class Difference:
    """Rows of `default`; a row is changed if any column but `release` differs. `columns` counts the changed rows by column."""

    rows_before: int = 0
    rows_after: int = 0
    messages_before: int = 0
    messages_after: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    datasets: dict[str, tuple[int, int]] = field(default_factory=dict)  # rows before and after, of public datasets whose import is another

    def count_before(self, rows: int, messages: int) -> None:
        self.rows_before += rows
        self.messages_before += messages

    def count_after(self, rows: int, messages: int) -> None:
        self.rows_after += rows
        self.messages_after += messages


def compare_releases(old: Path, new: Path) -> Difference:
    """Reads both once, side by side. Raises ReleaseRefused where one is damaged, or was made by a server of another version."""
    try:
        return _compare(old, new)
    except (ValueError, pa.ArrowException):
        raise ReleaseRefused("One of the releases is damaged: `release verify` says which, and where.") from None


def _compare(old: Path, new: Path) -> Difference:
    if not (has_this_schema(old) and has_this_schema(new)):
        raise ReleaseRefused("One of the releases has other columns than this version of ShareLM writes: they cannot be compared row by row.")
    found = Difference()
    former = Sorted(_counted(old, found.count_before), RELEASE)
    for batch in _counted(new, found.count_after):
        met = meet(batch, former)
        found.removed += len(met.removed)
        found.added += int((~met.is_known).sum())
        is_changed = np.zeros(met.here.num_rows, dtype=bool)
        for name in COMPARED:
            differs = ~equal_values(met.here[name], met.there[name])
            found.columns[name] += int(differs.sum())
            is_changed |= differs
        found.changed += int(is_changed.sum())
    found.removed += sum(batch.num_rows for batch in former.rest())
    found.columns = +found.columns
    found.datasets = _datasets(old, new)
    return found


def _datasets(old: Path, new: Path) -> dict[str, tuple[int, int]]:
    before, after = (said_of_datasets(folder) for folder in (old, new))
    changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    return {name: (before.get(name, NONE)["rows"], after.get(name, NONE)["rows"]) for name in changed}


def _counted(folder: Path, count: Callable[[int, int], None]) -> Iterator[pa.RecordBatch]:
    for batch in read_rows(folder, RELEASE):
        count(batch.num_rows, pc.sum(pc.list_value_length(batch["conversation"])).as_py() or 0)
        yield batch
