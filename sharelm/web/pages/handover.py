"""Open one's data with a one-time code of the extension: looking at the page uses nothing up, its button does."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from sharelm.keys import token_digest
from sharelm.store import login_code as login_codes
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.pages.login import check_failures, count_failure
from sharelm.web.pages.visitor import log_in

blueprint = Blueprint("handover", __name__)


@blueprint.get("/open/<code>")
def show(code: str) -> ResponseReturnValue:
    with read(server().engine) as connection:
        is_live = login_codes.has_live_code(connection, token_digest(code), now=now())
    return render_template("login/handover.html", code=code, is_live=is_live), 200 if is_live else 401


@blueprint.post("/open/<code>")
def enter(code: str) -> ResponseReturnValue:
    check_failures()
    with write(server().engine) as connection:
        owner = login_codes.take_code(connection, token_digest(code), now=now())
    if owner is None:
        count_failure()
        return render_template("login/handover.html", code=code, is_live=False), 401
    log_in(owner)
    return redirect(url_for("overview.show"), 303)
