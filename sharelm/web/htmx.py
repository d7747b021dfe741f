"""Requests that htmx made: they are answered with a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from htmx_flask import Htmx, request

if TYPE_CHECKING:
    from sharelm import ShareLM

htmx = Htmx()


def register(app: ShareLM) -> None:
    htmx.init_app(app)


def is_htmx() -> bool:
    return bool(request.htmx)


def vary(response: Response) -> Response:
    """For blueprints whose addresses answer htmx with a part of the page: a cache must not give one for the other."""
    response.vary.add("HX-Request")
    return response
