"""The reviewers' login: a name and a password, from `flask --app app reviewer add`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from sharelm.keys import token_digest
from sharelm.review.reviewers import begin_session, find_reviewer
from sharelm.store import reviewer as reviewers
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.limits import ClientKeys, TokenBuckets, too_many
from sharelm.web.review.visitor import TOKEN

if TYPE_CHECKING:
    from sharelm import ShareLM

FAILURES_PER_MINUTE = 10
LIMITS = "sharelm.review_login_limits"

blueprint = Blueprint("review_login", __name__)


def prepare(app: ShareLM) -> None:
    app.extensions[LIMITS] = (TokenBuckets(FAILURES_PER_MINUTE), ClientKeys())
    app.context_processor(lambda: {"is_reviewing": TOKEN in session})


@blueprint.get("/review/login")
def show() -> ResponseReturnValue:
    return render_template("review/login.html", is_refused=False)


@blueprint.post("/review/login")
def enter() -> ResponseReturnValue:
    """Argon2 is slow on purpose, so whoever has failed often is told so before it runs."""
    buckets, clients = current_app.extensions[LIMITS]
    client = clients.key(request.remote_addr)
    wait = buckets.is_empty(client)
    if wait:
        raise too_many(wait)
    with read(server().engine) as connection:
        reviewer_id = find_reviewer(connection, request.form.get("name", ""), request.form.get("password", ""))
    if reviewer_id is None:
        buckets.take(client)
        return render_template("review/login.html", is_refused=True), 401
    leave_session()
    with write(server().engine) as connection:
        session[TOKEN] = begin_session(connection, reviewer_id, now=now())
    return redirect(url_for("review.index"), 303)


@blueprint.post("/review/logout")
def leave() -> ResponseReturnValue:
    leave_session()
    return redirect(url_for("home.show"), 303)


def leave_session() -> None:
    """What this browser had as a reviewer ends; what it has as a contributor stays."""
    token = session.pop(TOKEN, None)
    if token is not None:
        with write(server().engine) as connection:
            reviewers.delete_session(connection, token_digest(token))
