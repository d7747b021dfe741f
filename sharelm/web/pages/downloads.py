"""Download everything: ask for it, look how far it is, fetch it. Only its owner gets it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Engine, Row

from sharelm.errors import English, NotFound
from sharelm.store import download as downloads
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.disk import check_room
from sharelm.web.htmx import is_htmx, vary
from sharelm.web.limits import TokenBuckets, too_many
from sharelm.web.pages.visitor import contributor_id

if TYPE_CHECKING:
    from sharelm import ShareLM

PER_HOUR = 3
LIMIT = "sharelm.downloads"
PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
GONE = English("There is no such download. It is erased after a day, and as soon as you withdraw or correct something; prepare it anew.")

blueprint = Blueprint("downloads", __name__)
blueprint.after_request(vary)


def prepare(app: ShareLM) -> None:
    app.extensions[LIMIT] = TokenBuckets(PER_HOUR / 60, holds=PER_HOUR)


@blueprint.get("/your-data/download")
def show() -> ResponseReturnValue:
    """For the page that asks again and again: nothing while nothing has changed. Without htmx there is nothing but the whole page."""
    owner = contributor_id()
    if not is_htmx():
        return redirect(url_for("own.show"), 303)
    with read(server().engine) as connection:
        facts = download_facts(connection, owner)
    if facts["download_state"] == "waiting":
        return Response(status=204)
    return render_template("own/_download.html", has_changed=True, **facts)


@blueprint.post("/your-data/download")
def ask() -> ResponseReturnValue:
    owner = contributor_id()
    check_room()
    wait = current_app.extensions[LIMIT].take(str(owner).encode())
    if wait:
        raise too_many(wait)
    with write(server().engine) as connection:
        downloads.insert_download(connection, public_id=secrets.token_hex(16), contributor_id=owner, now=now())
    if not is_htmx():
        return redirect(url_for("own.show", _anchor="download"), 303)
    with read(server().engine) as connection:
        return render_template("own/_download.html", has_begun=True, **download_facts(connection, owner))


@blueprint.get("/your-data/download/<public_id>.zip")
def file(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        row = select_ready(connection, owner, public_id)
    name = f"sharelm-data-{row.ready_at:%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(row.byte_count)}
    return Response(parts_of(server().engine, row), mimetype="application/zip", headers=headers)


def select_ready(connection: Connection, owner: int, public_id: str) -> Row[Any]:
    """Raises NotFound where there is none, and just so where it is somebody else's."""
    found = PUBLIC_ID.fullmatch(public_id) and downloads.select_ready(connection, contributor_id=owner, public_id=public_id, now=now())
    if not found:
        raise NotFound(GONE)
    return found


def parts_of(engine: Engine, row: Row[Any]) -> Iterator[bytes]:
    """Each part is a short read. Discarded in the middle, it ends early, and the browser says that the download failed."""
    for number in range(row.part_count):
        with read(engine) as connection:
            part = downloads.select_part(connection, row.id, number)
        if part is None:
            return
        yield part


def download_facts(connection: Connection, owner: int) -> dict[str, Any]:
    """For the region that shows it: `download_state` is none, waiting, failed or ready."""
    row = downloads.select_last(connection, contributor_id=owner, now=now())
    if row is None:
        return {"download": None, "download_state": "none"}
    return {"download": row, "download_state": "ready" if row.ready_at else "failed" if row.expires_at else "waiting"}
