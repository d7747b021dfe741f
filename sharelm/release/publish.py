"""Publish a final release: a copy in a folder, or one commit and one tag on the Hugging Face Hub. Nothing is built or changed here.

Each step looks first at what is there already, so a publication that died is finished by asking for it again.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sharelm.errors import ReleaseRefused
from sharelm.release.layout import MANIFEST, read_json
from sharelm.release.verify import find_damage

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Answer = TypeVar("Answer")
DATASET = "dataset"
REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
BRANCH = "main"
HUB = "https://huggingface.co"
KEPT = {".gitattributes"}  # the Hub's own file
TRIES = 6
FIRST_PAUSE = 1.0  # seconds; doubled with each try
LONGEST_PAUSE = 60.0
PASSING = {408, 425, 429, 500, 502, 503, 504}  # HTTP statuses after which asking again may help
CHANGED_MEANWHILE = 412
TAKEN = 409
MISSING = 404


@dataclass(frozen=True, slots=True)
class Hub:
    """Where to publish and how to wait. `pause` sleeps for so many seconds."""

    api: HfApi
    repo: str
    pause: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Changes:
    """What one commit does: paths to add or replace, and paths to delete."""

    added: tuple[str, ...]
    deleted: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.deleted)


@dataclass(frozen=True, slots=True)
class Published:
    """`commit` is None for a dry run; empty `changes` mean that everything was there already."""

    commit: str | None
    changes: Changes


def hub_at(repo: str, *, endpoint: str, token: str, pause: Callable[[float], None]) -> Hub:
    """A dataset repository, `owner/name`. Raises ReleaseRefused for what is no name of one."""
    from huggingface_hub import HfApi

    if not REPO.fullmatch(repo):
        raise ReleaseRefused("A repository of the Hub is named OWNER/NAME, of letters, digits and - . _")
    return Hub(HfApi(endpoint=endpoint, token=token), repo, pause)


def publish_to_folder(release: Path, target: Path) -> bool:
    """Copy the release to `target/<version>`; False if it is there already.

    Raises ReleaseRefused if the release is damaged, or if another one of that version stands there.
    """
    _check(release)
    place = target / release.name
    if place.exists():
        if find_damage(place) or read_json(place / MANIFEST) != read_json(release / MANIFEST):
            raise ReleaseRefused(f"{place} holds something else: a release never changes.")
        return False
    target.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{release.name}-", dir=target))
    try:
        shutil.copytree(release, draft, dirs_exist_ok=True)
        draft.chmod(release.stat().st_mode)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


def publish_to_hub(hub: Hub, release: Path, *, is_private: bool = False, gated: str | None = None, is_dry_run: bool = False) -> Published:
    """Make the repository if need be, commit the release to its `main`, tag the commit with the version.

    `gated` is "auto", "manual" or "no"; None leaves the repository's setting as it is. Raises ReleaseRefused with one sentence.
    """
    _check(release)
    files = local_files(release)
    if is_dry_run:
        return Published(None, changes_between(_remote_files(hub, BRANCH), files))
    _ask(hub, lambda: hub.api.create_repo(hub.repo, repo_type=DATASET, private=is_private, exist_ok=True))
    tagged = _refs(hub).tags.get(release.name)
    if tagged is not None:
        if changes_between(_remote_files(hub, tagged), files):
            raise ReleaseRefused(f"{hub.repo} has a tag {release.name} on other files: a release never changes.")
        return Published(tagged, Changes((), ()))
    if gated is not None:
        _ask(hub, lambda: hub.api.update_repo_settings(hub.repo, repo_type=DATASET, gated=False if gated == "no" else gated))  # type: ignore[arg-type]
    published = _commit(hub, release, files)
    _tag(hub, release.name, published.commit or BRANCH)
    return published


def plan_purge(hub: Hub, release: Path) -> tuple[int, int]:
    """What `purge_hub` would delete: (tags of other releases, stored files)."""
    _check(release)
    return len(_refs(hub).tags.keys() - {release.name}), len(_stale_files(hub, release))


def purge_hub(hub: Hub, release: Path) -> tuple[int, int]:
    """Leave nothing on the Hub but this release: (tags, stored files) that were deleted; see docs/erasure-on-the-hub.md.

    First the commit without what was withdrawn, then what still leads to the old ones. Doing it again finishes what was interrupted.
    """
    _check(release)
    _commit(hub, release, local_files(release))
    old_tags = sorted(_refs(hub).tags)
    for tag in old_tags:
        _ask(hub, lambda tag=tag: hub.api.delete_tag(hub.repo, tag=tag, repo_type=DATASET))  # type: ignore[misc]
    _ask(hub, lambda: hub.api.super_squash_history(hub.repo, branch=BRANCH, repo_type=DATASET))
    stale = _stale_files(hub, release)
    if stale:
        _ask(hub, lambda: hub.api.permanently_delete_lfs_files(hub.repo, stale, rewrite_history=True, repo_type=DATASET))
    _tag(hub, release.name, BRANCH)
    return len([tag for tag in old_tags if tag != release.name]), len(stale)


def local_files(release: Path) -> dict[str, tuple[str, str]]:
    """Each file of the release with its SHA-256, as Git LFS names it, and its Git blob id."""
    return {str(path.relative_to(release)): _digests(path) for path in sorted(release.rglob("*")) if path.is_file()}


def changes_between(remote: Mapping[str, str], local: Mapping[str, tuple[str, str]]) -> Changes:
    """What makes the repository equal to the release. `remote` has the SHA-256 of stored files and the blob id of all others."""
    added = tuple(path for path, digests in sorted(local.items()) if remote.get(path) not in digests)
    return Changes(added, tuple(sorted(remote.keys() - local.keys() - KEPT)))


def _stale_files(hub: Hub, release: Path) -> list[Any]:
    """Stored files of the repository that the release does not have."""
    kept = {sha256 for sha256, _ in local_files(release).values()}
    stored: list[Any] = _ask(hub, lambda: list(hub.api.list_lfs_files(hub.repo, repo_type=DATASET)))
    return [file for file in stored if file.file_oid not in kept]


@dataclass(frozen=True, slots=True)
class _Refs:
    head: str | None
    tags: Mapping[str, str]


def _check(release: Path) -> None:
    damage = find_damage(release)
    if damage:
        raise ReleaseRefused(" ".join(damage))


def _digests(path: Path) -> tuple[str, str]:
    sha256, blob = hashlib.sha256(), hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            sha256.update(piece)
            blob.update(piece)
    return sha256.hexdigest(), blob.hexdigest()


def _commit(hub: Hub, release: Path, files: Mapping[str, tuple[str, str]]) -> Published:
    """Commit what is not there yet. Looks anew before each try: the answer to one that succeeded may have been lost, or somebody else committed."""
    for number in range(TRIES):
        head = _refs(hub).head
        changes = changes_between(_remote_files(hub, BRANCH), files)
        if not changes and head is not None:
            return Published(head, changes)
        try:
            return Published(_create_commit(hub, release, changes, files=files, head=head), changes)
        except _failures() as problem:
            if _status(problem) != CHANGED_MEANWHILE:
                _wait_or_give_up(hub, problem, number)
    raise ReleaseRefused(f"{hub.repo} changes while it is written: see who else commits to it, then try again.")


def _create_commit(hub: Hub, release: Path, changes: Changes, *, files: Mapping[str, tuple[str, str]], head: str | None) -> str:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    with ExitStack() as stack:
        # Xet, which sends only the changed chunks of a file, is the Hub's alone; an open file goes by plain HTTP to whatever speaks its protocol.
        by_path = changes.added if hub.api.endpoint == HUB else _shared(files, changes.added)
        sources = {path: release / path if path in by_path else stack.enter_context((release / path).open("rb")) for path in changes.added}
        operations: list[Any] = [CommitOperationAdd(path, source) for path, source in sources.items()]
        operations += [CommitOperationDelete(path) for path in changes.deleted]
        message = f"Release {release.name}"
        try:
            done = hub.api.create_commit(hub.repo, operations, commit_message=message, repo_type=DATASET, revision=BRANCH, parent_commit=head)
        except RuntimeError as problem:  # so the library says that a file could not be sent, and why in the cause
            raise problem.__cause__ if isinstance(problem.__cause__, _failures()) else problem from None
    return str(done.oid)


def _shared(files: Mapping[str, tuple[str, str]], paths: Collection[str]) -> set[str]:
    """Of the files with one content all but the first: the library sends the last one once for each, at the same time, and each needs its own place
    in the file."""
    first: dict[str, str] = {}
    return {path for path in paths if first.setdefault(files[path][0], path) != path}


def _failures() -> tuple[type[Exception], ...]:
    """What the library raises for an answer that is an error, and where there is no answer."""
    from httpx2 import HTTPError

    return OSError, HTTPError


def _tag(hub: Hub, version: str, revision: str) -> None:
    """A tag that stands already is one that was made by a try whose answer was lost: publishing looked for others before."""
    try:
        _ask(hub, lambda: hub.api.create_tag(hub.repo, tag=version, revision=revision, repo_type=DATASET), passes={TAKEN})
    except _failures():
        standing = _refs(hub).tags.get(version)
        if revision not in {standing, BRANCH}:
            raise ReleaseRefused(f"{hub.repo} has a tag {version} on another commit: delete it or choose another version.") from None


def _refs(hub: Hub) -> _Refs:
    refs = _ask(hub, lambda: hub.api.list_repo_refs(hub.repo, repo_type=DATASET))
    head = next((branch.target_commit for branch in refs.branches if branch.name == BRANCH), None)
    return _Refs(head, {tag.name: tag.target_commit for tag in refs.tags})


def _remote_files(hub: Hub, revision: str) -> dict[str, str]:
    """Each file of the repository with its digest; none where there is nothing yet."""
    try:
        tree: Iterable[Any] = _ask(
            hub, lambda: list(hub.api.list_repo_tree(hub.repo, recursive=True, revision=revision, repo_type=DATASET)), passes={MISSING}
        )
    except _failures():
        return {}
    return {entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id for entry in tree if hasattr(entry, "blob_id")}


def _ask(hub: Hub, request: Callable[[], Answer], *, passes: Collection[int | None] = ()) -> Answer:
    """The answer to a request that may be sent twice. A status among `passes` is the caller's; raises ReleaseRefused for every other one."""
    for number in range(TRIES):
        try:
            return request()
        except _failures() as problem:
            if _status(problem) in passes:
                raise
            _wait_or_give_up(hub, problem, number)
    raise AssertionError("the last try ends in an answer or an error")


def _wait_or_give_up(hub: Hub, problem: Exception, number: int) -> None:
    from huggingface_hub.errors import OfflineModeIsEnabled

    status = _status(problem)
    if isinstance(problem, OfflineModeIsEnabled):
        raise ReleaseRefused("HF_HUB_OFFLINE is set: nothing can be published.") from None
    if (status is not None and status not in PASSING) or number + 1 == TRIES:
        raise ReleaseRefused(_reason(hub, status)) from None
    hub.pause(_pause_after(problem, number))


def _reason(hub: Hub, status: int | None) -> str:
    if status in {401, 403, MISSING}:
        return f"{hub.api.endpoint} does not let this token write to {hub.repo} ({status}): set HF_TOKEN to one that may."
    what = "does not answer" if status is None else f"answers {status}"
    return f"{hub.api.endpoint} {what}. Nothing is lost: publish again, and it goes on where it stopped."


def _status(problem: Exception) -> int | None:
    """Of the HTTP answer; None where there was no answer."""
    response = getattr(problem, "response", None)
    return None if response is None else int(response.status_code)


def _pause_after(problem: Exception, number: int) -> float:
    """Seconds: what the server asks for, else doubled each time, with a jitter so that two publishers do not keep meeting."""
    response: Any = getattr(problem, "response", None)
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    pause = float(asked) if asked.isdecimal() else FIRST_PAUSE * 2**number * (1 + random.random())
    return min(pause, LONGEST_PAUSE)
