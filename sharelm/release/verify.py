"""Check the files of a release or a delta against its manifest; needs nothing but the folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sharelm.release.collected import SECTION
from sharelm.release.layout import ALL, DEFAULT, MANIFEST, is_within, read_json, sha256_of
from sharelm.release.schema import ID, RELEASE, SCHEMAS, schema_of
from sharelm.release.signed import NAME, find_forgery

HUBS_OWN = ".gitattributes"
CLIENTS_OWN = ".cache/"
"""What the Hub and its client put beside the files of a dataset; the client's notes are plain files."""


def find_damage(folder: Path, *, is_fetched: bool = False) -> list[str]:
    """One sentence for each thing that is not as the manifest says; empty if all is well.

    What was fetched from the Hub has some files more, and may be links into its client's cache: what they lead to is looked at.
    """
    try:
        manifest = read_json(folder / MANIFEST)
        entries = [(str(entry["path"]), entry) for entry in manifest["files"]]
        known = {*SCHEMAS, *((ALL, *manifest[SECTION]["sources"]) if SECTION in manifest else ())}
    except (OSError, ValueError, KeyError, TypeError):
        return ["manifest.json is missing or cannot be read."]
    listed = {name for name, _ in entries}
    # Links and devices too: who copies the folder would follow them.
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()} - {MANIFEST, NAME}
    others = (name for name in sorted(found - listed) if not (is_fetched and _is_of_hub(folder, name)))
    strangers = [f"{name} is not in the manifest." for name in others]
    there = {name for name, _ in entries if _is_there(folder, name, may_be_link=is_fetched)}
    missing = [f"{name} is missing." for name, _ in entries if name not in there]
    changed = [problem for name, entry in entries if name in there for problem in _look_at(folder, name, entry, known)]
    return [*missing, *changed, *strangers, *find_forgery(folder)]


def _is_of_hub(folder: Path, name: str) -> bool:
    path = folder / name
    return name == HUBS_OWN or (name.startswith(CLIENTS_OWN) and path.is_file() and not path.is_symlink())


def _is_there(folder: Path, name: str, *, may_be_link: bool) -> bool:
    try:
        path = folder / name
        return is_within(name) and path.is_file() and (may_be_link or path.resolve().is_relative_to(folder.resolve()))
    except (OSError, ValueError):  # a name that no disk takes
        return False


def _look_at(folder: Path, name: str, entry: dict[str, Any], known: Collection[str]) -> list[str]:
    try:
        return _check_file(folder, name, entry, known)
    except (OSError, ValueError, pa.ArrowException):  # no Parquet
        return [f"{name} cannot be read."]


def _check_file(folder: Path, name: str, entry: dict[str, Any], known: Collection[str]) -> list[str]:
    path = folder / name
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
