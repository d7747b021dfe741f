"""Replace my ID: a new one is shown once, and nothing changes before its holder says that it is kept."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from sharelm.errors import English, Refused
from sharelm.identity.replace import id_mark, replace_user_id
from sharelm.store import contributor as contributors
from sharelm.store.engine import read, write
from sharelm.vocabulary import UserId
from sharelm.web.current import now, server
from sharelm.web.limits import TokenBuckets, too_many
from sharelm.web.pages.visitor import contributor_id

if TYPE_CHECKING:
    from sharelm import ShareLM

PER_HOUR = 3
LIMIT = "sharelm.new_ids"
OFFER_LASTS_SECONDS = 3600

blueprint = Blueprint("replace_id", __name__)


def prepare(app: ShareLM) -> None:
    app.extensions[LIMIT] = TokenBuckets(PER_HOUR / 60, holds=PER_HOUR)


@blueprint.get("/your-data/replace-id")
def show() -> ResponseReturnValue:
    contributor_id()
    return render_template("own/replace_id.html", new_id=None)


@blueprint.post("/your-data/replace-id")
def offer() -> ResponseReturnValue:
    """The new ID is nowhere but in this answer: it is signed into its form, and we keep nothing of it yet."""
    return show_offer(contributor_id(), secrets.token_urlsafe(32))


@blueprint.post("/your-data/replace-id/confirm")
def confirm() -> ResponseReturnValue:
    owner = contributor_id()
    new_id, present = read_offer(request.form.get("offer", ""))
    if not request.form.get("is_kept"):
        return show_offer(owner, new_id, is_refused=True), 422
    wait = current_app.extensions[LIMIT].take(str(owner).encode())
    if wait:
        raise too_many(wait)
    with write(server().engine) as connection:
        is_done = replace_user_id(connection, server().keys, new_id, contributor_id=owner, present=present, now=now())
    if not is_done:
        return redirect(url_for("replace_id.show"), 303)
    session.clear()
    return redirect(url_for("replace_id.show_done"), 303)


@blueprint.get("/id-replaced")
def show_done() -> ResponseReturnValue:
    """For everybody, as nobody is logged in by then; it names no ID."""
    return render_template("own/id_replaced.html")


def show_offer(owner: int, new_id: str, *, is_refused: bool = False) -> str:
    with read(server().engine) as connection:
        present = contributors.select_by_id(connection, owner).user_digest
    signed = _signer().dumps([new_id, id_mark(present)])
    return render_template("own/replace_id.html", new_id=new_id, offer=signed, is_refused=is_refused)


def read_offer(signed: str) -> tuple[UserId, str]:
    """(the new ID, the mark of the one in force when it was offered). Raises Refused for what we did not offer within the hour."""
    try:
        new_id, present = _signer().loads(signed, max_age=OFFER_LASTS_SECONDS)
    except (BadSignature, ValueError, TypeError):
        detail = English("Nothing was changed: the new ID was made more than an hour ago. Make another one.")
        raise Refused(detail, status=422, title=English("This offer is too old")) from None
    return UserId(new_id), str(present)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(server().keys.session, salt="new-id")
