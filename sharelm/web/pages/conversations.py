"""One of one's own conversations: look at it, withdraw it and take that back. The list is in `listing`."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from sharelm.store.engine import write
from sharelm.web.current import now, server
from sharelm.web.htmx import is_htmx, vary
from sharelm.web.pages.one_conversation import DONE, answer, facts, find_own
from sharelm.web.pages.visitor import contributor_id
from sharelm.withdraw.withdrawal import UNDO_TIME, restore_conversation, withdraw_conversation

blueprint = Blueprint("conversations", __name__)
blueprint.after_request(vary)


@blueprint.get("/conversations/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    template = "conversations/_region.html" if is_htmx() else "conversations/show.html"
    done = request.args.get("done", "")
    return render_template(template, done=DONE.get(done), is_deleted=done == "deleted", is_asked_again=is_htmx(), **facts(owner, public_id))


@blueprint.post("/conversations/<public_id>/withdraw")
def withdraw(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    with write(server().engine) as connection:
        row = find_own(connection, owner, public_id, for_change=True)
        withdraw_conversation(connection, server().keys, row, now=now(), undo_time=UNDO_TIME)
    return answer(owner, public_id)


@blueprint.post("/conversations/<public_id>/restore")
def restore(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    with write(server().engine) as connection:
        find_own(connection, owner, public_id)
        restore_conversation(connection, public_id, contributor_id=owner, now=now())
    return answer(owner, public_id)
