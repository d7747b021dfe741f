"""Public datasets become configs of a release: each one of its own, all of them with the contributions as `all`, their pairs as `preference`.

They are prepared before the contributions are read, since they take minutes and nobody withdraws from them. `all` holds the same files under other
names, so it takes no room. That works because the ids of a dataset have a beginning in common: in order, dataset follows dataset.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharelm.release.collected import Collection, Dataset
from sharelm.release.layout import ALL, DEFAULT, PAIRS, SPLITS
from sharelm.release.near import Changed, Marks, with_names
from sharelm.release.parquet import PartWriter, read_shards, shards
from sharelm.release.schema import RELEASE, schema_of
from sharelm.release.sorted_rows import KEY
from sharelm.release.sorting import sorted_rows
from sharelm.release.split import parts
from sharelm.release.tidy import as_numpy
from sharelm.release.workbench import workbench
from sharelm.release.write import parts_pool

RECIPES = "recipes"
ONE_SHARD = 1 << 62
Files = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The files of every dataset, and of their pairs, in a folder that is gone after the build; as (path, rows)."""

    collection: Collection
    folder: Path
    files: Files
    marks: Marks | None


@contextmanager
def prepared(collection: Collection | None, beside: Path) -> Iterator[Prepared | None]:
    """Raises ReleaseRefused where the collection is not as its import left it."""
    if collection is None:
        yield None
        return
    collection.check()
    with workbench(beside) as folder, parts_pool() as pool:
        marks = Marks([one for one in collection.datasets if one.in_all], folder / "signatures", collection.likeness) if collection.likeness else None
        files = [file for dataset in collection.datasets if dataset.paths(DEFAULT) for file in _write_dataset(dataset, folder, pool, marks)]
        collection.check()  # again: an import may have been at work meanwhile
        yield Prepared(collection, folder, [*files, *_write_pairs(collection, folder, pool)], marks)


def add_collection(folder: Path, ready: Prepared) -> Files:
    """Into a release that has its contributions: the datasets, `all`, pairs, and programs for what must not be passed on. Its files with rows."""
    for name, _ in ready.files:
        link(ready.folder / name, folder / name)
    if ready.collection.withheld:
        (folder / RECIPES).mkdir()
    for withheld in ready.collection.withheld:
        (folder / RECIPES / f"{withheld.name}.py").write_text(withheld.program, encoding="utf-8")
    return [*_write_all(folder, ready), *ready.files]


def files_of_all(folder: Path, datasets: Iterable[str], split: str) -> list[Path]:
    """The files of contributions and of these datasets that `all` consists of, in the order of their ids."""
    found = [paths for config in (DEFAULT, *datasets) if (paths := shards(folder, config, split))]
    return [path for paths in sorted(found, key=_first_id) for path in paths]


def link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where that cannot be."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_dataset(dataset: Dataset, folder: Path, pool: ThreadPoolExecutor, marks: Marks | None) -> Files:
    paths = dataset.paths(DEFAULT)
    batches = (batch for path in paths for batch in (marks.marked(path) if marks else read_shards([path])))
    with workbench(folder) as scratch:
        rows = sorted_rows(paths, batches, scratch)
        return _write_splits(rows, folder, dataset.name, pool)


def _write_pairs(collection: Collection, folder: Path, pool: ThreadPoolExecutor) -> Files:
    """One dataset after the other, in the order of what their ids begin with."""
    found = sorted((one for one in collection.datasets if one.paths(PAIRS)), key=lambda one: _first_id(one.paths(PAIRS)))

    def rows() -> Iterator[pa.RecordBatch]:
        for dataset in found:
            with workbench(folder) as scratch:
                yield from sorted_rows(paths := dataset.paths(PAIRS), read_shards(paths), scratch)

    return _write_splits(rows(), folder, PAIRS, pool)


def _write_splits(rows: Iterable[pa.RecordBatch], folder: Path, config: str, pool: ThreadPoolExecutor) -> Files:
    writers = {split: PartWriter(folder / config, split, schema_of(config), pool=pool) for split in SPLITS}
    for batch in rows:
        for split, part in parts(batch).items():
            writers[split].add(part)
    return [(f"{config}/{name}", count) for writer in writers.values() for name, count in writer.close()]


def _write_all(folder: Path, ready: Prepared) -> Files:
    """The files of the others under its own names; anew only where rows have other marks beside the contributions."""
    datasets = [one.name for one in ready.collection.datasets if one.in_all and (folder / one.name).is_dir()]
    given = [path for split in SPLITS for path in shards(folder, DEFAULT, split)]
    changed = ready.marks.beside(given) if ready.marks and datasets else Changed()
    files: Files = []
    for split in SPLITS if datasets else ():
        found = files_of_all(folder, datasets, split)
        for number, path in enumerate(found):
            name = f"{ALL}/{split}-{number:05d}-of-{len(found):05d}.parquet"
            _write_part(path, folder / name, changed)
            files.append((name, pq.read_metadata(path).num_rows))
    return files


def _write_part(path: Path, target: Path, changed: Changed) -> None:
    names = changed.contributions.get(path) or _places(path, changed.rows)
    if not names:
        link(path, target)
        return
    with parts_pool() as pool, workbench(target.parent.parent) as bench:
        writer = PartWriter(bench, "part", RELEASE, pool=pool, shard_bytes=ONE_SHARD)
        start = 0
        for batch in read_shards([path]):
            writer.add(with_names(batch, {place - start: name for place, name in names.items() if start <= place < start + batch.num_rows}))
            start += batch.num_rows
        [(made, _)] = writer.close()
        target.parent.mkdir(exist_ok=True)
        (bench / made).rename(target)


def _places(path: Path, names: Mapping[str, str]) -> dict[int, str]:
    """The same by the places of these ids in the file."""
    wanted = pa.array(names.keys(), pa.string())
    found, start = {}, 0
    for batch in read_shards([path], [KEY]) if names else ():
        for place in np.flatnonzero(as_numpy(pc.is_in(batch[KEY], value_set=wanted))).tolist():
            found[start + place] = names[batch[KEY][place].as_py()]
        start += batch.num_rows
    return found


def _first_id(paths: list[Path]) -> str:
    first: str = next(read_shards(paths, [KEY]))[KEY][0].as_py()
    return first
