"""Import one shard: a pure function of a file and what is to be made of it. Whoever runs it again gets the same bytes.

This is what runs in other processes and on other machines: what goes in and out is plain data.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from sharelm.collection.anonymise import Anonymise, anonymised_pairs, anonymised_rows
from sharelm.collection.reading import Batches, Reading, Tally, read_batches_of
from sharelm.collection.sources import source_named
from sharelm.collection.write import Part, ShardWriter
from sharelm.release.layout import DEFAULT, PAIRS
from sharelm.release.schema import PREFERENCE, RELEASE

IMPORTER_VERSION = "2"
"""Raised whenever the same file gives other rows: finished shards are then made anew."""
SCHEMAS = {DEFAULT: RELEASE, PAIRS: PREFERENCE}
REPORTS = "shards"


@dataclass(frozen=True, slots=True)
class Shard:
    """Some row groups of a Parquet file, or a whole file of another kind (no `groups`). `file` is what it is called, `sha256` is the file's."""

    source: str
    path: Path
    out: Path
    file: PurePath
    sha256: str
    groups: tuple[int, ...] = ()
    aside: Mapping[str, Any] = field(default_factory=dict)
    anonymise: Anonymise | None = None

    @property
    def key(self) -> str:
        """The same for the same bytes and what is known beside them, wherever they lie and whatever the file is called."""
        beside = (json.dumps(self.aside, sort_keys=True, default=str),) if self.aside else ()
        facts = (IMPORTER_VERSION, self.source, self.sha256, self.groups[:1], self.anonymise is not None, *beside)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    @property
    def report_path(self) -> Path:
        return self.out / REPORTS / f"{self.key}.json"

    def part_path(self, config: str) -> Path:
        return self.out / config / f"train-{self.key}.parquet"


@dataclass(frozen=True)
class Report:
    """What a finished shard says of itself; its file stands for `done`."""

    file: str
    bytes: int
    sha256: str
    tally: Tally
    parts: tuple[Part, ...]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        said = {**vars(self), "tally": vars(self.tally), "parts": [asdict(part) for part in self.parts]}
        draft.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(draft, path)


def read_report(path: Path) -> Report | None:
    """None where there is none, or one that cannot be read: the shard is then made again."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        tally: dict[str, Any] = {name: Counter(value) if isinstance(value, dict) else value for name, value in said["tally"].items()}
        return Report(said["file"], said["bytes"], said["sha256"], Tally(**tally), tuple(Part(**part) for part in said["parts"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_outdated(out: Path, shards: Sequence[Shard]) -> None:
    """What was made of the same files by an earlier importer, or with something else known beside them: it is made anew."""
    digests, keys = {shard.sha256 for shard in shards}, {shard.key for shard in shards}
    for path in sorted((out / REPORTS).glob("*.json")):
        report = read_report(path)
        if report is not None and report.sha256 in digests and path.stem not in keys:
            path.unlink()
            for part in report.parts:
                (out / part.path).unlink(missing_ok=True)


def import_shard(shard: Shard) -> Report:
    """Write the shard's files, and its report last: until then it counts as not begun."""
    pa.set_cpu_count(1)  # a worker has one core; Arrow would take all
    writers = {config: ShardWriter(shard.part_path(config), schema) for config, schema in SCHEMAS.items()}
    tally = Tally()
    try:
        for config, batch in _batches(shard, tally):
            writers[config].add(batch)
        parts = tuple(part for part in (writer.close() for writer in writers.values()) if part)
    finally:
        for writer in writers.values():
            writer.give_up()
    report = Report(shard.path.name, shard.path.stat().st_size, shard.sha256, tally, parts)
    report.write(shard.report_path)
    return report


def _batches(shard: Shard, tally: Tally) -> Batches:
    source = source_named(shard.source)
    for config, batch in read_batches_of(shard.path, shard.groups, Reading(source, shard.file, shard.aside, tally)):
        if config == DEFAULT and source.is_withheld_if_toxic:
            tally.withheld += batch["toxic"].true_count
        if shard.anonymise is None:
            yield config, batch
        else:
            yield config, (anonymised_rows if config == DEFAULT else anonymised_pairs)(batch, shard.anonymise)
