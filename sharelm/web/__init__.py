"""WEB: the HTTP edge. Views authorise, parse, call one use case and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    """Add every route, hook and error page to the application."""
    from sharelm.web import api, errors, guard, headers, htmx, language, large_files, pages, review

    guard.register(app)
    htmx.register(app)
    large_files.register(app)
    headers.register(app)
    errors.register(app)
    language.register(app)
    api.register(app)
    pages.register(app)
    review.register(app)
