"""What the server has of its caller: numbers, demographics, a one-time code that opens the pages, a message to the operator."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.download.rows import iso
from sharelm.errors import ConsentNeeded
from sharelm.ingest.account import ContactMessage, DemographicsChange, read_changes
from sharelm.ingest.payload import read as read_payload
from sharelm.keys import token_digest, user_digest
from sharelm.store import contact_message as contact_messages
from sharelm.store import contributor as contributors
from sharelm.store import conversation as conversations
from sharelm.store import login_code as login_codes
from sharelm.store.engine import read, write
from sharelm.web.api.caller import NOBODY, bearer, check_upload_rate, contributor_id
from sharelm.web.body import read_json_body
from sharelm.web.current import now, server
from sharelm.web.disk import check_room
from sharelm.web.limits import ClientKeys, TokenBuckets, too_many
from sharelm.withdraw.purge import KEEP_CONTACT

if TYPE_CHECKING:
    from sharelm import ShareLM

CODE_LASTS = timedelta(seconds=60)
CODES_PER_MINUTE = 10
MESSAGES_PER_HOUR = 3
MESSAGES_PER_HOUR_AND_CLIENT = 20
LIMITS = "sharelm.account_limits"
NO_ANSWERS = dict.fromkeys(contributors.ANSWERS)

blueprint = Blueprint("account", __name__)


class Limits:
    """Of this application: user IDs cost nothing, so messages are counted per client, too."""

    def __init__(self) -> None:
        self.codes = TokenBuckets(CODES_PER_MINUTE)
        self.messages = TokenBuckets(MESSAGES_PER_HOUR / 60, holds=MESSAGES_PER_HOUR)
        self.messages_of_client = TokenBuckets(MESSAGES_PER_HOUR_AND_CLIENT / 60, holds=MESSAGES_PER_HOUR_AND_CLIENT)
        self.clients = ClientKeys()


def prepare(app: ShareLM) -> None:
    app.extensions[LIMITS] = Limits()


def limits() -> Limits:
    found: Limits = current_app.extensions[LIMITS]
    return found


@blueprint.get("/api/v1/me")
def show() -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        numbers = conversations.count_for_owner(connection, contributor_id=owner)
        agreed = contributors.select_consent(connection, owner)
    return jsonify(**{name: int(count) for name, count in numbers._mapping.items()}, consent=consent_facts(agreed))


def consent_facts(agreed: Row[Any] | None) -> dict[str, Any] | None:
    if agreed is None:
        return None
    is_current = agreed.version == server().consent.version
    return {"version": agreed.version, "language": agreed.language, "given": iso(agreed.given_at), "is_current": is_current}


@blueprint.post("/api/v1/login-code")
def make_code() -> ResponseReturnValue:
    """An unknown user ID gets a code like any other; it opens nothing, as that ID does at the login."""
    take(limits().codes, user_digest(server().keys, bearer()))
    owner, code, expires_at = contributor_id(), secrets.token_urlsafe(32), now() + CODE_LASTS
    if owner != NOBODY:
        with write(server().engine) as connection:
            login_codes.insert_code(connection, token_digest(code), contributor_id=owner, expires_at=expires_at)
    return jsonify(url=f"{server().config.public_url}/open/{code}", expires_at=iso(expires_at))


@blueprint.get("/api/v1/me/demographics")
def show_demographics() -> ResponseReturnValue:
    digest = user_digest(server().keys, bearer())
    with read(server().engine) as connection:
        giver = contributors.select_contributor(connection, digest)
        if giver is None:
            contributors.refuse_replaced(connection, digest)
        return jsonify(answers(giver))


@blueprint.put("/api/v1/me/demographics")
def change_demographics() -> ResponseReturnValue:
    user_id = bearer()
    check_upload_rate(user_id)
    changes = read_changes(read_payload(DemographicsChange, read_json_body()))
    with write(server().engine) as connection:
        giver = agreed_contributor(connection, user_digest(server().keys, user_id))
        contributors.update_own_demographics(connection, giver.id, changes)
    return jsonify(answers(giver) | changes)


@blueprint.delete("/api/v1/me/demographics")
def erase_demographics() -> ResponseReturnValue:
    """Also of a user ID that gave nothing yet: it is remembered that its holder wants nothing taken from uploads."""
    user_id = bearer()
    check_upload_rate(user_id)
    with write(server().engine) as connection:
        giver = contributors.ensure_contributor(connection, user_digest(server().keys, user_id), now=now())
        contributors.update_own_demographics(connection, giver.id, NO_ANSWERS)
    return jsonify(NO_ANSWERS)


def agreed_contributor(connection: Connection, digest: bytes) -> Row[Any]:
    """Raises ConsentNeeded where no agreement is in force: nothing is kept of somebody before it. Raises IdReplaced."""
    giver = contributors.select_contributor(connection, digest)
    if giver is None:
        contributors.refuse_replaced(connection, digest)
    if giver is None or contributors.select_consent(connection, giver.id) is None:
        raise ConsentNeeded(version=server().consent.version, address=f"{server().config.public_url}/terms")
    return giver


def answers(giver: Row[Any] | None) -> dict[str, str | None]:
    return {name: getattr(giver, name, None) for name in contributors.ANSWERS}


@blueprint.post("/api/v1/contact")
def contact() -> ResponseReturnValue:
    digest, at = user_digest(server().keys, bearer()), now()
    sent = read_payload(ContactMessage, read_json_body())
    check_room()
    take(limits().messages_of_client, limits().clients.key(request.remote_addr))
    take(limits().messages, digest)
    with write(server().engine) as connection:
        contributors.refuse_replaced(connection, digest)
        contact_messages.insert_message(connection, digest, **dict(sent), now=at)
    return jsonify(received_at=iso(at), kept_until=iso(at + KEEP_CONTACT))


def take(buckets: TokenBuckets, key: bytes) -> None:
    """Raises 429 with the time to wait."""
    wait = buckets.take(key)
    if wait:
        raise too_many(wait)
