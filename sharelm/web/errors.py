"""Errors as people and programs see them: problem JSON (RFC 9457) under /api/, a page elsewhere, a fragment for htmx.

The privacy boundary: what is logged is an id, a type and places in our code, never a message or a value.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
from typing import TYPE_CHECKING

import psycopg
from flask import Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from sharelm.errors import English, ShareLMError, log_error
from sharelm.web.htmx import is_htmx, vary

if TYPE_CHECKING:
    from sharelm import ShareLM

log = logging.getLogger("sharelm.errors")
API = "/api/"
PROBLEM_PATHS = (API, "/healthz", "/readyz", "/openapi.json", "/platforms.json", "/.well-known/")
PROBLEM_FILES = {"receipts.file", "release_files.file", "release_files.tombstones"}  # what programs read beside the API
RETRY_AFTER_SECONDS = 5
OUTAGES = (OperationalError, PoolTimeout, sqlite3.OperationalError, psycopg.OperationalError)
TITLES = {
    400: English("Bad request"),
    404: English("Not found"),
    405: English("Method not allowed"),
    413: English("Too large"),
    415: English("Unsupported type"),
    416: English("No such part"),
    429: English("Too many requests"),
}
DETAILS = {
    400: English("The request cannot be understood."),
    404: English("There is nothing at this address."),
    405: English("This address does not take that method."),
    413: English("The body is larger than this server takes."),
    415: English("Send application/json, plain or gzip."),
    416: English("The file ends before the part that was asked for: Content-Range says how long it is."),
}


def register(app: ShareLM) -> None:
    app.register_error_handler(ShareLMError, on_expected)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(CSRFError, on_csrf)
    for database_error in (DBAPIError, PoolTimeout, sqlite3.Error, psycopg.Error):
        app.register_error_handler(database_error, on_database)
    app.register_error_handler(500, on_unexpected)


def on_expected(error: ShareLMError) -> Response:
    return answer(error.status, error.title, error.message, retry_after=error.retry_after, **error.extra)


def on_http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    response = answer(status, TITLES.get(status, error.name), DETAILS.get(status, English("This request is not carried out.")))
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Content-Range", "Retry-After"}:
            response.headers[name] = value
    return response


def on_csrf(error: CSRFError) -> Response:
    detail = English("It changed nothing this time. Load the page again and look: the first time may have worked.")
    return answer(403, English("This form is too old, or was sent twice"), detail)


def on_database(error: Exception) -> Response:
    """An outage is 503; everything else that a database says is our fault. Uploads raise the driver's errors, the rest SQLAlchemy's."""
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if not is_lost and not isinstance(error, OUTAGES):
        log_error(log, error)
        return on_unexpected(error)
    detail = English("The database or the disk is not available just now. Nothing that was acknowledged is lost; try again in a moment.")
    log.warning("database not available: %s", type(error).__name__)
    return answer(503, English("Not available just now"), detail, retry_after=RETRY_AFTER_SECONDS)


def on_unexpected(error: object) -> Response:
    detail = English("It is our fault, not yours. Try again; if it stays, tell the operator the error id.")
    return answer(500, English("Something failed here"), detail)


def answer(status: int, title: str, detail: str, *, retry_after: int | None = None, **extra: object) -> Response:
    """One error in the form and, on pages, the language that its reader understands; the id links it to the log."""
    error_id = secrets.token_hex(6)
    log.info("error %s: %s at %s", error_id, status, request.url_rule or "no route")
    facts = {"title": title, "status": status, "detail": detail, "error_id": error_id}
    if request.path.startswith(PROBLEM_PATHS) or request.endpoint in PROBLEM_FILES:
        response = make_response(json.dumps({"type": "about:blank", **facts, **extra}, ensure_ascii=False), status)
        response.content_type = "application/problem+json"
    else:
        template = "errors/_fragment.html" if is_htmx() else "errors/error.html"
        response = make_response(render_template(template, **facts), status)
        vary(response)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
