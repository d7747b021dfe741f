"""One's own conversations: the list, one of them, withdraw it and take that back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from sharelm.errors import InvalidPayload
from sharelm.store import conversation as conversations
from sharelm.store.engine import read, write
from sharelm.vocabulary import Stage
from sharelm.web.current import now, server
from sharelm.web.cursor import next_cursor, read_cursor
from sharelm.web.pages import shown
from sharelm.web.pages.one_conversation import DONE, answer, facts, find_own, is_htmx
from sharelm.web.pages.visitor import contributor_id
from sharelm.withdraw.withdrawal import UNDO_TIME, receipt_tokens, restore_conversation, withdraw_conversation

PAGE = 25
TABS = {
    "received": "Received",
    "anonymised": "Anonymised",
    "approved": "Approved",
    "released": "In a release",
    "rejected": "Not approved",
    "withdrawn": "Withdrawn",
}
ALWAYS_SHOWN = ("received", "anonymised", "approved", "released", "withdrawn")

blueprint = Blueprint("conversations", __name__)


@blueprint.after_request
def vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response


@blueprint.get("/conversations")
def index() -> ResponseReturnValue:
    owner = contributor_id()
    stage, before = read_stage(), read_cursor(request.args.get("cursor"))
    template = "conversations/_rows.html" if is_htmx() else "conversations/index.html"
    return render_template(template, is_fragment=is_htmx(), **list_facts(owner, stage, before))


@blueprint.get("/conversations/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    template = "conversations/_region.html" if is_htmx() else "conversations/show.html"
    return render_template(template, done=DONE.get(request.args.get("done", "")), **facts(owner, public_id))


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


def read_stage() -> str | None:
    """Raises InvalidPayload for a word that is no stage."""
    stage = request.args.get("stage") or None
    if stage is not None and stage not in TABS:
        raise InvalidPayload(f"stage must be one of: {', '.join(TABS)}.")
    return stage


def list_facts(owner: int, stage: str | None, before: tuple[int, int] | None) -> dict[str, Any]:
    in_stage = {"stage": Stage(stage)} if stage and stage != shown.WITHDRAWN else {}
    withdrawn = stage == shown.WITHDRAWN if stage else None
    with read(server().engine) as connection:
        rows = conversations.select_page(connection, contributor_id=owner, before=before, limit=PAGE + 1, withdrawn=withdrawn, **in_stage)
        counts = conversations.count_own(connection, contributor_id=owner)
        tokens = receipt_tokens(connection, server().keys, [row.id for row in rows if row.withdrawn_at is not None])
    at = now()
    return {
        "lines": [shown.line(row, now=at, receipt=tokens.get(row.id)) for row in rows[:PAGE]],
        "cursor": next_cursor(rows, PAGE),
        "is_first_page": before is None,
        "stage": stage,
        "total": sum(counts.values()),
        "tabs": [(name, word, counts.get(name, 0)) for name, word in TABS.items() if name in ALWAYS_SHOWN or counts.get(name)],
    }
