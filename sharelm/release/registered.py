"""The folders of what is registered: the last release, the candidate that waits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from sharelm.release.layout import MANIFEST, sha256_of
from sharelm.release.plan import ReleasePlan
from sharelm.release.workbench import Places
from sharelm.store import candidate as candidates
from sharelm.store import release as releases

if TYPE_CHECKING:
    from sharelm.release.write import Written


def last_release(places: Places, connection: Connection) -> Path | None:
    """The folder of the last final release; None where there is none, or where its files are not what was registered."""
    for row in releases.select_releases(connection)[:1]:
        folder = places.releases / str(row.version)
        manifest = folder / MANIFEST
        if manifest.is_file() and sha256_of(manifest) == row.manifest_sha256:
            return folder
    return None


def waiting_candidate(places: Places, connection: Connection) -> Path | None:
    row = candidates.select_candidate(connection)
    folder = places.candidates / str(row.version) if row else None
    return folder if folder is not None and (folder / MANIFEST).is_file() else None


def registration(plan: ReleasePlan, written: Written, folder: Path, now: datetime) -> dict[str, Any]:
    """What is stored of a release or a candidate."""
    return {
        "version": plan.version,
        "created_at": now,
        "row_count": written.row_count,
        "contributor_count": len(written.contributors),
        "byte_count": sum((folder / name).stat().st_size for name, _ in written.files),
        "manifest_sha256": sha256_of(folder / MANIFEST),
    }
