"""Build a release: into a folder for looking at, or final at once, registered and served.

A final build first pins its conversations (store.release), then reads them without a lock: who goes on chatting meanwhile
changes the next release, not this one. A build that dies leaves pins that the next one takes back.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from sharelm.errors import NothingToRelease, ReleaseRefused
from sharelm.keys import Keys, pseudonym
from sharelm.release.card import CardFacts, write_card
from sharelm.release.gate import find_obstacles, written_hashes
from sharelm.release.licences import licence_by_model
from sharelm.release.plan import ROWS_PER_SHARD, ReleasePlan, Remainder, next_version, plan_release
from sharelm.release.redactions import Redactions, sum_redactions
from sharelm.release.rows import RELEASE, Publisher
from sharelm.release.write import CONFIG, Written, sync_folder, write_manifest, write_parquet
from sharelm.store import release as releases
from sharelm.store.arrow import stream_candidates
from sharelm.store.engine import read, write
from sharelm.store.lock import ProcessLock
from sharelm.vocabulary import Stage

PIN_BATCH = 1_000
LOCK = "release-build"
BENCH_PREFIX = ".building-"
TRIES = 3


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a build works with."""

    engine: Engine
    keys: Keys
    releases_folder: Path
    instance: Path
    card: CardFacts
    code_version: str
    band: Callable[[int], str]  # what is said of a number of conversations beside a name


def draft_release(shop: Workshop, version: str | None, out: Path, *, now: datetime) -> ReleasePlan:
    """Write the content of a release into `out` and register nothing; doing it again gives the same bytes.

    Raises NothingToRelease, or ReleaseRefused if the gate finds something.
    """
    with _alone(shop):
        with read(shop.engine) as connection:
            version = version or next_version((row.version for row in releases.select_releases(connection)), now)
        plan = _plan(shop, version, now=now)
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not (out / "manifest.json").exists():
            raise ReleaseRefused("The folder holds other things: name an empty folder, or one with an earlier build.")
        with _workbench(shop.releases_folder) as bench:
            _write(shop, plan, bench, _named(shop, now=now), now=now, stages=releases.NEW_FORM)
            _replace_content(out, bench)
        return plan


def build_release(shop: Workshop, version: str | None, *, now: datetime) -> ReleasePlan:
    """Build and register a final release: its rows become `released`, its folder is served.

    Raises NothingToRelease, or ReleaseRefused if the version exists or the gate finds something.
    """
    with _alone(shop):
        return _build_alone(shop, version, now=now)


def clear_unfinished_builds(shop: Workshop) -> int:
    """Erase the files of builds that died, which no withdrawal would reach; how many folders. Leaves a build in progress alone."""
    lock = ProcessLock(shop.engine, LOCK)
    if not lock.acquire(wait=False):
        return 0
    try:
        return _clear(shop)
    finally:
        lock.release()


def is_building(shop: Workshop) -> bool:
    """Whether a build is in progress: its unfinished files may hold what was withdrawn since it began."""
    lock = ProcessLock(shop.engine, LOCK)
    is_free = lock.acquire(wait=False)
    lock.release()
    return not is_free


def _build_alone(shop: Workshop, version: str | None, *, now: datetime) -> ReleasePlan:
    with write(shop.engine) as connection:
        releases.unpin_unfinished(connection)
        taken = [row.version for row in releases.select_releases(connection)]
    version = version or next_version(taken, now)
    if version in taken:
        raise ReleaseRefused(f"Release {version} exists and never changes: choose another version.")
    _plan(shop, version, now=now)
    try:
        _pin(shop, version, now=now)
        return _finish(shop, version, now=now)
    except BaseException:
        with write(shop.engine) as connection:
            releases.unpin_unfinished(connection)
        raise


@contextmanager
def _alone(shop: Workshop) -> Iterator[None]:
    """One build at a time on a database, whoever started it; what dead ones left behind goes first."""
    lock = ProcessLock(shop.engine, LOCK)
    lock.acquire(wait=True)
    try:
        _clear(shop)
        yield
    finally:
        lock.release()


def _clear(shop: Workshop) -> int:
    with read(shop.engine) as connection:
        final = {row.version for row in releases.select_releases(connection)}
    folders = shop.releases_folder.iterdir() if shop.releases_folder.is_dir() else ()
    leftovers = [folder for folder in folders if folder.is_dir() and folder.name not in final and _is_of_a_build(folder)]
    for folder in leftovers:
        shutil.rmtree(folder, ignore_errors=True)
    return len(leftovers)


def _is_of_a_build(folder: Path) -> bool:
    return folder.name.startswith(BENCH_PREFIX) or (folder / "manifest.json").exists() or (folder / CONFIG).is_dir()


def _plan(shop: Workshop, version: str, *, now: datetime) -> ReleasePlan:
    with read(shop.engine) as connection:
        candidates = releases.count_candidates(connection, now=now)
        remainders = [Remainder(Stage(row[0]), *row[1:]) for row in releases.count_left_out(connection, now=now)]
    plan = plan_release(version, candidates, remainders)
    if not plan.row_count:
        raise NothingToRelease("Nothing to release: no conversation is anonymised, approved and past its hold.")
    return plan


def _pin(shop: Workshop, version: str, *, now: datetime) -> None:
    pinned = 1
    while pinned:
        with write(shop.engine) as connection:
            pinned = releases.pin_ready(connection, version, now=now, limit=PIN_BATCH)


def _finish(shop: Workshop, version: str, *, now: datetime) -> ReleasePlan:
    """Write, look, register; written anew if somebody withdrew or took that back, took something out, or chose to be named no more meanwhile."""
    for _ in range(TRIES):
        plan = _plan(shop, version, now=now)
        with _workbench(shop.releases_folder) as bench:
            named = _named(shop, now=now)
            written, manifest_sha256 = _write(shop, plan, bench, named, now=now, stages=releases.PINNED)
            with write(shop.engine) as connection:
                releases.lock_registration(connection, is_shared=False)
                if _has_changed(connection, bench, written, now=now) or releases.select_named(connection, now=now) != named:
                    continue
                releases.unpin_absent(connection, version, now=now)
                releases.insert_left_out(connection, version, now=now)
                _publish_folder(bench, shop.releases_folder / version)
                releases.insert_release(connection, _registration(plan, written, shop.releases_folder / version, manifest_sha256, now))
        return plan
    raise ReleaseRefused("Conversations were withdrawn or corrected faster than the release could be written: try again.")


def _has_changed(connection: Connection, bench: Path, written: Written, *, now: datetime) -> bool:
    """Whether the files hold something that has changed, or less than they should: somebody took a withdrawal back after they were written."""
    if any(releases.count_changed_among(connection, hashes) for hashes in written_hashes(bench)):
        return True
    return releases.count_pinned_candidates(connection, now=now) != written.row_count


def _named(shop: Workshop, *, now: datetime) -> list[tuple[str, int]]:
    with read(shop.engine) as connection:
        return releases.select_named(connection, now=now)


def _write(
    shop: Workshop, plan: ReleasePlan, folder: Path, named: list[tuple[str, int]], *, now: datetime, stages: Sequence[Stage]
) -> tuple[Written, str]:
    """All files of the release; the manifest's own SHA-256. Raises ReleaseRefused if the gate finds something."""
    licence = licence_by_model(shop.card.licence, shop.instance)
    publisher = Publisher(plan.version, lambda number: pseudonym(shop.keys, number) if number else None, licence)
    written = write_parquet(folder, stream_candidates(shop.engine, now=now, stages=stages), publisher, rows_per_shard=ROWS_PER_SHARD)
    redactions = _redactions(shop, now=now, stages=stages)
    card = replace(shop.card, version=plan.version)
    write_card(folder, card, written, plan.left_out, redactions, [(name, shop.band(count)) for name, count in named])
    manifest_sha256 = write_manifest(folder, _manifest(shop, plan, written, redactions), [("README.md", None), *written.files])
    sync_folder(folder)
    obstacles = find_obstacles(folder, row_count=written.row_count)
    if obstacles:
        raise ReleaseRefused(" ".join(obstacles))
    return written, manifest_sha256


def _redactions(shop: Workshop, *, now: datetime, stages: Sequence[Stage]) -> Redactions:
    with read(shop.engine) as connection:
        return sum_redactions(releases.select_redaction_logs(connection, now=now, stages=stages))


def _manifest(shop: Workshop, plan: ReleasePlan, written: Written, redactions: Redactions) -> dict[str, object]:
    return {
        "version": plan.version,
        "rows": written.row_count,
        "contributors": len(written.contributors),
        "ungrouped": written.ungrouped_count,
        "messages": written.message_count,
        "left_out": dict(plan.left_out),
        "licences": dict(sorted(written.licences.items())),
        "schema": [{"name": column.name, "type": str(column.type)} for column in RELEASE],
        "anonymiser_version": shop.card.anonymiser_version,
        "redactions": redactions.facts(),
        "code_version": shop.code_version,
    }


def _registration(plan: ReleasePlan, written: Written, folder: Path, manifest_sha256: str, now: datetime) -> dict[str, object]:
    byte_count = sum((folder / name).stat().st_size for name, _ in written.files)
    return {
        "version": plan.version,
        "created_at": now,
        "row_count": written.row_count,
        "contributor_count": len(written.contributors),
        "byte_count": byte_count,
        "manifest_sha256": manifest_sha256,
    }


@contextmanager
def _workbench(beside: Path) -> Iterator[Path]:
    """A folder on the same disk as the final place, gone afterwards whatever happens."""
    beside.mkdir(parents=True, exist_ok=True)
    bench = Path(tempfile.mkdtemp(prefix=BENCH_PREFIX, dir=beside))
    try:
        yield bench
    finally:
        shutil.rmtree(bench, ignore_errors=True)


def _publish_folder(bench: Path, target: Path) -> None:
    """A folder without a registration is the leftover of a build that died; it goes."""
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    _replace_content(target, bench)
    sync_folder(target)


def _replace_content(target: Path, bench: Path) -> None:
    """Move the new files over the old ones; the manifest last, so that a broken move shows. Files of the earlier build go."""
    stale = _listed_files(target) - {str(path.relative_to(bench)) for path in bench.rglob("*") if path.is_file()}
    for path in sorted((path for path in bench.rglob("*") if path.is_file()), key=lambda path: path.name == "manifest.json"):
        place = target / path.relative_to(bench)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.part")  # the target may be on another disk
        shutil.move(path, draft)
        os.replace(draft, place)
    for name in stale:
        (target / name).unlink(missing_ok=True)


def _listed_files(folder: Path) -> set[str]:
    try:
        manifest: Mapping[str, list[Mapping[str, str]]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        names = {entry["path"] for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if (folder / name).resolve().is_relative_to(folder.resolve())}
