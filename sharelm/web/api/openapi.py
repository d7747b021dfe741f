"""The API's description, generated from the same models that read the payloads."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic.json_schema import models_json_schema

from sharelm import __version__
from sharelm.ingest.account import BANDS, ContactMessage, DemographicsChange
from sharelm.ingest.payload import MAX_ITEMS, Choice, ConsentGiven, PluginUpload, Upload
from sharelm.web.current import server

blueprint = Blueprint("openapi", __name__)
REF = "#/components/schemas/{model}"
Json = dict[str, Any]
MODELS = (PluginUpload, Upload, ConsentGiven, DemographicsChange, ContactMessage, Choice)


@blueprint.get("/openapi.json")
def show() -> ResponseReturnValue:
    return jsonify({**document(), "servers": [{"url": server().config.public_url}]})


@cache
def document() -> Json:
    """OpenAPI 3.1."""
    _, schemas = models_json_schema([(model, "validation") for model in MODELS], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ShareLM",
            "version": __version__,
            "description": "Give conversations with language models, read what you gave, withdraw it. Errors are problem JSON (RFC 9457).",
        },
        "paths": paths(),
        "components": {
            "schemas": {**schemas["$defs"], "Problem": PROBLEM, "Item": ITEM, "Conversation": CONVERSATION, "Answer": ANSWER},
            "securitySchemes": {"userId": {"type": "http", "scheme": "bearer", "description": "The user ID from the extension."}},
        },
    }


def paths() -> Json:
    one = {"oneOf": [ref("Upload"), {"type": "array", "items": ref("Upload"), "minItems": 1, "maxItems": MAX_ITEMS}]}
    received = obj({"message": TEXT, "conversation_id": TEXT})
    answers = obj({"items": {"type": "array", "items": ref("Answer")}})
    listed = obj({"items": {"type": "array", "items": ref("Item")}, "next": {"type": ["string", "null"]}})
    gone = obj({"conversation_id": TEXT, "withdrawn_at": TIME, "receipt": maybe("string")})
    everything = obj({"withdrawn": {"type": "integer"}, "withdrawn_at": TIME, "receipt": maybe("string")})
    text = obj({"version": TEXT, "language": TEXT, "text": TEXT, "sha256": TEXT, "address": TEXT})
    agreed = obj({"version": TEXT, "language": TEXT, "sha256": TEXT, "address": TEXT, "agreed": {"type": "boolean"}})
    health = obj({"status": TEXT})
    page = [query("limit", {"type": "integer", "minimum": 1, "maximum": 200}), query("cursor", TEXT)]
    named = {"name": "conversation_id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,200}$"}}
    return {
        "/api/endpoint": {"post": operation("Upload as the published plugin does", received, body=ref("PluginUpload"), is_open=True)},
        "/api/v1/conversations": {
            "post": operation("Upload one conversation or a list", answers, body=one),
            "get": operation("List your own, newest first", listed, parameters=page),
        },
        "/api/v1/conversations/{conversation_id}": {
            "get": operation("Read one of your own", ref("Conversation"), parameters=[named]),
            "delete": operation("Withdraw one of your own", gone, parameters=[named]),
        },
        "/api/v1/me": {
            "get": operation("Your own in numbers", ME),
            "delete": operation("Withdraw everything and end consent", everything),
        },
        "/api/v1/me/demographics": {
            "get": operation("What is kept of your age group, country and gender", DEMOGRAPHICS),
            "put": operation(
                "Change or erase (null) single answers; uploads leave them alone from then on", DEMOGRAPHICS, body=ref("DemographicsChange")
            ),
            "delete": operation("Erase all answers; uploads bring none back", DEMOGRAPHICS),
        },
        "/api/v1/login-code": {"post": operation("A link that opens your data once, within a minute", obj({"url": TEXT, "expires_at": TIME}))},
        "/api/v1/contact": {
            "post": operation("Write to the operator", obj({"received_at": TIME, "kept_until": TIME}), body=ref("ContactMessage")),
        },
        **export_paths(page),
        "/.well-known/sharelm.json": {"get": operation("Who this server is, for extensions", SITE, is_open=True)},
        "/platforms.json": {"get": operation("How the extension reads chat pages", PLATFORMS, is_open=True)},
        "/api/v1/consent": {
            "get": operation("The consent text in force", text, parameters=[query("language", TEXT)], is_open=True),
            "post": operation("Agree to the consent text", agreed, body=ref("ConsentGiven")),
        },
        "/healthz": {"get": operation("The process lives", health, is_open=True)},
        "/readyz": {"get": operation("The server can do its work", health, is_open=True, not_ready=health)},
    }


def export_paths(page: list[Json]) -> Json:
    file = {"multipart/form-data": {"schema": obj({"file": {"type": "string", "contentMediaType": "application/octet-stream"}})}}
    named = {"name": "export_id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}
    answers = obj({"items": {"type": "array", "items": ref("Answer")}})
    erased = obj({"export_id": TEXT, "erased": {"type": "boolean"}})
    sent = operation("Send an export of your own from another service, up to 250 MB", obj({"export_id": TEXT}), done="202")
    return {
        "/api/v1/exports": {"post": {**sent, "requestBody": {"required": True, "content": file}}},
        "/api/v1/exports/{export_id}": {
            "get": operation("What was found in an export of yours, newest first", EXPORT, parameters=[named, *page]),
            "delete": operation("Erase an export and what was found in it", erased, parameters=[named]),
        },
        "/api/v1/exports/{export_id}/choose": {
            "post": operation("Give these conversations of it", answers, body=ref("Choice"), parameters=[named]),
        },
    }


def operation(
    summary: str,
    answer: Json,
    *,
    body: Json | None = None,
    parameters: list[Json] | None = None,
    is_open: bool = False,
    not_ready: Json | None = None,
    done: str = "200",
) -> Json:
    responses = {
        done: {"description": "Done", "content": {"application/json": {"schema": answer}}},
        "4XX": {"description": "Not carried out; `detail` says why", "content": {"application/problem+json": {"schema": ref("Problem")}}},
        "503": {"description": "Try again after `Retry-After`", "content": {"application/problem+json": {"schema": ref("Problem")}}},
    }
    if not_ready:
        responses["503"] = {"description": "Not ready", "content": {"application/json": {"schema": not_ready}}}
    described: Json = {"summary": summary, "responses": responses, "security": [] if is_open else [{"userId": []}]}
    if parameters:
        described["parameters"] = parameters
    if body:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return described


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def maybe(kind: str) -> Json:
    return {"type": [kind, "null"]}


TEXT: Json = {"type": "string"}
TIME: Json = {"type": "string", "format": "date-time"}
PROBLEM = obj({"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "error_id": TEXT})
ANSWER: Json = {
    "type": "object",
    "properties": {
        "conversation_id": maybe("string"),
        "result": {"enum": ["created", "updated", "unchanged", "refused"]},
        "status": {"type": "integer", "description": "of a refused item, as an HTTP status"},
        "reason": TEXT,
    },
    "required": ["conversation_id", "result"],
}
COUNT: Json = {"type": "integer"}
AGREED: Json = {**obj({"version": TEXT, "language": TEXT, "given": TIME, "is_current": {"type": "boolean"}}), "type": ["object", "null"]}
ME = obj(
    {
        "conversations": {**COUNT, "description": "given and not withdrawn"},
        "messages": {**COUNT, "description": "in those"},
        "released": {**COUNT, "description": "of those, in a release"},
        "withdrawn": {**COUNT, "description": "withdrawn so far"},
        "awaiting_purge": {**COUNT, "description": "of those, not yet erased"},
        "consent": AGREED,
    }
)
DEMOGRAPHICS = obj({"age_band": {"enum": [*BANDS, None]}, "country": maybe("string"), "gender": maybe("string")})
PLATFORMS = obj({"version": COUNT, "platforms": {"type": "array", "items": {"type": "object"}}})
SITE = obj(
    {
        "name": TEXT,
        "address": TEXT,
        "operator": TEXT,
        "contact": TEXT,
        "licence": TEXT,
        "consent": obj({"version": TEXT, "hash": TEXT, "address": TEXT}),
        "hold_hours": {**COUNT, "description": "that the extension keeps each message on the device before it sends it"},
        "release_hold_hours": {**COUNT, "description": "that a conversation waits here before it may be released"},
        "platforms": obj({"address": TEXT, "version": COUNT}),
        "receipt_keys": {"type": "array", "description": "public keys that check receipts"},
        "release_keys": {"type": "array", "description": "public keys that check releases"},
    }
)
ITEM = obj(
    {
        "conversation_id": TEXT,
        "public_id": TEXT,
        "stage": {"enum": ["received", "anonymised", "approved", "rejected", "released", "withdrawn"]},
        "anonymised": {"type": "boolean"},
        "model": maybe("string"),
        "platform": maybe("string"),
        "page_host": maybe("string"),
        "source": TEXT,
        "message_count": {"type": "integer"},
        "rating": maybe("integer"),
        "received_at": TIME,
        "changed_at": TIME,
        "releasable_at": maybe("string"),
        "first_release": maybe("string"),
        "withdrawn_at": maybe("string"),
    }
)
MESSAGE = obj(
    {
        "id": maybe("string"),
        "parent_id": maybe("string"),
        "role": TEXT,
        "content": TEXT,
        "gap": {"type": "boolean"},
        "model": maybe("string"),
        "timestamp": maybe("string"),
        "rating": maybe("integer"),
        "redactions": {"type": "integer"},
        "anonymised": {"type": "boolean"},
    }
)
EXPORT = obj(
    {
        "state": {"enum": ["reading", "ready", "failed"]},
        "problem": {**maybe("string"), "description": "where it failed: what to do about it"},
        "conversations": {
            "type": "array",
            "items": obj(
                {
                    "id": {**TEXT, "description": "the same in every later export"},
                    "model": maybe("string"),
                    "messages": {"type": "array", "items": obj({"role": TEXT, "content": TEXT})},
                    "chosen": {"type": "boolean"},
                }
            ),
        },
        "skipped": {"type": "object", "additionalProperties": COUNT, "description": "how many were left out, by reason"},
        "next": maybe("string"),
    }
)
CONVERSATION: Json = {"allOf": [ref("Item"), obj({"messages": {"type": "array", "items": MESSAGE}})]}
