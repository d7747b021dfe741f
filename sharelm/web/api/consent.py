"""The consent text in force, and the agreement to it."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sharelm.consent.record import record_consent
from sharelm.consent.texts import ConsentText, current_text
from sharelm.errors import ConsentNeeded
from sharelm.ingest.payload import ConsentGiven, read
from sharelm.store.engine import write
from sharelm.web.api.caller import bearer, check_upload_rate
from sharelm.web.body import read_json_body
from sharelm.web.current import now, server

blueprint = Blueprint("consent", __name__)


@blueprint.get("/api/v1/consent")
def show() -> ResponseReturnValue:
    text = current_text(server().consent_facts, request.args.get("language", "en"))
    return jsonify(**facts(text), text=text.text)


@blueprint.post("/api/v1/consent")
def agree() -> ResponseReturnValue:
    user_id = bearer()
    check_upload_rate(user_id)
    given = read(ConsentGiven, read_json_body())
    text = current_text(server().consent_facts, given.language)
    if given.version != text.version:
        raise ConsentNeeded(version=text.version, address=f"{server().config.public_url}/terms")
    with write(server().engine) as connection:
        record_consent(connection, server().keys, user_id, text, now=now())
    return jsonify(**facts(text), agreed=True)


def facts(text: ConsentText) -> dict[str, str]:
    return {"version": text.version, "language": text.language, "sha256": text.sha256, "address": f"{server().config.public_url}/terms"}
