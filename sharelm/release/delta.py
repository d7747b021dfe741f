"""Deltas: what makes one release of its predecessor, byte for byte.

A delta is a folder `<old>..<new>/` with the rows of `default` that were added or changed, the ids of those that are gone, and, under `release/`,
whatever cannot be made of `default`: the card, the manifest, the tombstones and the like. Public datasets are carried as whole files; those that
the older release has already, and those that the newer one has under two names, are only named.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharelm.errors import ReleaseRefused
from sharelm.release.collect import link
from sharelm.release.collected import SECTION
from sharelm.release.derive import DERIVED
from sharelm.release.history import IDS, Step, has_this_schema
from sharelm.release.layout import ALL, DEFAULT, MANIFEST, is_within, read_json, sha256_of
from sharelm.release.parquet import PartWriter, read_shards, shards
from sharelm.release.schema import RELEASE
from sharelm.release.sorted_rows import Sorted, merged, read_rows, without
from sharelm.release.verify import find_damage
from sharelm.release.write import release_writer, sync_folder, write_manifest, writer_versions

KINDS = ("added", "changed", "removed")
CARRIED = "release"
REUSED = "reused"
OLD, NEW = "old", "new"  # where the bytes of what is reused are


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two releases, the second made after the first, and the SHA-256 of the first one's manifest."""

    old: str
    new: str
    old_manifest_sha256: str

    @property
    def folder(self) -> str:
        return f"{self.old}..{self.new}"


class DeltaWriter:
    """Takes the steps of a release in the making."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._writers = {kind: PartWriter(folder / DEFAULT, kind, IDS if kind == "removed" else RELEASE, pool=pool) for kind in KINDS}
        self.counts = dict.fromkeys(KINDS, 0)

    def add(self, step: Step) -> None:
        gone = pa.RecordBatch.from_arrays([step.removed], schema=IDS)
        rows = {"added": step.batch.filter(pa.array(step.is_added)), "changed": step.batch.filter(pa.array(step.is_changed)), "removed": gone}
        for kind, batch in rows.items():
            self.counts[kind] += batch.num_rows
            self._writers[kind].add(batch)

    def close(self, release: Path, between: Neighbours, *, code_version: str, old: Path | None = None) -> None:
        """`release` is the finished folder of the newer one; `old` is that of the older one, whose files need not be carried."""
        files: list[tuple[str, int | None]] = [(f"{DEFAULT}/{name}", rows) for writer in self._writers.values() for name, rows in writer.close()]
        reused = _reused(release, old)
        for name in carried_files(release):
            if name not in reused:
                link(release / name, self._folder / CARRIED / name)
                files.append((f"{CARRIED}/{name}", None))
        facts = {
            "delta": between.folder,
            "from": between.old,
            "to": between.new,
            "from_manifest_sha256": between.old_manifest_sha256,
            "to_manifest_sha256": sha256_of(release / MANIFEST),
            "writer": writer_versions(code_version),
            **self.counts,
            **({REUSED: reused} if reused else {}),
        }
        write_manifest(self._folder, facts, files)
        sync_folder(self._folder)


def carried_files(release: Path) -> list[str]:
    """What cannot be made of the rows of `default`."""
    names = (str(path.relative_to(release)) for path in sorted(release.rglob("*")) if path.is_file())
    return [name for name in names if not _is_made(name)]


def _is_made(name: str) -> bool:
    return name.partition("/")[0] in {DEFAULT, *DERIVED}


def _reused(release: Path, old: Path | None) -> dict[str, str]:
    """Files of the newer release that need not be carried, with the place of the same bytes: in the older one, or elsewhere in the newer one."""
    manifest = _read_manifest(release)
    if SECTION not in manifest:
        return {}
    known = {digest: f"{OLD}/{name}" for name, digest in _tables(_read_manifest(old) if old else {}).items()}
    reused: dict[str, str] = {}
    for name, digest in sorted(_tables(manifest).items(), key=lambda item: (item[0].startswith(f"{ALL}/"), item[0])):
        if digest in known and not _is_made(name):
            reused[name] = known[digest]
        known.setdefault(digest, f"{NEW}/{name}")
    return reused


def _read_manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return found


def _tables(manifest: dict[str, Any]) -> dict[str, str]:
    """The SHA-256 of every Parquet file by its path."""
    return {entry["path"]: entry["sha256"] for entry in manifest.get("files", ()) if "rows" in entry}


def apply_delta(old: Path, delta: Path, out: Path, *, code_version: str) -> dict[str, Any]:
    """Make the newer release in the new folder `out`; the delta's manifest.

    Raises ReleaseRefused if something is damaged, if the two do not belong together, or if the result is not the newer release to the byte.
    """
    facts = _checked(old, delta)
    if out.exists() and any(out.iterdir()):
        raise ReleaseRefused("OUT_DIR holds other things: name a new folder.")
    if out.resolve().is_relative_to(old.resolve()) or out.resolve().is_relative_to(delta.resolve()):
        raise ReleaseRefused("OUT_DIR lies within one of the other two: name a new folder beside them.")
    try:
        _make(old, delta, out, facts)
        is_whole = not find_damage(out)
    except (FileNotFoundError, ValueError, pa.ArrowException):
        is_whole = False
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    if not is_whole:
        shutil.rmtree(out, ignore_errors=True)
        versions = writer_versions(code_version)
        written = ", ".join(f"{name} {version}" for name, version in facts["writer"].items() if versions.get(name) != version)
        raise ReleaseRefused("The result is not the newer release to the byte." + (f" It was written with {written}." if written else ""))
    return facts


def _make(old: Path, delta: Path, out: Path, facts: Mapping[str, Any]) -> None:
    with release_writer(out) as writer:
        for batch in _newer_rows(old, delta):
            writer.add(batch)
        writer.close()
    shutil.copytree(delta / CARRIED, out, dirs_exist_ok=True)
    _take_reused(facts.get(REUSED, {}), {OLD: old, NEW: out}, out)
    sync_folder(out)


def read_delta(folder: Path) -> dict[str, Any]:
    """Its manifest. Raises ReleaseRefused if the folder is no delta."""
    try:
        facts: dict[str, Any] = read_json(folder / MANIFEST)
    except (OSError, ValueError):
        facts = {}
    if not isinstance(facts, dict) or not _is_of_a_delta(facts):
        raise ReleaseRefused("The folder is no delta: it has no manifest of one.")
    return facts


def _is_of_a_delta(facts: Mapping[str, Any]) -> bool:
    reused = facts.get(REUSED, {})
    told = {"delta", "from", "to", "from_manifest_sha256", "writer", *KINDS} <= facts.keys() and isinstance(facts["writer"], dict)
    return told and isinstance(reused, dict) and all(isinstance(place, str) for place in reused.values())


def _take_reused(reused: Mapping[str, str], folders: Mapping[str, Path], out: Path) -> None:
    """What is not where it should be is missed by the check that follows. Copies, since the two folders may go different ways."""
    for name, place in reused.items():
        kind, _, path = place.partition("/")
        target = out / name
        if kind in folders and is_within(path) and is_within(name) and (folders[kind] / path).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folders[kind] / path, target)


def _checked(old: Path, delta: Path) -> dict[str, Any]:
    facts = read_delta(delta)
    if not (old / MANIFEST).is_file() or sha256_of(old / MANIFEST) != facts["from_manifest_sha256"]:
        raise ReleaseRefused(f"The delta makes {facts['to']} of {facts['from']}, and OLD_DIR is not that release.")
    for folder, is_fetched in ((old, True), (delta, False)):
        if damage := find_damage(folder, is_fetched=is_fetched):
            raise ReleaseRefused(f"{folder.name}: {damage[0]}")
    return facts


def _newer_rows(old: Path, delta: Path) -> Iterator[pa.RecordBatch]:
    def of(kind: str) -> Iterator[pa.RecordBatch]:
        return read_shards(shards(delta, DEFAULT, kind))

    ids = (batch.select(IDS.names) for batch in of("changed"))
    gone = Sorted(merged([of("removed"), ids], IDS), IDS)
    # Of a release of another schema every row was changed or removed.
    kept = without(read_rows(old, RELEASE), gone) if has_this_schema(old) else iter(())
    return merged([kept, of("added"), of("changed")], RELEASE)
