"""Open one's data with the user ID, and close it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sharelm.keys import user_digest
from sharelm.store import contributor as contributors
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.limits import ClientKeys, TokenBuckets, too_many
from sharelm.web.pages.visitor import log_in, log_out

if TYPE_CHECKING:
    from sharelm import ShareLM

FAILURES_PER_MINUTE = 10
LIMITS = "sharelm.login_limits"

blueprint = Blueprint("login", __name__)


def prepare(app: ShareLM) -> None:
    app.extensions[LIMITS] = (TokenBuckets(FAILURES_PER_MINUTE), ClientKeys())


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    return render_template("login/login.html", is_refused=False)


@blueprint.post("/login")
def enter() -> ResponseReturnValue:
    check_failures()
    contributor = find_contributor(request.form.get("user_id", "").strip())
    if contributor is None:
        count_failure()
        return render_template("login/login.html", is_refused=True), 401
    log_in(contributor)
    return redirect(url_for("overview.show"), 303)


@blueprint.post("/logout")
def leave() -> ResponseReturnValue:
    log_out()
    return redirect(url_for("home.show"), 303)


def find_contributor(user_id: str) -> int | None:
    """What cannot be a user ID takes the same way as one that is not known: the answers must not differ, nor the time."""
    with read(server().engine) as connection:
        found = contributors.select_contributor(connection, user_digest(server().keys, user_id))
    return found.id if found else None


def check_failures() -> None:
    """Raises 429 when this client has failed too often, right or wrong this time: else a guesser would learn from the difference."""
    buckets, clients = current_app.extensions[LIMITS]
    wait = buckets.is_empty(clients.key(request.remote_addr))
    if wait:
        raise too_many(wait)


def count_failure() -> None:
    buckets, clients = current_app.extensions[LIMITS]
    buckets.take(clients.key(request.remote_addr))
