"""The badge for everybody who has its address; the address is random, and dead as soon as its owner revokes it."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from sharelm.errors import English, NotFound
from sharelm.identity.badge import HIGHEST, badge_svg, band_of
from sharelm.store import contributor as contributors
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.web.current import server

TOKEN = re.compile(r"[A-Za-z0-9_\-]{43}")
KEPT_SECONDS = 300  # by browsers and by sites that show it: what is revoked is gone everywhere soon after

blueprint = Blueprint("badge", __name__)


@blueprint.get("/badge/<token>.svg")
def show(token: str) -> ResponseReturnValue:
    with read(server().engine) as connection:
        owner = contributors.select_by_badge(connection, token) if TOKEN.fullmatch(token) else None
        if owner is None:
            raise NotFound(English("There is no badge at this address, or not any more."))
        count = releases.count_released(connection, contributor_id=owner.id, most=HIGHEST)
    answer = Response(badge_svg(owner.public_name, band_of(count)), mimetype="image/svg+xml")
    answer.cache_control.public, answer.cache_control.max_age = True, KEPT_SECONDS
    answer.add_etag()
    return answer.make_conditional(request)
