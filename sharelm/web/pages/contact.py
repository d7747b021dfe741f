"""Write to the operator, or report something: for everybody, without a login; kept until it is answered, in nobody's mailbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from sharelm.errors import English, InvalidPayload
from sharelm.ingest.account import MAX_ABOUT, MAX_MESSAGE, MAX_REPLY_TO, ContactMessage
from sharelm.ingest.payload import read as read_payload
from sharelm.keys import token_digest
from sharelm.store import contact_message as contact_messages
from sharelm.store import contributor as contributors
from sharelm.store import session as sessions
from sharelm.store.engine import write
from sharelm.vocabulary import Report
from sharelm.web.current import now, server
from sharelm.web.disk import check_room
from sharelm.web.limits import ClientKeys, TokenBuckets, too_many
from sharelm.web.pages.visitor import TOKEN
from sharelm.withdraw.purge import KEEP_CONTACT

if TYPE_CHECKING:
    from sharelm import ShareLM

PER_HOUR = 5
LIMIT = "sharelm.contact_form"
FIELDS = ("kind", "about", "message", "reply_to")
KINDS = {
    Report.PRIVACY: English("It is about me or somebody else, and private"),
    Report.COPYRIGHT: English("It is my work, given without my permission"),
    Report.DEFAMATION: English("It says something false that harms a person"),
    Report.THREAT: English("It threatens somebody"),
    Report.HARMFUL: English("It is dangerous or illegal in another way"),
    Report.OTHER: English("Something else"),
}

blueprint = Blueprint("contact", __name__)


def prepare(app: ShareLM) -> None:
    app.extensions[LIMIT] = (TokenBuckets(PER_HOUR / 60, holds=PER_HOUR), ClientKeys())


@blueprint.get("/contact")
def show() -> ResponseReturnValue:
    """A link from elsewhere may say what it is about."""
    given = {name: request.args.get(name, "")[:MAX_ABOUT] for name in ("kind", "about")}
    return page(given, is_sent=request.args.get("done") == "sent")


@blueprint.post("/contact")
def send() -> ResponseReturnValue:
    given = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    problem = find_problem(given)
    if problem:
        return page(given, problem=problem), 422
    check_room()
    take_turn()
    sent = read_message(given)
    with write(server().engine) as connection:
        contact_messages.insert_message(connection, writer(connection), **dict(sent), now=now())
    return redirect(url_for("contact.show", done="sent"), 303)


def read_message(given: Mapping[str, str]) -> ContactMessage:
    """By the rules of the API. Raises InvalidPayload."""
    return read_payload(ContactMessage, json.dumps(dict(given)).encode())


def find_problem(given: Mapping[str, str]) -> str | None:
    """The name of the field that is wrong."""
    for name in FIELDS:
        try:
            read_message({"message": "x", name: given[name]})
        except InvalidPayload:
            return name
    return None


def take_turn() -> None:
    """Raises 429: an address may write a few times an hour."""
    buckets, clients = current_app.extensions[LIMIT]
    wait = buckets.take(clients.key(request.remote_addr))
    if wait:
        raise too_many(wait)


def writer(connection: Connection) -> bytes | None:
    """The digest of who is logged in, so that withdrawing everything takes the message along; nothing of anybody else."""
    owner = sessions.select_session_owner(connection, token_digest(session.get(TOKEN, "")), now=now())
    return contributors.select_by_id(connection, owner).user_digest if owner is not None else None


def page(given: Mapping[str, str], *, is_sent: bool = False, problem: str | None = None) -> str:
    lengths = {"about": MAX_ABOUT, "message": MAX_MESSAGE, "reply_to": MAX_REPLY_TO}
    return render_template(
        "contact/contact.html", given=given, kinds=KINDS, lengths=lengths, is_sent=is_sent, problem=problem, days=KEEP_CONTACT.days
    )
