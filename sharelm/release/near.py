"""Marks of near duplicates across public datasets, and between them and contributions; nothing is left out for it.

Among themselves datasets are marked once: those marks do not depend on who gives or withdraws. Where a contribution is like a row of a dataset,
`all` alone says so. The names of groups are made of public ids of datasets.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sharelm.release.collected import Dataset, Likeness
from sharelm.release.columns import message_offsets
from sharelm.release.layout import DEFAULT
from sharelm.release.parquet import read_shards
from sharelm.release.schema import RELEASE, TEXT
from sharelm.release.sorted_rows import KEY

GROUP = "near_dup_group"
NAME = r"^[0-9a-f]{32}$"
READ = [KEY, "conversation", "content_hash", GROUP]
ALONE = -1


@dataclass(frozen=True, slots=True)
class Changed:
    """What `all` says otherwise than the files that it is made of: names by place for contributions, by id for rows of datasets."""

    contributions: Mapping[Path, Mapping[int, str]] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)


class Marks:
    """The rows of datasets in the order of their files, and which of them belong together. What stands for their texts lies on the disk."""

    def __init__(self, datasets: Sequence[Dataset], place: Path, likeness: Likeness) -> None:
        self._place, self._likeness = place, likeness
        self._starts: dict[Path, int] = {}
        self._ids = self._equal = np.zeros(0, dtype=np.uint64)
        self._groups = np.zeros(0, dtype=np.uint64)
        for path in (path for dataset in datasets for path in dataset.paths(DEFAULT)):
            self._starts[path] = len(self._ids)
            self._add([path])
        self._rows = len(self._ids)
        self._labels = self._group()
        self._names = _least_by_label(self._labels, self._ids)

    @property
    def counts(self) -> dict[str, int]:
        """Rows of datasets that are marked, and their groups."""
        marked = self._labels[self._labels != ALONE]
        return {"rows": len(marked), "groups": len(np.unique(marked))}

    def marked(self, path: Path) -> Iterator[pa.RecordBatch]:
        """The rows of a file of a dataset with their marks."""
        start = self._starts.get(path)
        for batch in read_shards([path]):
            if start is None:
                yield batch
                continue
            labels = self._labels[start : start + batch.num_rows]
            start += batch.num_rows
            yield with_names(batch, {place: self._name(labels[place]) for place in np.flatnonzero(labels != ALONE).tolist()})

    def beside(self, contributions: Sequence[Path]) -> Changed:
        """What changes where these files of contributions stand beside the datasets. May be asked again with others."""
        starts = {}
        for path in contributions:
            starts[path] = len(self._ids)
            self._add([path])
        labels = self._group()
        ids = self._ids
        self._cut()
        met = np.unique(labels[self._rows :])
        met = met[(met != ALONE) & (met < self._rows)]  # the label is the first row's: one of a dataset
        members = np.flatnonzero(np.isin(labels[: self._rows], met))
        names = self._names_of(labels[members], members, ids)
        new = members[self._labels[members] == ALONE]
        return Changed(_by_file(starts, labels, names), self._ids_of({row: names[labels[row]] for row in new.tolist()}))

    def _names_of(self, labels: np.ndarray, members: np.ndarray, ids: np.ndarray) -> dict[int, str]:
        """The name of each group: one that its rows of datasets have already, else one of its own."""
        found: defaultdict[int, list[tuple[bool, int]]] = defaultdict(list)
        for label, row in zip(labels.tolist(), members.tolist(), strict=True):
            own = self._labels[row]
            found[label].append((False, int(self._names[own])) if own != ALONE else (True, int(ids[row])))
        return {label: name_of(min(numbers)[1]) for label, numbers in found.items()}

    def _ids_of(self, names: Mapping[int, str]) -> dict[str, str]:
        """The same by conversation_id."""
        found: dict[str, str] = {}
        row = 0
        for batch in read_shards(self._starts, [KEY]) if names else ():
            for place in range(batch.num_rows):
                if row + place in names:
                    found[batch[KEY][place].as_py()] = names[row + place]
            row += batch.num_rows
        return found

    def _name(self, label: int) -> str:
        return name_of(int(self._names[label]))

    def _add(self, paths: Iterable[Path]) -> None:
        ids, equal, groups = [self._ids], [self._equal], [self._groups]
        with self._place.open("ab") as file:
            for batch in read_shards(paths, READ):
                file.write(np.ascontiguousarray(self._likeness.sign(_texts(batch["conversation"])), dtype="<u4").tobytes())
                ids.append(np.frombuffer(b"".join(_digest(one) for one in batch[KEY].to_pylist()), dtype="<u8"))
                equal.append(_numbers(batch["content_hash"]))
                groups.append(_numbers(batch[GROUP]))
        pa.default_memory_pool().release_unused()
        self._ids, self._equal, self._groups = np.concatenate(ids), np.concatenate(equal), np.concatenate(groups)

    def _cut(self) -> None:
        with self._place.open("r+b") as file:
            file.truncate(self._rows * (self._place.stat().st_size // max(len(self._ids), 1)))
        self._ids, self._equal, self._groups = (column[: self._rows] for column in (self._ids, self._equal, self._groups))

    def _group(self) -> np.ndarray:
        """For each row the first one of its group; ALONE where it is like no other."""
        if not len(self._ids):
            return np.zeros(0, dtype=np.int64)
        labels = self._likeness.group(Stored(self._place, len(self._ids)), (self._equal, self._groups))
        sizes = np.bincount(labels, minlength=len(labels))
        found: np.ndarray = np.where(sizes[labels] > 1, labels, ALONE)
        return found


class Stored:
    """Rows of numbers in a file. Mapped for each question only: what is mapped for long counts as memory of the process."""

    def __init__(self, place: Path, rows: int) -> None:
        self._place, self._rows = place, rows

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, key: Any) -> np.ndarray:
        return np.array(np.memmap(self._place, dtype="<u4", mode="r").reshape(self._rows, -1)[key])


def with_names(batch: pa.RecordBatch, names: Mapping[int, str]) -> pa.RecordBatch:
    """The rows with other names of their groups, by their places."""
    if not names:
        return batch
    column = batch[GROUP].to_pylist()
    for place, name in names.items():
        column[place] = name
    number = RELEASE.get_field_index(GROUP)
    return batch.set_column(number, RELEASE.field(number), pa.array(column, TEXT))


def name_of(number: int) -> str:
    return hashlib.blake2b(number.to_bytes(8, "little"), digest_size=16).hexdigest()


def _by_file(starts: Mapping[Path, int], labels: np.ndarray, names: Mapping[int, str]) -> dict[Path, dict[int, str]]:
    ends = [*list(starts.values())[1:], len(labels)]
    found = {}
    for (path, start), end in zip(starts.items(), ends, strict=True):
        here = labels[start:end].tolist()
        found[path] = {place: names[label] for place, label in enumerate(here) if label in names}
    return found


def _least_by_label(labels: np.ndarray, ids: np.ndarray) -> np.ndarray:
    least = np.full(len(ids), np.iinfo(np.uint64).max, dtype=np.uint64)
    is_marked = labels != ALONE
    np.minimum.at(least, labels[is_marked], ids[is_marked])
    return least


def _texts(conversations: pa.ListArray) -> list[list[str]]:
    contents, borders = conversations.flatten().field("content").to_pylist(), message_offsets(conversations).tolist()
    return [contents[start:end] for start, end in pairwise(borders)]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _numbers(names: pa.Array) -> np.ndarray:
    """Of hexadecimal names, the first 64 bits; 0 where there is none."""
    return np.array([int(name[:16], 16) if name else 0 for name in names.to_pylist()], dtype=np.uint64)
