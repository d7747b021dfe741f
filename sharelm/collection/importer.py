"""The loop that all sources share: find the files, cut them into shards, make those that are not finished, then say what came of it.

A shard is known by what its file holds. So importing again does nothing, another file is added, and whatever was interrupted goes on.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from sharelm.collection.anonymise import Anonymise
from sharelm.collection.engines import Engine
from sharelm.collection.inputs import find_files, is_parquet, read_rows, sha256_of
from sharelm.collection.manifest import read_manifest, write_manifest
from sharelm.collection.parquet import group_runs, read_groups
from sharelm.collection.shard import SCHEMAS, Shard, forget_outdated, read_report
from sharelm.collection.source import Source
from sharelm.collection.unique import leave_out_duplicates
from sharelm.errors import ShareLMError

LOCK = ".lock"
Progress = Callable[[int, int], None]
"""Called with how many shards are finished, of how many."""


def import_source(
    source: Source, paths: Sequence[Path], out: Path, *, engine: Engine, anonymise: Anonymise | None = None, progress: Progress = lambda *_: None
) -> dict[str, Any]:
    """Import files and folders of a source into `out`; the manifest of all that is there now. Raises ShareLMError."""
    files = find_files(paths)
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        _check_folder(out, source, is_anonymised=anonymise is not None)
        _clear_drafts(out)
        shards = plan_shards(source, files, out, anonymise)
        forget_outdated(out, shards)
        waiting = [shard for shard in shards if not is_finished(shard)]
        done = len(shards) - len(waiting)
        progress(done, len(shards))
        for number, _ in enumerate(engine(waiting), done + 1):
            progress(number, len(shards))
        _clear_drafts(out)
        leave_out_duplicates(out)
        return write_manifest(out, source, is_anonymised=anonymise is not None)


def plan_shards(source: Source, files: Sequence[Path], out: Path, anonymise: Anonymise | None) -> list[Shard]:
    """The work that there is, finished or not; the same bytes are there once, however often they lie on the disk."""
    conversations = [path for path in files if _holds_conversations(path, source)]
    if not conversations:
        raise ShareLMError("None of the files holds conversations of this source.")
    aside = _aside(source, [path for path in files if path not in set(conversations)])
    with ThreadPoolExecutor(2) as threads:
        digests = list(threads.map(sha256_of, conversations))
    found: dict[str, Shard] = {}
    for path, digest in zip(conversations, digests, strict=True):
        file = PurePath(path.parent.name, path.name)
        for groups in group_runs(path) if is_parquet(path) else [()]:
            shard = Shard(source.name, path, out, file, digest, groups, aside, anonymise)
            found.setdefault(shard.key, shard)
    return list(found.values())


def is_finished(shard: Shard) -> bool:
    """There is a report, and the files that it names are as large as it says."""
    report = read_report(shard.report_path)
    return report is not None and all(_is_there(shard.out, part.path, part.bytes) for part in report.parts)


def _is_there(out: Path, path: str, size: int) -> bool:
    return (out / path).is_file() and (out / path).stat().st_size == size


def _holds_conversations(path: Path, source: Source) -> bool:
    if source.rows is not None:
        return True
    first = next((value for value in islice(_values(path), 20) if isinstance(value, Mapping)), None)
    return first is None or source.keeps(first)


def _aside(source: Source, files: Sequence[Path]) -> Mapping[str, Any]:
    if source.read_aside is None:
        return {}
    return {name: value for path in files for name, value in source.read_aside(_values(path)).items()}


def _values(path: Path) -> Iterator[Any]:
    if is_parquet(path):
        for groups in group_runs(path):
            for _, batch in read_groups(path, groups, ()):
                for start in range(0, batch.num_rows, 100):
                    yield from batch.slice(start, 100).to_pylist()
    else:
        yield from read_rows(path)


def _check_folder(out: Path, source: Source, *, is_anonymised: bool) -> None:
    """A folder holds one source in one form, or its counts would mean nothing."""
    before = read_manifest(out)
    if before and before.get("source") != source.name:
        raise ShareLMError(f"This folder holds the source {before.get('source')}: name another one with --out.")
    if before and before.get("anonymised") != is_anonymised:
        state = "with" if before.get("anonymised") else "without"
        raise ShareLMError(f"This folder holds the source {state} --anonymise: import it likewise, or name another folder with --out.")


def _clear_drafts(out: Path) -> None:
    """What a worker that died had begun."""
    for config in SCHEMAS:
        for draft in (out / config).glob(".train-*"):
            draft.unlink(missing_ok=True)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    with (out / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ShareLMError("Another import is at work in this folder.") from None
        yield
