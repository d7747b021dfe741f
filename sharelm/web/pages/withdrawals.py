"""A withdrawal of several conversations, as the note above the list shows it while it can be undone and afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from sharelm.errors import English, NotFound
from sharelm.keys import receipt_token
from sharelm.store import receipt as receipts
from sharelm.store.engine import read
from sharelm.web.current import now, server
from sharelm.web.htmx import is_htmx
from sharelm.web.pages.conversations import blueprint
from sharelm.web.pages.one_conversation import PUBLIC_ID
from sharelm.web.pages.visitor import contributor_id


@dataclass(frozen=True, slots=True)
class Act:
    """`receipt` opens its receipt."""

    receipt_id: str
    receipt: str
    number: int
    can_undo: bool
    is_erased: bool


@blueprint.get("/conversations/withdrawals/<receipt_id>")
def withdrawal(receipt_id: str) -> ResponseReturnValue:
    """How far it has come; the note asks for itself when its undo time is over."""
    act = find_act(contributor_id(), receipt_id)
    if act is None:
        raise NotFound(English("There is no such withdrawal among yours."))
    if is_htmx():
        return render_template("conversations/_act.html", act=act, is_over=True)
    return redirect(url_for("conversations.index", withdrawal=act.receipt_id), 303)


def find_act(owner: int, receipt_id: str | None) -> Act | None:
    """The contributor's own; None where there is none, also after it was taken back."""
    if receipt_id is None or not PUBLIC_ID.fullmatch(receipt_id):  # the ids of receipts look the same
        return None
    with read(server().engine) as connection:
        receipt = receipts.select_own_receipt(connection, receipt_id, contributor_id=owner)
        if receipt is None:
            return None
        progress = receipts.select_progress(connection, receipt.id)
    can_undo = progress.undo_until is not None and progress.undo_until > now()
    return Act(receipt_id, receipt_token(server().keys, receipt.seed), progress.number, can_undo, progress.erased == progress.number)
