"""What reviewers decide: plain forms, each with the change that they were looking at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.anonymise.by_hand import find_hits, hide_passage
from sharelm.errors import English, InvalidPayload, Refused
from sharelm.review import decide
from sharelm.review.decide import Decider
from sharelm.store.engine import read, write
from sharelm.web.current import server
from sharelm.web.pages.correcting import digests_of
from sharelm.web.review.queue import find_reviewed, read_asked
from sharelm.web.review.visitor import current_reviewer, decider

blueprint = Blueprint("reviewing", __name__)
TOXIC = {"yes": True, "no": False, "": None}


@blueprint.post("/review/conversations/<public_id>/approve")
def approve(public_id: str) -> ResponseReturnValue:
    return decided(public_id, "approved", lambda connection, row, by: decide.approve(connection, row, change=asked_change(), by=by))


@blueprint.post("/review/conversations/<public_id>/reject")
def reject(public_id: str) -> ResponseReturnValue:
    reason, words = request.form.get("reason", ""), request.form.get("words", "").replace("\r\n", "\n")

    def act(connection: Connection, row: Row[Any], by: Decider) -> None:
        decide.reject(connection, row, change=asked_change(), reason=reason, words=words, by=by)

    return decided(public_id, "rejected", act)


@blueprint.post("/review/conversations/<public_id>/label")
def label(public_id: str) -> ResponseReturnValue:
    language, toxic = request.form.get("language", "").strip() or None, request.form.get("toxic", "")
    if toxic not in TOXIC:
        raise InvalidPayload(English("%(name)s must be one of: %(words)s.", name="toxic", words="yes, no"))
    by = decider()
    with write(server().engine) as connection:
        row = find_reviewed(connection, public_id, for_change=True)
        decide.label(connection, row, language=language, is_toxic=TOXIC[toxic], by=by)
    return to_conversation(public_id, done="labelled")


@blueprint.post("/review/conversations/<public_id>/hide")
def hide(public_id: str) -> ResponseReturnValue:
    """First all places where the passage stands; then, confirmed, it goes."""
    passage, by = request.form.get("passage", ""), decider()
    if request.form.get("confirm") != "yes":
        return preview(public_id, passage)
    with write(server().engine) as connection:
        row = find_hideable(connection, public_id, for_change=True)
        count = hide_passage(connection, row, passage, digests=digests_of(row), now=by.now)
        decide.note_hidden(connection, row, count=count, by=by)
    return to_conversation(public_id, done="hidden")


@blueprint.post("/review/rest")
def approve_rest() -> ResponseReturnValue:
    by = decider()
    if server().config.review != "sample":
        raise Refused(English("SHARELM_REVIEW is not `sample`: each conversation is decided on by itself."), status=409, title=decide.NOT_DECIDED)
    with write(server().engine) as connection:
        count = decide.approve_rest(connection, size=server().config.review_sample, by=by)
    return redirect(url_for("review.index", done="rest", count=count), 303)


def decided(public_id: str, done: str, act: Callable[[Connection, Row[Any], Decider], None]) -> ResponseReturnValue:
    """Then on to the next that waits."""
    by = decider()
    with write(server().engine) as connection:
        decide.begin(connection)
        act(connection, find_reviewed(connection, public_id, for_change=True), by)
    if request.form.get("back") is None:
        return to_conversation(public_id, done=done)
    return redirect(url_for("review.index", done=done, of=public_id, **came_from()), 303)  # type: ignore[arg-type]


def came_from() -> dict[str, str]:
    """The queue as it was looked at."""
    given = dict(parse_qsl(request.form.get("back", "")[:500]))
    page = {"page": given["page"]} if given.get("page", "").isdigit() else {}
    return read_asked(given).query() | page


def to_conversation(public_id: str, *, done: str) -> ResponseReturnValue:
    if request.form.get("back") is None:
        return redirect(url_for("review.show", public_id=public_id, done=done), 303)
    return redirect(url_for("review.index", open=public_id, done=done, **came_from()), 303)  # type: ignore[arg-type]


def asked_change() -> int:
    """Which form of the conversation was on the page. Raises InvalidPayload."""
    try:
        return int(request.form.get("change", ""))
    except ValueError:
        raise InvalidPayload(English("The form is not complete: open the conversation again.")) from None


def find_hideable(connection: Connection, public_id: str, *, for_change: bool = False) -> Row[Any]:
    """Raises Refused while a newer form waits for the anonymiser: its text is nobody's to see."""
    row = find_reviewed(connection, public_id, for_change=for_change)
    if row.pending is not None:
        raise Refused(English("A newer form is being anonymised: look again in a minute."), status=409, title=English("Nothing was hidden"))
    return row


def preview(public_id: str, passage: str) -> ResponseReturnValue:
    current_reviewer()
    with read(server().engine) as connection:
        row = find_hideable(connection, public_id)
    problem, hits = None, []
    try:
        hits = find_hits(row, passage, digests_of(row))
    except InvalidPayload as refusal:
        problem = refusal.message
    back = request.form.get("back")
    return render_template("review/hide.html", row=row, passage=passage, hits=hits, problem=problem, back=back)
