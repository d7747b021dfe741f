"""Headers of every answer: nothing from another host, nothing in a frame, nothing kept by caches that is private."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Max-Age": "86400",
}


def register(app: ShareLM) -> None:
    app.wsgi_app = with_headers(app.wsgi_app, is_https=app.server.config.is_https)  # type: ignore[method-assign, assignment]


def with_headers(application: WSGIApplication, *, is_https: bool) -> WSGIApplication:
    """Added as the answer leaves: Werkzeug's `Headers` check each one anew, a tenth of an upload's time."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            headers += _prepared(is_https, environ["REQUEST_METHOD"] if environ["PATH_INFO"].startswith("/api/") else "")
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(("Cache-Control", "no-store"))
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return answer


@lru_cache(maxsize=64)
def _prepared(is_https: bool, api_method: str) -> tuple[tuple[str, str], ...]:
    headers = dict(HEADERS)
    if is_https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    if api_method:
        headers |= CORS  # header authentication only: a foreign page has no credentials to borrow
    if api_method == "OPTIONS":
        headers |= PREFLIGHT
    return tuple(headers.items())
