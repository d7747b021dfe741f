"""What is done with several conversations at once: withdraw them under one receipt, take that back, download them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Engine, Row

from sharelm.errors import English, InvalidPayload, NotFound
from sharelm.keys import token_digest
from sharelm.store import conversation as conversations
from sharelm.store import receipt as receipts
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.htmx import is_htmx
from sharelm.web.limits import TokenBuckets, too_many
from sharelm.web.pages.asked import read_asked
from sharelm.web.pages.conversations import blueprint
from sharelm.web.pages.copies import everything_of
from sharelm.web.pages.listing import MOST_SELECTED, region
from sharelm.web.pages.one_conversation import PUBLIC_ID
from sharelm.web.pages.visitor import contributor_id
from sharelm.web.pages.withdrawals import find_act
from sharelm.withdraw.withdrawal import UNDO_TIME, restore_selected, withdraw_selected

if TYPE_CHECKING:
    from sharelm import ShareLM

ROWS_AT_ONCE = 20
DOWNLOADS_PER_MINUTE = 20
LIMIT = "sharelm.downloads_of_selected"


def prepare(app: ShareLM) -> None:
    app.extensions[LIMIT] = TokenBuckets(DOWNLOADS_PER_MINUTE)


@blueprint.post("/conversations/withdraw")
def withdraw_these() -> ResponseReturnValue:
    owner, public_ids = contributor_id(), read_selected()
    with write(server().engine) as connection:
        rows = find_all_own(connection, owner, public_ids, for_change=True)
        done = withdraw_selected(connection, server().keys, rows, contributor_id=owner, now=now(), undo_time=UNDO_TIME)
        receipt = receipts.select_receipt(connection, token_digest(done.token)) if done.token else None
    return back_to_list(owner, receipt.receipt_id if receipt else None)


@blueprint.post("/conversations/restore")
def restore_these() -> ResponseReturnValue:
    owner, receipt_id = contributor_id(), request.form.get("receipt_id", "")
    if not PUBLIC_ID.fullmatch(receipt_id):
        raise NotFound(English("There is no such withdrawal among yours."))
    with write(server().engine) as connection:
        count = restore_selected(connection, receipt_id, contributor_id=owner, now=now())
    return back_to_list(owner, None if count else receipt_id, restored=count)


@blueprint.post("/conversations/download")
def download_these() -> ResponseReturnValue:
    """JSON Lines: one conversation on each line, as its own page gives it. Those that are withdrawn meanwhile are left out."""
    owner, public_ids = contributor_id(), read_selected()
    wait = current_app.extensions[LIMIT].take(str(owner).encode())
    if wait:
        raise too_many(wait)
    with read(server().engine) as connection:
        find_all_own(connection, owner, public_ids)
    headers = {"Content-Disposition": 'attachment; filename="sharelm-conversations.jsonl"'}
    lines = stream_with_context(stream_lines(server().engine, owner, public_ids))
    return Response(lines, mimetype="application/jsonl", headers=headers)


def stream_lines(engine: Engine, owner: int, public_ids: Sequence[str]) -> Iterator[str]:
    """In short reads: who downloads slowly must not hold up the erasing."""
    for start in range(0, len(public_ids), ROWS_AT_ONCE):
        with read(engine) as connection:
            some = public_ids[start : start + ROWS_AT_ONCE]
            rows = conversations.select_own_many(connection, some, contributor_id=owner, with_texts=True)
        for row in rows:
            if row.withdrawn_at is None:
                yield json.dumps(everything_of(row), ensure_ascii=False) + "\n"


def read_selected() -> list[str]:
    """The public ids that were ticked, each once. Raises InvalidPayload for none and for too many."""
    public_ids = list(dict.fromkeys(request.form.getlist("id")))
    if not public_ids:
        raise InvalidPayload(English("Nothing was selected, and nothing was done. Tick the conversations first."))
    if len(public_ids) > MOST_SELECTED:
        raise InvalidPayload(English("At most %(most)s conversations can be selected at once; nothing was done.", most=MOST_SELECTED))
    return public_ids


def find_all_own(connection: Connection, owner: int, public_ids: Sequence[str], *, for_change: bool = False) -> Sequence[Row[Any]]:
    """Raises NotFound where one is not there, and just so where it is somebody else's."""
    rows: Sequence[Row[Any]] = []
    if all(PUBLIC_ID.fullmatch(public_id) for public_id in public_ids):
        rows = conversations.select_own_many(connection, public_ids, contributor_id=owner, for_change=for_change)
    if len(rows) != len(public_ids):
        raise NotFound(English("There is no such conversation among yours."))
    return rows


def back_to_list(owner: int, receipt_id: str | None, *, restored: int = 0) -> ResponseReturnValue:
    """The list as it was asked for: for htmx with the note and the focus there, for plain forms by its address."""
    asked = read_asked(request.args)
    if is_htmx():
        return region(owner, asked, act=find_act(owner, receipt_id), restored=restored, is_new=receipt_id is not None, has_changed=True)
    return redirect(url_for("conversations.index", **asked.query(), withdrawal=receipt_id), 303)  # type: ignore[arg-type]
