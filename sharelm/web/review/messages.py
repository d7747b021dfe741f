"""Reports and messages of others, answered here."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sharelm.errors import English, NotFound
from sharelm.store import contact_message
from sharelm.store.audit import insert_entry
from sharelm.store.engine import forget_deleted_text, read, write
from sharelm.vocabulary import Report
from sharelm.web.current import server
from sharelm.web.pages.contact import KINDS
from sharelm.web.review.visitor import current_reviewer, decider

PAGE = 50
PUBLIC_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")

blueprint = Blueprint("review_messages", __name__)


@blueprint.get("/review/messages")
def index() -> ResponseReturnValue:
    current_reviewer()
    kind = request.args.get("kind", "") if request.args.get("kind") in set(Report) else ""
    with read(server().engine) as connection:
        rows = contact_message.select_messages(connection, kinds=[kind] if kind else (), limit=PAGE)
        counts = contact_message.count_messages(connection)
    messages = [(row, found[0] if (found := PUBLIC_ID.search(row.about or "")) else None) for row in rows]
    return render_template("review/messages.html", messages=messages, counts=counts, kinds=KINDS, kind=kind)


@blueprint.post("/review/messages/<int(max=9223372036854775807):message_id>/done")
def finish(message_id: int) -> ResponseReturnValue:
    """An answered message is erased; that it was answered, and by whom, stays in the log."""
    by = decider()
    with write(server().engine) as connection:
        if not contact_message.delete_message(connection, message_id):
            raise NotFound(English("There is no such message: somebody else has answered it."))
        insert_entry(connection, {"reviewer": by.name, "act": "answer", "detail": f"message {message_id}"}, now=by.now)
    forget_deleted_text(server().engine)
    return redirect(url_for("review_messages.index", done="answered"), 303)
