"""Releases: the list, and one release with what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.errors import English, NotFound
from sharelm.release.plan import VERSION
from sharelm.release.schema import DEFAULT
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.pages.release_files import read_manifest

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


@blueprint.get("/releases/<version>")
def show(version: str) -> ResponseReturnValue:
    row, is_newest = find_release(version)
    manifest = read_manifest(server().releases_folder / row.version)
    return render_template("releases/show.html", release=row, is_newest=is_newest, manifest=manifest, files=data_files(manifest), reasons=REASONS)


def find_release(version: str) -> tuple[Row[Any], bool]:
    """A registered release, and whether it is the newest. A folder that is not registered is no release."""
    with read(server().engine) as connection:
        rows = releases.select_releases(connection) if VERSION.fullmatch(version) else []
    for place, row in enumerate(rows):
        if row.version == version:
            return row, place == 0
    raise NotFound(English("There is no such release."))


def newest_files(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Of the newest release, for the list; the list itself stands without them."""
    try:
        return data_files(read_manifest(server().releases_folder / rows[0].version)) if rows else []
    except NotFound:
        return []


def data_files(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The files with whole conversations; the others hold the same in other forms."""
    return [entry for entry in manifest["files"] if entry["path"].startswith(f"{DEFAULT}/")]
