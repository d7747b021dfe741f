"""One's own conversations: list, read, withdraw one, withdraw all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.errors import NotFound, Refused
from sharelm.ingest.merge import shown_path
from sharelm.keys import client_digest, user_digest
from sharelm.store import contributor as contributors
from sharelm.store import conversation as conversations
from sharelm.store.engine import read, write
from sharelm.store.message_json import load_current, load_messages
from sharelm.vocabulary import Message, Stage
from sharelm.web.api.caller import bearer, check_upload_rate, contributor_id
from sharelm.web.current import now, server
from sharelm.web.cursor import next_cursor, read_cursor, read_limit
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
    return jsonify(**summary(row), messages=[message_facts(message) for message in shown_messages(row)])


@blueprint.delete(ID)
def withdraw(conversation_id: str) -> ResponseReturnValue:
    owner, digest = contributor_id(), own_digest(conversation_id)
    with write(server().engine) as connection:
        row = conversations.select_own(connection, contributor_id=owner, client_digest=digest, for_change=True)
        withdrawn_at = withdraw_conversation(connection, row, now=now())
    return jsonify(conversation_id=conversation_id, withdrawn_at=iso(withdrawn_at))


@blueprint.delete("/api/v1/me")
def withdraw_all() -> ResponseReturnValue:
    """Also of a user ID that gave nothing yet: it is remembered that its holder wants nothing taken."""
    user_id, at = bearer(), now()
    check_upload_rate(user_id)
    with write(server().engine) as connection:
        owner = contributors.ensure_contributor(connection, user_digest(server().keys, user_id), now=at)
        count = withdraw_everything(connection, owner, now=at)
    return jsonify(withdrawn=count, withdrawn_at=iso(at))


def find_own(conversation_id: str) -> Row[Any] | None:
    owner = contributor_id()
    with read(server().engine) as connection:
        return conversations.select_own(connection, contributor_id=owner, client_digest=own_digest(conversation_id))


def own_digest(conversation_id: str) -> bytes:
    return client_digest(server().keys, user_digest(server().keys, bearer()), conversation_id)


def shown_messages(row: Row[Any]) -> list[Message]:
    """As given while it waits for the anonymiser, for its owner alone; the anonymised path afterwards."""
    if row.pending is None:
        return load_messages(row.messages)
    messages = load_current(row.pending, row.messages, row.branches)
    return [messages[place] for place in shown_path(messages)]


def summary(row: Row[Any]) -> dict[str, Any]:
    """On the wire a withdrawn conversation is at stage `withdrawn`, which is a mark and not a stage in here."""
    is_withdrawn = row.withdrawn_at is not None
    return {
        "conversation_id": row.client_id,
        "public_id": row.public_id,
        "stage": "withdrawn" if is_withdrawn else row.stage,
        "anonymised": row.stage != Stage.RECEIVED,
        "model": None if is_withdrawn else row.model,
        "platform": None if is_withdrawn else row.platform,
        "page_host": None if is_withdrawn else row.page_host,
        "source": row.source,
        "message_count": 0 if is_withdrawn else row.message_count,
        "rating": None if is_withdrawn else row.rating,
        "received_at": iso(row.received_at),
        "changed_at": iso(row.changed_at),
        "releasable_at": None if is_withdrawn else iso(row.releasable_at),
        "first_release": row.first_release,
        "withdrawn_at": iso(row.withdrawn_at),
    }


def message_facts(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role,
        "content": message.content,
        "gap": message.gap,
        "model": message.model,
        "timestamp": iso(message.sent_at),
        "rating": message.rating,
        "redactions": message.redactions,
        "anonymised": message.digest is not None,
    }


def iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None
