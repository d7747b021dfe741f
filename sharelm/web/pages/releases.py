"""Releases: the list, one release with its card and files, and the files themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.errors import English, NotFound
from sharelm.release.plan import VERSION
from sharelm.release.schema import DEFAULT, PREFIX
from sharelm.release.signed import NAME as SIGNATURE
from sharelm.store import release as releases
from sharelm.store import tombstone as tombstone_rows
from sharelm.store.engine import read
from sharelm.web.current import now, server

KEPT_SECONDS = 24 * 3600  # by caches; a release never changes
TOMBSTONES_KEPT_SECONDS = 30  # a withdrawal is named within a minute, caches on the way included
TYPES = {".parquet": "application/vnd.apache.parquet", ".md": "text/markdown", ".json": "application/json", ".svg": "image/svg+xml"}
REASONS = {
    "in hold": English("still within the hold"),
    "not yet anonymised": English("not yet anonymised"),
    "not yet approved": English("not yet approved"),
    "approved later": English("approved after the release was looked at"),
    "quarantined": English("could not be anonymised"),
    "rejected": English("not approved"),
    "empty": English("without text"),
    "one-sided": English("only one side recorded"),
    "provider-error": English("an error message in place of an answer"),
}

blueprint = Blueprint("releases", __name__)


@blueprint.get("/releases")
def index() -> ResponseReturnValue:
    with read(server().engine) as connection:
        rows = releases.select_releases(connection)
    return render_template("releases/index.html", releases=rows, newest=newest_files(rows))


@blueprint.get("/releases/tombstones.jsonl")
def tombstones() -> ResponseReturnValue:
    """What researchers drop from their copies; one line each, sent as it is read."""
    response = Response(tombstone_lines(tombstone_rows.select_in_batches(server().engine, now=now())), mimetype="application/x-ndjson")
    response.headers["Cache-Control"] = f"public, max-age={TOMBSTONES_KEPT_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def tombstone_lines(batches: Iterable[Sequence[Row[Any]]]) -> Iterator[str]:
    for rows in batches:
        yield "".join(json.dumps(tombstone_facts(row)) + "\n" for row in rows)


def tombstone_facts(row: Row[Any]) -> dict[str, str]:
    """`conversation_id` as the releases have it, `public_id` as pages and receipts have it."""
    return {
        "public_id": row.public_id,
        "conversation_id": f"{PREFIX}{row.public_id}",
        "first_release": row.first_release,
        "last_release": row.last_release,
        "date": row.withdrawn_on,
        "reason": row.reason,
    }


@blueprint.get("/releases/<version>")
def show(version: str) -> ResponseReturnValue:
    row, is_newest = find_release(version)
    manifest = read_manifest(row)
    return render_template("releases/show.html", release=row, is_newest=is_newest, manifest=manifest, files=data_files(manifest), reasons=REASONS)


@blueprint.get("/releases/<version>/<path:name>")
def file(version: str, name: str) -> ResponseReturnValue:
    row, _ = find_release(version)
    if name not in {"manifest.json", SIGNATURE} and name not in {entry["path"] for entry in read_manifest(row)["files"]}:
        raise NotFound(English("There is no such file in this release."))
    mimetype = next((kind for ending, kind in TYPES.items() if name.endswith(ending)), "application/octet-stream")
    response = send_from_directory(server().releases_folder / row.version, name, mimetype=mimetype, conditional=True, max_age=KEPT_SECONDS)
    response.headers["Access-Control-Allow-Origin"] = "*"  # viewers of datasets in the browser
    return response


def find_release(version: str) -> tuple[Row[Any], bool]:
    """A registered release, and whether it is the newest. A folder that is not registered is no release."""
    with read(server().engine) as connection:
        rows = releases.select_releases(connection) if VERSION.fullmatch(version) else []
    for place, row in enumerate(rows):
        if row.version == version:
            return row, place == 0
    raise NotFound(English("There is no such release."))


def read_manifest(release: Row[Any]) -> dict[str, Any]:
    """Raises NotFound where the files of a registered release are gone, as after a database was moved without its folder."""
    try:
        manifest: dict[str, Any] = json.loads((server().releases_folder / release.version / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotFound(English("The files of this release are not on this server.")) from None
    return manifest


def newest_files(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Of the newest release, for the list; the list itself stands without them."""
    try:
        return data_files(read_manifest(rows[0])) if rows else []
    except NotFound:
        return []


def data_files(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The files with whole conversations; the others hold the same in other forms."""
    return [entry for entry in manifest["files"] if entry["path"].startswith(f"{DEFAULT}/")]
