"""The address that the published ShareLM plugin posts to."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sharelm.ingest.accept import accept_contribution, accept_new
from sharelm.ingest.demographics import refuse_minor
from sharelm.ingest.payload import PluginUpload, plugin_conversation, read
from sharelm.store.engine import write
from sharelm.vocabulary import Outcome, UserId
from sharelm.web.api.caller import check_upload_rate
from sharelm.web.body import read_json_body
from sharelm.web.current import now, server
from sharelm.web.disk import check_room

blueprint = Blueprint("plugin", __name__)
SENTENCES = {
    Outcome.CREATED: "The conversation was received.",
    Outcome.UPDATED: "The conversation was updated.",
    Outcome.UNCHANGED: "The conversation was here already.",
}


@blueprint.post("/api/endpoint")
def receive() -> ResponseReturnValue:
    check_room()
    upload = read(PluginUpload, read_json_body())
    refuse_minor(upload.user_metadata.age if upload.user_metadata else None)
    check_upload_rate(upload.user_id)
    outcome = keep(upload)
    return jsonify(message=SENTENCES[outcome], conversation_id=upload.conversation_id)


def keep(upload: PluginUpload) -> Outcome:
    """Durable when it returns."""
    conversation = plugin_conversation(upload)
    user_id, door, engine = UserId(upload.user_id), server().plugin_door, server().engine
    if accept_new(engine, door, user_id, conversation, now=now()):
        return Outcome.CREATED
    with write(engine) as connection:
        return accept_contribution(connection, door, user_id, conversation, now=now())
