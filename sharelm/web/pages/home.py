"""The first page: what this is and where it stands."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from sharelm.store import figure as figures
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.web.current import server

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    with read(server().engine) as connection:
        counted = figures.select_figure(connection, "home")
        newest = next(iter(releases.select_releases(connection)), None)
    counted_at, numbers = counted or (None, None)
    return render_template("home/home.html", counted_at=counted_at, numbers=numbers, newest=newest)
