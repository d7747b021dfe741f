"""What every request must pass first: our own address, and for changing requests of browsers our own pages."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx

from sharelm.config import is_loopback
from sharelm.errors import Refused
from sharelm.web.current import server

if TYPE_CHECKING:
    from sharelm import ShareLM

csrf = CSRFProtect()
htmx = Htmx()
ANY_HOST = {"/healthz", "/readyz"}  # load balancers ask by address
SAFE = {"GET", "HEAD", "OPTIONS"}
METHODS = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
ROUTE, METHOD = "sharelm.route", "sharelm.method"


def register(app: ShareLM) -> None:
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    csrf.init_app(app)
    htmx.init_app(app)
    app.before_request(check_request)


def check_request() -> None:
    # For the access log: words of ours, none that was sent.
    request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "-"
    request.environ[METHOD] = request.method if request.method in METHODS else "-"
    check_host()
    check_origin()


def check_host() -> None:
    if request.path not in ANY_HOST and not is_our_host(request.host, server().config.public_url):
        raise Refused("This server does not answer under that name.", status=400, title="Unknown host")


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
    """A page of somebody else may not change anything here, token or not. The API has no cookies to borrow."""
    if request.method in SAFE or request.path.startswith("/api/"):
        return
    if is_from_elsewhere(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")):
        raise Refused("Nothing was changed: the form was sent from another site.", status=403, title="Sent from elsewhere")
