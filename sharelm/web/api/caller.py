"""Who calls: the user ID comes in the Authorization header, and only there."""

from __future__ import annotations

import re

from flask import current_app, request

from sharelm.errors import NotAuthorised
from sharelm.keys import user_digest
from sharelm.store import contributor as contributors
from sharelm.store.engine import read
from sharelm.vocabulary import UserId
from sharelm.web.current import server
from sharelm.web.limits import too_many

USER_ID = re.compile(r"[A-Za-z0-9_\-]{22,64}")
NOBODY = -1  # owns nothing: a user ID that never gave anything sees what everybody without conversations sees

UPLOADS = "sharelm.uploads"  # the token buckets of this application


def bearer() -> UserId:
    """Raises NotAuthorised if there is none, or none that could be a user ID."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not USER_ID.fullmatch(token.strip()):
        raise NotAuthorised("Send your user ID: Authorization: Bearer <user ID>.")
    return UserId(token.strip())


def contributor_id() -> int:
    """The caller's number; NOBODY where the user ID is not known, so that known and unknown look alike. Raises IdReplaced."""
    return caller()[0]


def caller() -> tuple[int, bytes]:
    """The caller's number, and what the digests of their conversation ids are made with. Raises IdReplaced."""
    digest = user_digest(server().keys, bearer())
    with read(server().engine) as connection:
        found = contributors.select_contributor(connection, digest)
        if found is None:
            contributors.refuse_replaced(connection, digest)
    return (found.id, contributors.digest_base(found)) if found else (NOBODY, digest)


def check_upload_rate(user_id: str) -> None:
    """Raises 429 when the caller has used up the requests of this minute."""
    wait = current_app.extensions[UPLOADS].take(user_digest(server().keys, user_id))
    if wait:
        raise too_many(wait)
