"""What its contributor changes in a conversation: thumbs and why, passages to hide, turns to delete. Each form works without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.anonymise.by_hand import Digests, Hit, Tree, delete_last_turn, find_hits, hide_passage
from sharelm.errors import English, InvalidPayload
from sharelm.ingest.accept import id_digest, message_digest
from sharelm.ingest.merge import shown_path, without_last_turn
from sharelm.ingest.rate import WHOLE, give_rating, give_reason
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.htmx import is_htmx, vary
from sharelm.web.own_text import hidden, messages_of, reasons_of
from sharelm.web.pages import shown
from sharelm.web.pages.one_conversation import answer, asked_part, find_standing, keys_of
from sharelm.web.pages.visitor import contributor_id

# What the buttons send, and the thumb that they stand for: pressing a thumb again takes it back.
THUMBS = {"up": 1, "down": -1, "not-up": None, "not-down": None}

blueprint = Blueprint("correcting", __name__)
blueprint.after_request(vary)


@blueprint.post("/conversations/<public_id>/rate")
def rate(public_id: str) -> ResponseReturnValue:
    owner, key, pressed = contributor_id(), request.form.get("message", WHOLE), request.form.get("rating", "")
    if pressed not in THUMBS:
        raise InvalidPayload(English("%(name)s must be one of: %(words)s.", name="rating", words=", ".join(THUMBS)))
    with write(server().engine) as connection:
        give_rating(connection, server().keys, find_standing(connection, owner, public_id, for_change=True), key, THUMBS[pressed])
    return answer_rating(owner, public_id, key, pressed=pressed)


@blueprint.post("/conversations/<public_id>/reason")
def reason(public_id: str) -> ResponseReturnValue:
    owner, key = contributor_id(), request.form.get("message", WHOLE)
    text = request.form.get("reason", "").replace("\r\n", "\n")  # as it is counted in the browser
    with write(server().engine) as connection:
        give_reason(connection, server().keys, find_standing(connection, owner, public_id, for_change=True), key, text)
    return answer_rating(owner, public_id, key, pressed="reason")


@blueprint.post("/conversations/<public_id>/hide")
def hide(public_id: str) -> ResponseReturnValue:
    """First all places where the passage stands; then, confirmed, it goes. POST both times: what people wrote is in no address."""
    owner, passage = contributor_id(), request.form.get("passage", "")
    if request.form.get("confirm") != "yes":
        return preview(owner, public_id, passage)
    with write(server().engine) as connection:
        row = find_standing(connection, owner, public_id, for_change=True)
        hide_passage(connection, row, passage, digests=digests_of(row), now=now())
    return answer(owner, public_id, done="hidden")


@blueprint.post("/conversations/<public_id>/delete-turn")
def delete_turn(public_id: str) -> ResponseReturnValue:
    owner, last = contributor_id(), request.form.get("last", "")
    with write(server().engine) as connection:
        row = find_standing(connection, owner, public_id, for_change=True)
        delete_last_turn(connection, row, last, digests=digests_of(row), tree=Tree(shown_path, without_last_turn), now=now())
    return answer(owner, public_id, done="deleted")


def digests_of(row: Row[Any]) -> Digests:
    keys, public_id = server().keys, row.public_id
    return Digests(message_digest(keys, public_id), id_digest(keys, public_id), hidden(keys, row))


def preview(owner: int, public_id: str, passage: str) -> ResponseReturnValue:
    with read(server().engine) as connection:
        row = find_standing(connection, owner, public_id)
    problem, hits = None, list[Hit]()
    try:
        hits = find_hits(row, passage, digests_of(row))
    except InvalidPayload as refusal:
        problem = refusal.message
    template = "conversations/_hits.html" if is_htmx() else "conversations/hide.html"
    places = [(speaker_of(hit, row), hit) for hit in hits]
    return render_template(template, row=row, passage=passage, places=places, problem=problem, is_preview=True)


def speaker_of(hit: Hit, row: Row[Any]) -> str:
    if hit.message is None:
        return English("Released form, or a reason of yours")
    return hit.message.model or row.model or shown.SPEAKERS[hit.message.role] if hit.message.role == "assistant" else shown.SPEAKERS[hit.message.role]


def answer_rating(owner: int, public_id: str, key: str, *, pressed: str) -> ResponseReturnValue:
    """The thumbs that were pressed, with the focus on them; for plain forms the page, at the place."""
    if not is_htmx():
        return redirect(url_for("conversations.show", public_id=public_id, part=asked_part(), _anchor=f"rating-{key or 'all'}"), 303)
    with read(server().engine) as connection:
        row = find_standing(connection, owner, public_id)
    rating, why = row.rating, reasons_of(server().keys, row).get(key, "")
    if key != WHOLE:
        messages = messages_of(server().keys, row)
        rating = messages[keys_of(row, messages).index(key)].rating
    return render_template("conversations/_rated.html", row=row, key=key, rating=rating, reason=why, pressed=pressed)
