"""One's own conversations: list, read, withdraw one, withdraw all."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.download.rows import conversation_facts, iso, summary
from sharelm.errors import NotFound, Refused
from sharelm.keys import client_digest, user_digest
from sharelm.store import contributor as contributors
from sharelm.store import conversation as conversations
from sharelm.store.engine import read, write
from sharelm.web.api.caller import bearer, caller, check_upload_rate, contributor_id
from sharelm.web.current import now, server
from sharelm.web.cursor import next_cursor, read_cursor, read_limit
from sharelm.web.own_text import path_of
from sharelm.withdraw.withdrawal import withdraw_conversation, withdraw_everything

blueprint = Blueprint("conversations_api", __name__)
ID = "/api/v1/conversations/<conversation_id>"


@blueprint.get("/api/v1/conversations")
def list_own() -> ResponseReturnValue:
    owner = contributor_id()
    limit = read_limit(request.args.get("limit"))
    with read(server().engine) as connection:
        rows = conversations.select_page(connection, contributor_id=owner, before=read_cursor(request.args.get("cursor")), limit=limit + 1)
    cursor = next_cursor(rows, limit)
    following = url_for("conversations_api.list_own", limit=limit, cursor=cursor) if cursor else None
    # What was withdrawn together with everything has lost its id, here too.
    items = [summary(row) for row in rows[:limit] if row.client_id is not None]
    return jsonify(items=items, next=following)


@blueprint.get(ID)
def read_own(conversation_id: str) -> ResponseReturnValue:
    row = find_own(conversation_id)
    if row is None:
        raise NotFound("There is no such conversation under this user ID.")
    if row.withdrawn_at is not None:
        raise Refused("This conversation was withdrawn.", status=410, title="Withdrawn", withdrawn_at=iso(row.withdrawn_at))
    return jsonify(**conversation_facts(row, path_of(server().keys, row)))


@blueprint.delete(ID)
def withdraw(conversation_id: str) -> ResponseReturnValue:
    owner, base = caller()
    digest = client_digest(server().keys, base, conversation_id)
    with write(server().engine) as connection:
        row = conversations.select_own(connection, contributor_id=owner, client_digest=digest, for_change=True)
        done = withdraw_conversation(connection, server().keys, row, now=now())
    return jsonify(conversation_id=conversation_id, withdrawn_at=iso(done.withdrawn_at), receipt=receipt_address(done.token))


@blueprint.delete("/api/v1/me")
def withdraw_all() -> ResponseReturnValue:
    """Also of a user ID that gave nothing yet: it is remembered that its holder wants nothing taken."""
    user_id, at = bearer(), now()
    check_upload_rate(user_id)
    with write(server().engine) as connection:
        owner = contributors.ensure_contributor(connection, user_digest(server().keys, user_id), now=at)
        done = withdraw_everything(connection, server().keys, contributor_id=owner.id, now=at)
    return jsonify(withdrawn=done.count, withdrawn_at=iso(done.withdrawn_at), receipt=receipt_address(done.token))


def receipt_address(token: str | None) -> str | None:
    """Where the proof of a withdrawal is, for whoever has the address."""
    return server().config.public_url + url_for("receipts.show", token=token) if token else None


def find_own(conversation_id: str) -> Row[Any] | None:
    owner, base = caller()
    digest = client_digest(server().keys, base, conversation_id)
    with read(server().engine) as connection:
        return conversations.select_own(connection, contributor_id=owner, client_digest=digest)
