"""Headers of every answer: nothing from another host, nothing in a frame, nothing kept by caches that is private."""

from __future__ import annotations

from functools import lru_cache
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
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Max-Age": "86400",
}


def register(app: ShareLM) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Added in one go: setting each alone looks through all of them, a tenth of an upload's time."""
    is_https = server().config.is_https
    kind = request.method if request.path.startswith("/api/") else ""
    response.headers.extend(_prepared(is_https, kind, request.endpoint or ""))
    if request.endpoint not in PUBLIC:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@lru_cache(maxsize=512)
def _prepared(is_https: bool, api_method: str, endpoint: str) -> tuple[tuple[str, str], ...]:
    headers = dict(HEADERS)
    if is_https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    if api_method:
        headers |= CORS  # header authentication only: a foreign page has no credentials to borrow
    if api_method == "OPTIONS":
        headers |= PREFLIGHT
    if endpoint == "releases.file":
        headers["Access-Control-Allow-Origin"] = "*"
    return tuple(headers.items())
