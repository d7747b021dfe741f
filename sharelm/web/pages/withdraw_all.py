"""Withdraw everything, on a page of its own: said plainly, typed to confirm, without undo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from sharelm.errors import English
from sharelm.store import conversation as conversations
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.language import translated
from sharelm.web.pages.shown import WITHDRAWN
from sharelm.web.pages.visitor import contributor_id
from sharelm.withdraw.withdrawal import withdraw_everything

PHRASE = English("withdraw everything")

blueprint = Blueprint("withdraw_all", __name__)


@blueprint.get("/withdraw-all")
def show() -> ResponseReturnValue:
    return render_template("withdraw_all/show.html", is_refused=False, **facts(contributor_id()))


@blueprint.post("/withdraw-all")
def confirm() -> ResponseReturnValue:
    """The login ends with it; the receipt is open to whoever has its address."""
    owner = contributor_id()
    if " ".join(request.form.get("phrase", "").lower().split()) not in {PHRASE, translated(PHRASE)}:
        return render_template("withdraw_all/show.html", is_refused=True, **facts(owner)), 422
    with write(server().engine) as connection:
        done = withdraw_everything(connection, server().keys, contributor_id=owner, now=now())
    session.clear()
    return redirect(url_for("receipts.show", token=done.token), 303)


def facts(owner: int) -> dict[str, Any]:
    with read(server().engine) as connection:
        counts = conversations.count_own(connection, contributor_id=owner)
    return {"phrase": translated(PHRASE), "count": sum(counts.values()) - counts.get(WITHDRAWN, 0)}
