"""Our own upload: one conversation, or a list of up to 100, merged by message id."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic_core import from_json
from sqlalchemy import Connection

from sharelm.errors import ConsentNeeded, InvalidPayload, MalformedBody, ShareLMError
from sharelm.ingest.accept import Door, accept_contribution, accept_new
from sharelm.ingest.payload import MAX_ITEMS, Upload, own_conversation, read
from sharelm.store.engine import write
from sharelm.vocabulary import Conversation, Outcome, UserId
from sharelm.web.api.caller import bearer, check_upload_rate
from sharelm.web.body import read_json_body
from sharelm.web.current import now, server
from sharelm.web.disk import check_room

blueprint = Blueprint("uploads", __name__)
Answer = dict[str, Any]


@blueprint.post("/api/v1/conversations")
def upload() -> ResponseReturnValue:
    user_id = bearer()
    check_room()
    check_upload_rate(user_id)
    sent = parse(read_json_body())
    if isinstance(sent, list):
        return jsonify(items=keep_all(user_id, sent))
    return jsonify(items=[keep_one(user_id, sent)])


def parse(body: bytes) -> dict[str, Any] | list[Any]:
    try:
        sent = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise MalformedBody("The body is not valid JSON in UTF-8.") from None
    if isinstance(sent, list) and not 1 <= len(sent) <= MAX_ITEMS:
        raise InvalidPayload(f"A list holds 1 to {MAX_ITEMS} conversations.")
    if not isinstance(sent, dict | list):
        raise InvalidPayload("The body must be a conversation or a list of conversations.")
    return sent


def keep_one(user_id: UserId, sent: dict[str, Any]) -> Answer:
    """Durable when it returns; what is wrong with it becomes the status of the whole answer."""
    door, engine = server().own_door, server().engine
    conversation = understand(door, sent)
    if accept_new(engine, door, user_id, conversation, now=now()):
        return answer(conversation.conversation_id, Outcome.CREATED)
    with write(engine) as connection:
        return answer(conversation.conversation_id, accept_contribution(connection, door, user_id, conversation, now=now()))


def keep_all(user_id: UserId, sent: list[Any]) -> list[Answer]:
    """One transaction, one answer per item in the order they came; a bad item does not hold up the others."""
    door = server().own_door
    answers: list[Answer] = [{} for _ in sent]
    understood: list[tuple[int, Conversation]] = []
    stale = 0
    for place, item in enumerate(sent):
        try:
            understood.append((place, understand(door, item)))
        except ShareLMError as problem:
            stale += isinstance(problem, ConsentNeeded)
            answers[place] = refusal(item, problem)
    if stale == len(sent):
        raise ConsentNeeded(version=door.terms.version, address=door.terms.address)
    with write(server().engine) as connection:
        # In one order everywhere: two lists that share conversations cannot wait for each other.
        for place, conversation in sorted(understood, key=lambda pair: pair[1].conversation_id):
            answers[place] = accept_item(connection, door, user_id, conversation)
    return answers


def understand(door: Door, item: object) -> Conversation:
    """Raises InvalidPayload, or ConsentNeeded if it was recorded under another version of the terms."""
    if not isinstance(item, dict):
        raise InvalidPayload("A conversation must be an object.")
    upload = read(Upload, item)
    if upload.consent_version not in {None, door.terms.version}:
        raise ConsentNeeded(version=door.terms.version, address=door.terms.address)
    return own_conversation(upload)


def accept_item(connection: Connection, door: Door, user_id: UserId, conversation: Conversation) -> Answer:
    try:
        return answer(conversation.conversation_id, accept_contribution(connection, door, user_id, conversation, now=now()))
    except ConsentNeeded:
        raise  # concerns the contributor, so the whole request
    except ShareLMError as problem:
        return refusal({"conversation_id": conversation.conversation_id}, problem)


def answer(conversation_id: str, outcome: Outcome) -> Answer:
    return {"conversation_id": conversation_id, "result": outcome}


def refusal(item: object, problem: ShareLMError) -> Answer:
    named = item.get("conversation_id") if isinstance(item, dict) else None
    shown = named if isinstance(named, str) and len(named) <= 200 else None
    return {"conversation_id": shown, "result": Outcome.REFUSED, "status": problem.status, "reason": problem.message}
