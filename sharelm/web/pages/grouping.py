"""Whether releases tell which conversations are of one and the same contributor."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sharelm.store import contributor as contributors
from sharelm.store.engine import write
from sharelm.web.current import server
from sharelm.web.pages.visitor import contributor_id

blueprint = Blueprint("grouping", __name__)


@blueprint.post("/your-data/grouping")
def change() -> ResponseReturnValue:
    owner = contributor_id()
    with write(server().engine) as connection:
        contributors.update_ungrouped(connection, owner, is_ungrouped=request.form.get("is_ungrouped") == "yes")
    return redirect(url_for("own.show", _anchor="grouping"), 303)
