"""Take what was withdrawn since out of somebody's copy of an older release; needs nothing but the folder and the list of tombstones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharelm.errors import ReleaseRefused
from sharelm.release.card import NOTE_BEGINS, replace_configs
from sharelm.release.croissant import NAME as CROISSANT
from sharelm.release.croissant import replace_files
from sharelm.release.layout import DEFAULT, MANIFEST, SPLITS, is_within, read_json
from sharelm.release.parquet import read_shards, shards
from sharelm.release.sorted_rows import KEY
from sharelm.release.workbench import replace_content, workbench
from sharelm.release.write import Written, digests_of, part_writer, parts_pool, write_manifest

KEPT = "tombstones"
"""The config that names what is gone, and stays whole."""


def purge_copy(folder: Path, tombstones: Path) -> int:
    """Rewrite the files in `folder` without the rows that `tombstones` (JSON lines or Parquet) names; how many conversations that were.

    Doing it again changes nothing. The card and the manifest say that it was done; what is left passes `verify`.
    Raises ReleaseRefused if either cannot be read, or if the folder holds a link to another one, where nothing may be written.
    """
    manifest = _read_manifest(folder)
    if any(path.is_symlink() and path.is_dir() for path in folder.rglob("*")):
        raise ReleaseRefused("The copy holds a link to another folder: fetch it anew, or copy it whole.")
    gone = read_ids(tombstones)
    try:
        return _purge(folder, manifest, gone)
    except (FileNotFoundError, IsADirectoryError, KeyError, pa.ArrowException):
        raise ReleaseRefused("The copy is damaged: `release verify` says where. Fetch it anew.") from None


def _purge(folder: Path, manifest: dict[str, Any], gone: pa.Array) -> int:
    found = _count_gone(folder, gone)
    if not found:
        return 0
    with workbench(folder.resolve().parent) as bench:
        written = Written(files=_rewrite(folder, bench, manifest, gone))
        others = [entry["path"] for entry in manifest["files"] if "rows" not in entry]
        for name in others:
            (bench / name).parent.mkdir(parents=True, exist_ok=True)
            (bench / name).write_bytes((folder / name).read_bytes())
        replace_configs(bench / "README.md", written.configs, note=_note(manifest.get("purged", 0) + found))
        digests = digests_of(bench, written.files)
        if CROISSANT in others:
            replace_files(bench, folder / CROISSANT, digests)
        facts = {name: value for name, value in manifest.items() if name != "files"}
        facts |= {"rows": written.row_count, "configs": written.configs, "purged": manifest.get("purged", 0) + found}
        write_manifest(bench, facts, [*((name, None) for name in others), *written.files], digests=digests)
        replace_content(folder, bench)
    return found


def read_ids(tombstones: Path) -> pa.Array:
    """The ids that a list of tombstones names. Raises ReleaseRefused if it is neither JSON lines nor Parquet."""
    try:
        if tombstones.suffix == ".parquet":
            return _as_text(pq.read_table(tombstones, columns=[KEY])[KEY])
        with tombstones.open(encoding="utf-8") as lines:
            return pa.array([json.loads(line)[KEY] for line in lines if line.strip()], pa.string())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ReleaseRefused("The tombstones cannot be read: name a copy of /releases/tombstones.jsonl, or Parquet with conversation_id.") from None


def _as_text(ids: pa.ChunkedArray) -> pa.Array:
    """Whatever wrote them: some programs write long strings, or a dictionary of them. Raises TypeError for numbers."""
    kind = ids.type.value_type if pa.types.is_dictionary(ids.type) else ids.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise TypeError
    return ids.cast(kind).cast(pa.string()).combine_chunks()


def _rewrite(folder: Path, bench: Path, manifest: dict[str, Any], gone: pa.Array) -> list[tuple[str, int]]:
    files: list[tuple[str, int]] = []
    with parts_pool() as pool:
        for config, splits in manifest["configs"].items():
            for split in splits:
                writer = part_writer(bench, config, split, pool)
                for batch in read_shards(shards(folder, config, split)):
                    writer.add(batch if config == KEPT else batch.filter(pc.invert(pc.is_in(batch[KEY], value_set=gone))))
                files += [(f"{config}/{name}", rows) for name, rows in writer.close()]
    return files


def _count_gone(folder: Path, gone: pa.Array) -> int:
    """Of all configs: a copy may lack `default`."""
    found: set[str] = set()
    for path in sorted(folder.glob("*/*.parquet")):
        if path.parent.name != KEPT:
            for batch in read_shards([path], [KEY]):
                found |= set(batch[KEY].filter(pc.is_in(batch[KEY], value_set=gone)).to_pylist())
    return len(found)


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = read_json(folder / MANIFEST)
        stays_within = all(is_within(entry["path"]) for entry in manifest["files"])
        are_configs = all("/" not in config and is_within(config) and set(splits) <= set(SPLITS) for config, splits in manifest["configs"].items())
        has_all = stays_within and are_configs and (DEFAULT in manifest["configs"] or manifest.get("purged"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        has_all = False
    if not has_all:
        raise ReleaseRefused("The folder is no release: it has no manifest of one.")
    return manifest


def _note(count: int) -> str:
    return f"{NOTE_BEGINS} {count:,} conversation{'' if count == 1 else 's'} withdrawn since the release was made. The numbers below are older."
