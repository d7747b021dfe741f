"""What a view needs of the running server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app

from sharelm.server import Server

if TYPE_CHECKING:
    from sharelm import ShareLM


def server() -> Server:
    return cast("ShareLM", current_app).server


def now() -> datetime:
    return datetime.now(UTC)
