"""Who looks at the pages: a login is a row; its random token is in the signed session cookie and nowhere else."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Response, abort, redirect, session, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from sharelm.errors import ConsentNeeded
from sharelm.keys import token_digest
from sharelm.store import contributor as contributors
from sharelm.store import session as sessions
from sharelm.store.engine import read, write
from sharelm.web.current import now, server
from sharelm.web.htmx import is_htmx

if TYPE_CHECKING:
    from sharelm import ShareLM

LOGIN_LASTS = timedelta(hours=12)  # from the login on, however often it is used
TOKEN_BYTES = 32
TOKEN = "login"


def prepare(app: ShareLM) -> None:
    app.context_processor(page_facts)


def page_facts() -> dict[str, Any]:
    """For every template. No query: error pages are shown when the database is down."""
    return {"is_inside": TOKEN in session, "config": server().config}


def contributor_id() -> int:
    """The contributor who is logged in. Ends the request with a redirect to the login for everybody else."""
    with read(server().engine) as connection:
        owner = sessions.select_session_owner(connection, token_digest(session.get(TOKEN, "")), now=now())
    if owner is None:
        session.clear()
        abort(to_login())
    return owner


def check_agreement(connection: Connection, owner: int) -> None:
    """Raises ConsentNeeded where no agreement is in force; until the transaction ends it stays as it is."""
    contributors.select_for_withdrawal(connection, owner)
    if contributors.select_consent(connection, owner) is None:
        raise ConsentNeeded(version=server().consent.version, address=f"{server().config.public_url}/terms")


def to_login() -> BaseResponse:
    """For htmx as a header: it would follow a redirect and swap the login form into the page."""
    address = url_for("login.show")
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def log_in(contributor: int) -> None:
    """A new session under a new token; what the browser had before is gone."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with write(server().engine) as connection:
        sessions.delete_session(connection, token_digest(session.get(TOKEN, "")))
        sessions.insert_session(connection, token_digest(token), contributor_id=contributor, expires_at=now() + LOGIN_LASTS)
    session.clear()
    session[TOKEN] = token


def log_out() -> None:
    with write(server().engine) as connection:
        sessions.delete_session(connection, token_digest(session.get(TOKEN, "")))
    session.clear()
