"""The log of what reviewers did."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from sharelm.store import audit
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.review.visitor import current_reviewer

PAGE = 50
HIGHEST_ID = 2**63 - 1  # that a database can be asked for

blueprint = Blueprint("review_log", __name__)


@blueprint.get("/review/log")
def index() -> ResponseReturnValue:
    current_reviewer()
    before = request.args.get("before", type=int)
    before = min(max(before, 0), HIGHEST_ID) if before is not None else None
    with read(server().engine) as connection:
        entries = audit.select_entries(connection, limit=PAGE + 1, before=before)
    older = entries[PAGE - 1].id if len(entries) > PAGE else None
    return render_template("review/log.html", entries=entries[:PAGE], older=older)
