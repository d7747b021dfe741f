"""Write the files of a release: every config by streaming, then the manifest. The same rows give the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.columns import Distinct
from sharelm.release.derive import DERIVED, TRAIN_ONLY
from sharelm.release.layout import DEFAULT, MANIFEST, SPLITS, TRAIN, sha256_of
from sharelm.release.parquet import SHARD_BYTES, PartWriter
from sharelm.release.schema import SCHEMAS, schema_of
from sharelm.release.split import parts

COMPRESSORS = 2  # threads: more would only hold more row groups in memory


@dataclass
class Written:
    """What was written: files as (path within the release, rows), and the counts for the card, which are those of `default`."""

    files: list[tuple[str, int]] = field(default_factory=list)
    contributors: Distinct = field(default_factory=Distinct)  # by their pseudonyms
    ungrouped_count: int = 0  # rows without one
    message_count: int = 0
    redacted_count: int = 0
    licences: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    platforms: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    rates: Counter[int] = field(default_factory=Counter)  # of conversations, by thumb
    answer_ratings: Counter[int] = field(default_factory=Counter)

    @property
    def row_count(self) -> int:
        return sum(self.configs.get(DEFAULT, {}).values())

    @property
    def configs(self) -> dict[str, dict[str, int]]:
        """Rows by config and split, of those that have any."""
        found: dict[str, dict[str, int]] = {}
        for name, rows in self.files:
            config, _, file = name.partition("/")
            splits = found.setdefault(config, {})
            splits[file.partition("-")[0]] = splits.get(file.partition("-")[0], 0) + rows
        return found

    def count(self, batch: pa.RecordBatch) -> None:
        self.contributors.add(batch["user_id"])
        self.ungrouped_count += batch["user_id"].null_count
        self.message_count += pc.sum(pc.list_value_length(batch["conversation"])).as_py() or 0
        self.redacted_count += pc.sum(pc.struct_field(batch["conversation_metadata"], "redacted")).as_py() or 0
        metadata = batch["conversation_metadata"]
        language = pc.struct_field(metadata, "language")
        for counter, column in ((self.licences, batch["license"]), (self.models, batch["model_name"]), (self.languages, language)):
            for value, count in _counts(column):
                counter[value or ""] += count
        for extra, count in _counts(pc.struct_field(metadata, "extra_json")):
            self.platforms[json.loads(extra or "{}").get("platform", "")] += count
        for day, count in _counts(batch["timestamp"]):
            self.months[f"{day:%Y-%m}" if day else ""] += count
        for thumbs, column in ((self.rates, pc.struct_field(metadata, "rate")), (self.answer_ratings, batch["turns"].flatten().field("rating"))):
            thumbs.update({value: count for value, count in _counts(column) if value})


class ReleaseWriter:
    """Takes the rows of `default` in the order of their ids and writes all configs that are made of them."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor, *, configs: Iterable[str] = SCHEMAS, shard_bytes: int = SHARD_BYTES) -> None:
        self._configs = frozenset(configs)
        self._writers = {
            (config, split): PartWriter(folder / config, split, schema, pool=pool, shard_bytes=shard_bytes)
            for config, schema in SCHEMAS.items()
            for split in ((TRAIN,) if config in TRAIN_ONLY else SPLITS)
            if config in self._configs
        }

    def add(self, batch: pa.RecordBatch) -> None:
        divided = parts(batch) if batch.num_rows else {}
        for split, rows in divided.items():
            self._writers[DEFAULT, split].add(rows)
        for config in DERIVED.keys() & self._configs:
            for split, rows in ({TRAIN: batch} if config in TRAIN_ONLY else divided).items():
                for made in DERIVED[config](rows):
                    self._writers[config, split].add(made)

    def add_to(self, config: str, batch: pa.RecordBatch) -> None:
        """Rows of a config that is not made of `default`."""
        self._writers[config, TRAIN].add(batch)

    def close(self) -> list[tuple[str, int]]:
        """The files as (path within the release, rows)."""
        return [(f"{config}/{name}", rows) for (config, _), writer in self._writers.items() for name, rows in writer.close()]


def _counts(column: pa.Array) -> Iterator[tuple[Any, int]]:
    return ((pair["values"], pair["counts"]) for pair in pc.value_counts(column).to_pylist())


@contextmanager
def parts_pool() -> Iterator[ThreadPoolExecutor]:
    """The threads that files are compressed in."""
    with ThreadPoolExecutor(COMPRESSORS) as pool:
        yield pool


def part_writer(folder: Path, config: str, split: str, pool: ThreadPoolExecutor) -> PartWriter:
    return PartWriter(folder / config, split, schema_of(config), pool=pool)


@contextmanager
def release_writer(folder: Path, **more: Any) -> Iterator[ReleaseWriter]:
    """With the threads that it compresses in."""
    with parts_pool() as pool:
        yield ReleaseWriter(folder, pool, **more)


def writer_versions(code_version: str) -> dict[str, str]:
    """Who else writes the same rows with these gets the same bytes."""
    return {"sharelm": code_version, "pyarrow": pa.__version__}


def write_manifest(
    folder: Path, facts: dict[str, Any], files: Iterable[tuple[str, int | None]], *, digests: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Write `manifest.json` with size and SHA-256 of every file; its own SHA-256. `digests` are those that are known already."""
    entries = [_entry(folder, name, rows, digests.get(name)) for name, rows in files]
    text = json.dumps({**facts, "files": entries}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def sync_folder(folder: Path) -> None:
    """Nothing is announced before it is on the disk."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def digests_of(folder: Path, files: Iterable[tuple[str, int]]) -> dict[str, str]:
    return {name: sha256_of(folder / name) for name, _ in files}


def _entry(folder: Path, name: str, rows: int | None, digest: str | None) -> dict[str, Any]:
    path = folder / name
    entry: dict[str, Any] = {"path": name, "bytes": path.stat().st_size, "sha256": digest or sha256_of(path)}
    return entry if rows is None else {**entry, "rows": rows}
