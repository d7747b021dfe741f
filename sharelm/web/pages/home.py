"""The first page: what this is and where it stands."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.store import conversation as conversations
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.web.current import server

NUMBERS = "sharelm.numbers"
FRESH_SECONDS = 2.0

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Numbers:
    """`newest` is the newest release, if there is one."""

    received: int
    withdrawn: int
    newest: Row[Any] | None


@blueprint.get("/")
def show() -> ResponseReturnValue:
    return render_template("home/home.html", numbers=current_numbers())


def current_numbers() -> Numbers:
    """Counted at most once a minute: the page is open to everybody, and counting reads the whole index."""
    counted_at, numbers = current_app.extensions.get(NUMBERS, (0.0, None))
    if numbers is None or time.monotonic() - counted_at > FRESH_SECONDS:
        with read(server().engine) as connection:
            numbers = count(connection)
        current_app.extensions[NUMBERS] = (time.monotonic(), numbers)
    assert isinstance(numbers, Numbers)
    return numbers


def count(connection: Connection) -> Numbers:
    newest = next(iter(releases.select_releases(connection)), None)
    return Numbers(sum(conversations.count_by_stage(connection).values()), conversations.count_withdrawn(connection), newest)
