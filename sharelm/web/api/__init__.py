"""The API: uploads, one's own conversations, account and consent, what the server is, health. Header authentication, no cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.api import account, consent, conversations, exports, health, openapi, plugin, site, uploads
    from sharelm.web.api.caller import UPLOADS
    from sharelm.web.limits import TokenBuckets

    app.extensions[UPLOADS] = TokenBuckets(app.server.config.uploads_per_minute)

    account.prepare(app)
    exports.prepare(app)
    for module in (plugin, uploads, conversations, account, consent, exports, site, health, openapi):
        app.register_blueprint(module.blueprint)
    app.before_request(answer_preflight)


def answer_preflight() -> Response | None:
    """What a browser asks before a cross-origin request; the headers are added to every API answer."""
    is_preflight = request.method == "OPTIONS" and request.path.startswith("/api/")
    return Response(status=204) if is_preflight else None
