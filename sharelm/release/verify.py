"""Check the files of a release or a delta against its manifest; needs nothing but the folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sharelm.release.collected import SECTION
from sharelm.release.layout import ALL, DEFAULT, MANIFEST, read_json, sha256_of
from sharelm.release.schema import ID, RELEASE, SCHEMAS, schema_of
from sharelm.release.signed import NAME, find_forgery


def find_damage(folder: Path) -> list[str]:
    """One sentence for each thing that is not as the manifest says; empty if all is well."""
    try:
        manifest = read_json(folder / MANIFEST)
        entries = [(str(entry["path"]), entry) for entry in manifest["files"]]
        known = {*SCHEMAS, *((ALL, *manifest[SECTION]["sources"]) if SECTION in manifest else ())}
    except (OSError, ValueError, KeyError, TypeError):
        return ["manifest.json is missing or cannot be read."]
    listed = {name for name, _ in entries}
    # Links and devices too: who copies the folder would follow them.
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()} - {MANIFEST, NAME}
    strangers = [f"{name} is not in the manifest." for name in sorted(found - listed)]
    return [problem for name, entry in entries for problem in _look_at(folder, name, entry, known)] + strangers + find_forgery(folder)


def _look_at(folder: Path, name: str, entry: dict[str, Any], known: Collection[str]) -> list[str]:
    try:
        return _check_file(folder, name, entry, known)
    except (OSError, ValueError, pa.ArrowException):  # no Parquet, or a name that no disk takes
        return [f"{name} cannot be read."]


def _check_file(folder: Path, name: str, entry: dict[str, Any], known: Collection[str]) -> list[str]:
    path = folder / name
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        return [f"{name} is missing."]
    if path.stat().st_size != entry.get("bytes") or sha256_of(path) != entry.get("sha256"):
        return [f"{name} was changed: its checksum is another."]
    if path.suffix == ".parquet" and "rows" in entry:
        return _check_parquet(path, name, entry, known)
    return []


def _check_parquet(path: Path, name: str, entry: dict[str, Any], known: Collection[str]) -> list[str]:
    with pq.ParquetFile(path) as file:
        expected = _schema_of(name, known)
        if expected is None:
            return [f"{name} belongs to no known config."]
        problems = [] if file.schema_arrow.equals(expected) else [f"{name} has another schema."]
        return problems if file.metadata.num_rows == entry.get("rows") else [*problems, f"{name} has another number of rows."]


def _schema_of(name: str, known: Collection[str]) -> pa.Schema | None:
    config, _, file = name.partition("/")
    kind = file.partition("-")[0]
    if config == DEFAULT and kind in {"added", "changed"}:
        return RELEASE
    if config == DEFAULT and kind == "removed":
        return pa.schema([ID])
    return schema_of(config) if config in known else None
