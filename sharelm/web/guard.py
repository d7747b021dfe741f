"""What every request must pass first: our own address, and for changing requests of browsers our own pages."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request, session
from flask_wtf.csrf import CSRFProtect

from sharelm.config import is_loopback
from sharelm.errors import English, Refused
from sharelm.web.current import server

if TYPE_CHECKING:
    from sharelm import ShareLM

csrf = CSRFProtect()
ANY_HOST = {"/healthz", "/readyz"}  # load balancers ask by address
SAFE = {"GET", "HEAD", "OPTIONS"}
METHODS = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
WITHOUT_SESSION = {"language.choose"}  # who only reads gets no cookie for a token: there is no session that it would guard
ROUTE, METHOD = "sharelm.route", "sharelm.method"


def register(app: ShareLM) -> None:
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False, WTF_CSRF_CHECK_DEFAULT=False)  # checked below
    csrf.init_app(app)
    app.before_request(check_request)


def check_request() -> None:
    asked, method = request.url_rule, request.method
    # For the access log: words of ours, none that was sent.
    request.environ[ROUTE] = asked.rule if asked else "-"
    request.environ[METHOD] = method if method in METHODS else "-"
    path = request.path
    if path not in ANY_HOST:
        check_host()
    if asked and method not in SAFE and not path.startswith("/api/"):  # the API has no cookies to borrow
        check_origin()
        if session or asked.endpoint not in WITHOUT_SESSION:
            csrf.protect()


def check_host() -> None:
    if not is_our_host(request.host, server().config.public_url):
        raise Refused(English("This server does not answer under that name."), status=400, title=English("Unknown host"))


@lru_cache(maxsize=256)
def is_our_host(host: str, public_url: str) -> bool:
    """Whether a Host header names us; all loopback names count where our own address is one."""
    name, ours = urlsplit(f"//{host}").hostname or "", urlsplit(public_url).hostname or ""
    return name == ours or (is_loopback(name) and is_loopback(ours))


def is_from_elsewhere(site: str | None, origin: str | None) -> bool:
    """What the browser says. A page without referrers sends `Origin: null` even to itself: that says nothing, the form's token must do."""
    if site is not None:
        return site not in {"same-origin", "none"}
    return origin not in {None, "null"} and not is_our_host(urlsplit(origin).netloc, server().config.public_url)


def check_origin() -> None:
    """A page of somebody else may not change anything here, token or not."""
    if is_from_elsewhere(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")):
        raise Refused(English("Nothing was changed: the form was sent from another site."), status=403, title=English("Sent from elsewhere"))
