"""Releases: the list, and one release with what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Row

from sharelm.errors import English, NotFound
from sharelm.release.layout import DEFAULT, MANIFEST, PREFIX
from sharelm.release.plan import VERSION
from sharelm.release.preview import first_rows
from sharelm.release.told import FEWEST_SHOWN, REST
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.language import gettext
from sharelm.web.pages import charts
from sharelm.web.pages.figures import language_name, month_name, platform_name
from sharelm.web.pages.release_files import read_manifest
from sharelm.web.pages.wording import number

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

LOOKED_AT, PREVIEWED = 20, 3  # rows
GROUPS: dict[str, tuple[dict[str, English], Callable[[str], str]]] = {
    "models": ({"title": English("Models"), "word": English("Model")}, str),
    "languages": ({"title": English("Languages"), "word": English("Language")}, language_name),
    "platforms": ({"title": English("Platforms"), "word": English("Platform")}, platform_name),
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
    folder = server().releases_folder / row.version
    manifest = read_manifest(folder)
    files = data_files(manifest)
    return render_template(
        "releases/show.html",
        release=row,
        is_newest=is_newest,
        manifest=manifest,
        manifest_bytes=(folder / MANIFEST).stat().st_size,
        files=files,
        preview=preview(folder, files),
        changes=changes(manifest),
        by_month=months_drawn(known_months(manifest)),
        months=[(month_name(name), count) for name, count in reversed(known_months(manifest).items())],
        groups=counted_groups(manifest),
        fewest=FEWEST_SHOWN,
        thumbs=sum(count for found in manifest.get("thumbs", {}).values() for count in found.values()),
        charts=charts,
        language_name=language_name,
        reasons=REASONS,
    )


def changes(manifest: dict[str, Any]) -> dict[str, Any] | None:
    """What the delta to the release before says; None where there is none on this server."""
    between = f"{manifest.get('previous')}..{manifest['version']}"
    try:
        return read_manifest(server().releases_folder / between) | {"name": between}
    except NotFound:
        return None


def preview(folder: Path, files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first rows that nobody withdrew or corrected since: the page shows no text that its contributor took back."""
    rows = first_rows((folder / file["path"] for file in files), most=LOOKED_AT)
    ids = {row["conversation_id"]: row["conversation_id"].removeprefix(PREFIX) for row in rows}
    with read(server().engine) as connection:
        unchanged = releases.select_unchanged_among(connection, {ids[row["conversation_id"]]: row["content_hash"] for row in rows})
    return [row for row in rows if ids[row["conversation_id"]] in unchanged][:PREVIEWED]


def known_months(manifest: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in manifest.get("counts", {}).get("months", {}).items() if name != REST}


def months_drawn(months: Mapping[str, int]) -> Markup | None:
    if not months:
        return None
    most = max(months, key=lambda name: months[name])
    seen = gettext("Most in %(month)s: %(count)s.", month=month_name(most), count=number(months[most]))
    words = charts.Words("months", gettext("Conversations begun, by month"), seen)
    return charts.bars(words, [(month_name(name), count) for name, count in months.items()])


def counted_groups(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Models, languages and platforms for the template, with the largest count, which fills its bar."""
    counts = manifest.get("counts", {})
    return [
        {
            "id": key,
            **words,
            "rows": [(gettext("Not known, or too few people") if value == REST else name(value), count) for value, count in counts[key].items()],
            "top": max(counts[key].values()),
        }
        for key, (words, name) in GROUPS.items()
        if counts.get(key, {}).keys() - {REST}
    ]


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
