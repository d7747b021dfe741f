"""One of one's own conversations: look at it, withdraw it and take that back. The list is in `listing`."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.errors import NotFound
from sharelm.ingest.merge import shown_path
from sharelm.release.licences import licence_by_model
from sharelm.store import conversation as conversations
from sharelm.store.engine import read, write
from sharelm.web.api.conversations import shown_messages
from sharelm.web.current import now, server
from sharelm.web.pages import shown
from sharelm.web.pages.visitor import contributor_id
from sharelm.withdraw.withdrawal import UNDO_TIME, receipt_tokens, restore_conversation, withdraw_conversation

PUBLIC_ID = re.compile(r"[0-9a-f]{32}")

blueprint = Blueprint("conversations", __name__)


@blueprint.after_request
def vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response


@blueprint.get("/conversations/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    template = "conversations/_region.html" if is_htmx() else "conversations/show.html"
    return render_template(template, **facts(owner, public_id))


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
        restore_conversation(connection, find_own(connection, owner, public_id, for_change=True), now=now())
    return answer(owner, public_id)


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def find_own(connection: Connection, owner: int, public_id: str, *, for_change: bool = False) -> Row[Any]:
    """Raises NotFound where there is none, and just so where it is somebody else's."""
    found = PUBLIC_ID.fullmatch(public_id) and conversations.select_own(connection, contributor_id=owner, public_id=public_id, for_change=for_change)
    if not found:
        raise NotFound("There is no such conversation among yours.")
    return found


def answer(owner: int, public_id: str) -> ResponseReturnValue:
    """After a change: the region that changed, announced and with the focus; for plain forms the page again."""
    if is_htmx():
        return render_template("conversations/_region.html", has_changed=True, **facts(owner, public_id))
    return redirect(url_for("conversations.show", public_id=public_id), 303)


def facts(owner: int, public_id: str) -> dict[str, Any]:
    at = now()
    with read(server().engine) as connection:
        row = find_own(connection, owner, public_id)
        if row.withdrawn_at is not None:
            tokens = receipt_tokens(connection, server().keys, [row.id])
            return {"line": shown.withdrawn_line(row, now=at, receipt=tokens.get(row.id))}
    given = shown_messages(row)
    messages = [given[place] for place in shown_path(given)] if row.pending is not None else given
    config = server().config
    return {
        "row": row,
        "title": shown.first_words(messages[0].content if messages else None),
        "messages": [shown.spoken(message, model=row.model) for message in messages],
        "legend": shown.legend(messages),
        "path": shown.path(row, now=at, is_automatic=config.review == "auto"),
        "licence": licence_by_model(config.licence, config.instance)(row.model or ""),
    }
