"""The files of releases and of the deltas between them, for programs: parts of them, from pages of any site, and only what a manifest names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from werkzeug.exceptions import PreconditionFailed

from sharelm.errors import English, NotFound
from sharelm.release.layout import MANIFEST, PREFIX, read_json, sha256_of
from sharelm.release.plan import VERSION
from sharelm.release.signed import NAME as SIGNATURE
from sharelm.store import release as releases
from sharelm.store import tombstone as tombstone_rows
from sharelm.store.engine import read
from sharelm.web.current import now, server

NO_BYTES = re.compile(r"\s*bytes\s*=\s*-0+\s*", re.IGNORECASE)
KEPT_SECONDS = 24 * 3600  # by caches; a release never changes
TOMBSTONES_KEPT_SECONDS = 30  # a withdrawal is named within a minute, caches on the way included
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".cff": "application/yaml",
    ".py": "text/x-python",
}
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",  # viewers of datasets in the browser
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-Match, If-None-Match, If-Range, Range",
    "Access-Control-Max-Age": "86400",
}

blueprint = Blueprint("release_files", __name__)


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    response.headers.update(OPEN_TO_ALL | (PREFLIGHT if request.method == "OPTIONS" else {}))
    return response


@blueprint.get("/releases/tombstones.jsonl")
def tombstones() -> ResponseReturnValue:
    """What researchers drop from their copies; one line each, sent as it is read."""
    response = Response(tombstone_lines(tombstone_rows.select_in_batches(server().engine, now=now())), mimetype="application/x-ndjson")
    response.headers["Cache-Control"] = f"public, max-age={TOMBSTONES_KEPT_SECONDS}"
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


@blueprint.get("/releases/<version>/<path:name>")
def file(version: str, name: str) -> ResponseReturnValue:
    """A file, whole or in part (RFC 9110, 14): its strong ETag is its SHA-256, as the manifest has it."""
    folder = find_folder(version)
    digests = known_digests(folder)
    if name not in digests:
        raise NotFound(English("There is no such file in this release."))
    mimetype = next((kind for ending, kind in TYPES.items() if name.endswith(ending)), "application/octet-stream")
    etag = digests[name] or sha256_of(folder / name)
    response = send_from_directory(folder, name, mimetype=mimetype, conditional=False, etag=etag, max_age=KEPT_SECONDS)
    return in_part(response)


def in_part(response: Response) -> Response:
    """Nothing where nothing has changed, otherwise the part that was asked for."""
    size = response.content_length
    whole = {name: value for name, value in request.environ.items() if name != "HTTP_RANGE"}
    response.make_conditional(whole, accept_ranges=True, complete_length=size)
    if response.status_code == PreconditionFailed.code:
        raise PreconditionFailed
    wanted = wanted_range(size or 0) if is_continued(response) else None
    if response.status_code != 200 or wanted is None:
        return response
    response.make_conditional({**whole, "HTTP_RANGE": wanted}, accept_ranges=True, complete_length=size)
    return response


def is_continued(response: Response) -> bool:
    """Whether a part goes on with what the client has: only where `If-Range` names this very tag, or this very time. A weak tag says too little."""
    etag = response.headers["ETag"]
    return request.headers.get("If-Range", etag).strip() in {etag, response.headers["Last-Modified"]}


def wanted_range(size: int) -> str | None:
    """One range of bytes. Other units and several ranges at once are answered with the whole file, as the RFC allows."""
    if request.method == "GET" and NO_BYTES.fullmatch(request.headers.get("range", "")):
        return f"bytes={size}-"  # the last none of them: there is no such part
    found = request.range if request.method == "GET" else None
    if found is None or found.units != "bytes" or len(found.ranges) != 1:
        return None
    return "bytes=0-" if found.ranges[0][0] < -size else request.headers["range"]  # the last million bytes of a small file are all of it


def find_folder(version: str) -> Path:
    """Of a registered release (`2026.11.1`) or of the delta between two (`2026.11.0..2026.11.1`). A folder that is not registered is none."""
    names = version.split("..")
    with read(server().engine) as connection:
        known = {row.version for row in releases.select_releases(connection)} if all(map(VERSION.fullmatch, names)) else set()
    if len(names) > 2 or not set(names) <= known:
        raise NotFound(English("There is no such release."))
    return server().releases_folder / version


def known_digests(folder: Path) -> dict[str, str | None]:
    """The SHA-256 of every file that may be fetched, by path; None for those that no manifest names."""
    manifest = read_manifest(folder)
    bare = [name for name in (MANIFEST, SIGNATURE) if (folder / name).is_file()]
    return dict.fromkeys(bare) | {entry["path"]: entry["sha256"] for entry in manifest["files"]}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises NotFound where the files of a registered release are gone, as after a database was moved without its folder."""
    try:
        manifest = read_json(folder / MANIFEST)
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
        raise NotFound(English("The files of this release are not on this server."))
    return manifest
