"""Headers of every answer: nothing from another host, nothing in a frame, nothing kept by caches that is private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sharelm.web.current import server

if TYPE_CHECKING:
    from sharelm import ShareLM

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ONE_YEAR = 365 * 24 * 3600
PUBLIC = ("static", "releases.file")
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "86400",
}


def register(app: ShareLM) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    headers = response.headers
    for name, value in HEADERS.items():
        headers[name] = value
    if server().config.is_https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    if request.path.startswith("/api/"):
        headers.update(CORS)  # header authentication only: a foreign page has no credentials to borrow
    if request.endpoint in PUBLIC:
        if request.endpoint == "releases.file":
            headers["Access-Control-Allow-Origin"] = "*"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response
