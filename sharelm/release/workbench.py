"""Where releases are made: folders that are complete before they are anybody's, one build at a time, and what dead builds leave behind."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from sharelm.release.layout import DEFAULT, MANIFEST, is_within
from sharelm.release.signed import NAME as SIGNATURE
from sharelm.release.write import sync_folder
from sharelm.store import candidate as candidates
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.store.lock import ProcessLock

LOCK = "release-build"
BENCH_PREFIX = ".building-"


@dataclass(frozen=True, slots=True)
class Places:
    """Final releases with the deltas between them, and the candidate, which nobody is served."""

    releases: Path
    candidates: Path


@contextmanager
def alone(engine: Engine, places: Places) -> Iterator[None]:
    """One build at a time on a database, whoever started it; what dead ones left behind goes first."""
    lock = ProcessLock(engine, LOCK)
    lock.acquire(wait=True)
    try:
        clear(engine, places)
        yield
    finally:
        lock.release()


@contextmanager
def alone_if_free(engine: Engine) -> Iterator[bool]:
    """The same without waiting: False where a build is in progress."""
    lock = ProcessLock(engine, LOCK)
    is_free = lock.acquire(wait=False)
    try:
        yield is_free
    finally:
        lock.release()


def clear(engine: Engine, places: Places) -> int:
    """Erase what builds that died have left; how many folders. The caller is alone."""
    with read(engine) as connection:
        final = {row.version for row in releases.select_releases(connection)}
        waiting = candidates.select_candidate(connection)
    folders = [folder for place in (places.releases, places.candidates) if place.is_dir() for folder in place.iterdir() if folder.is_dir()]
    leftovers = [folder for folder in folders if _is_of_a_build(folder) and not _stays(folder, final, waiting.version if waiting else None, places)]
    for folder in leftovers:
        shutil.rmtree(folder, ignore_errors=True)
    return len(leftovers)


@contextmanager
def workbench(beside: Path) -> Iterator[Path]:
    """A folder on the same disk as the final place, gone afterwards whatever happens."""
    beside.mkdir(parents=True, exist_ok=True)
    bench = Path(tempfile.mkdtemp(prefix=BENCH_PREFIX, dir=beside))
    try:
        yield bench
    finally:
        shutil.rmtree(bench, ignore_errors=True)


def publish_folder(bench: Path, target: Path) -> None:
    """A folder without a registration is the leftover of a build that died; it goes."""
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    replace_content(target, bench)
    sync_folder(target)


def replace_content(target: Path, bench: Path) -> None:
    """Move the new files over the old ones; the manifest last, so that a broken move shows. Files of the earlier build go."""
    files = [path for path in bench.rglob("*") if path.is_file()]
    stale = (_listed_files(target) | {SIGNATURE}) - {str(path.relative_to(bench)) for path in files}
    for path in sorted(files, key=lambda path: path == bench / MANIFEST):
        place = target / path.relative_to(bench)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.part")  # the target may be on another disk
        shutil.move(path, draft)
        os.replace(draft, place)
    for name in stale:
        (target / name).unlink(missing_ok=True)


def _stays(folder: Path, final: set[str], waiting: str | None, places: Places) -> bool:
    if folder.parent == places.candidates:
        return folder.name == waiting
    old, is_delta, new = folder.name.partition("..")
    return {old, new} <= final if is_delta else folder.name in final


def _is_of_a_build(folder: Path) -> bool:
    return folder.name.startswith(BENCH_PREFIX) or (folder / MANIFEST).exists() or (folder / DEFAULT).is_dir()


def _listed_files(folder: Path) -> set[str]:
    try:
        manifest: Mapping[str, list[Mapping[str, str]]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = {entry["path"] for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if is_within(name) and (folder / name).parent.resolve().is_relative_to(folder.resolve())}
