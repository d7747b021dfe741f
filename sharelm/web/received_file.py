"""A contributor's own export as it comes in, from a form or a program: looked at while its sender waits, then kept until a job has read it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import current_app, request
from sqlalchemy import Row

from sharelm.errors import ConsentNeeded, English, InvalidPayload, Refused
from sharelm.ingest.exports.archive import check_file
from sharelm.ingest.exports.draft import NotAnExport
from sharelm.ingest.exports.problems import sentence
from sharelm.ingest.exports.stored import Discarded, store_file
from sharelm.store import contributor as contributors
from sharelm.store import own_export as own_exports
from sharelm.store.engine import read
from sharelm.web.current import now, server
from sharelm.web.disk import check_room
from sharelm.web.limits import TokenBuckets, too_many

if TYPE_CHECKING:
    from sharelm import ShareLM

PER_MINUTE = 60
MOST_KEPT_BYTES = 1_000_000_000  # of one contributor
LIMIT = "sharelm.exports"
TOO_LARGE = {"too-large", "bomb", "too-many-files"}


def prepare(app: ShareLM) -> None:
    app.extensions[LIMIT] = TokenBuckets(PER_MINUTE)


def receive(owner: int) -> str:
    """The id of the contributor's new export. Raises Refused, InvalidPayload, or ConsentNeeded before a byte is kept."""
    check_room()
    wait = current_app.extensions[LIMIT].take(str(owner).encode())
    if wait:
        raise too_many(wait)
    with read(server().engine) as connection:
        check_current_consent(contributors.select_by_id(connection, owner))
        kept = own_exports.count_kept_bytes(connection, contributor_id=owner, now=now())
    if request.mimetype != "multipart/form-data":
        detail = English("Send the file as a form does: multipart/form-data, in a field named file.")
        raise Refused(detail, status=415, title=English("Unsupported type"))
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidPayload(English("file is missing: choose the export that you downloaded."))
    size = file.stream.seek(0, 2)
    if kept + size > MOST_KEPT_BYTES:
        detail = English("Several large exports of yours wait here already. Choose from one and erase it, then send this one.")
        raise Refused(detail, status=409, title=English("Too many exports"))
    return keep(owner, file.stream, size)


def keep(owner: int, stream: Any, size: int) -> str:
    try:
        check_file(stream, size)
    except NotAnExport as problem:
        status = 413 if problem.word in TOO_LARGE else 422
        raise Refused(sentence(problem.word), status=status, title=English("This file cannot be read"), problem=problem.word) from None
    public_id = secrets.token_hex(16)
    try:
        store_file(server().engine, stream, public_id=public_id, contributor_id=owner, size=size, now=now())
    except Discarded:
        raise ConsentNeeded(version=server().consent.version, address=terms_address()) from None
    return public_id


def check_current_consent(giver: Row[Any]) -> None:
    """Nothing is kept of somebody who has not agreed to the terms in force. Raises ConsentNeeded."""
    if giver.consent_ended_at is not None or giver.consent_version != server().consent.version:
        raise ConsentNeeded(version=server().consent.version, address=terms_address())


def terms_address() -> str:
    return f"{server().config.public_url}/terms"
