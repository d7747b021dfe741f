"""Your data: the page that gathers what one may do with all that one gave."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.pages.downloads import download_facts
from sharelm.web.pages.visitor import contributor_id

blueprint = Blueprint("own", __name__)


@blueprint.get("/your-data")
def show() -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        return render_template("own/show.html", **download_facts(connection, owner))
