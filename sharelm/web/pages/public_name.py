"""Name and badge: what a contributor chooses to be seen under, and takes back at any time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sharelm.errors import English, InvalidPayload
from sharelm.identity.badge import HIGHEST, band_of
from sharelm.identity.public_name import MAX_NAME, is_same_name, read_public_name
from sharelm.store import contributor as contributors
from sharelm.store import release as releases
from sharelm.store.engine import read, write
from sharelm.web.current import server
from sharelm.web.pages.visitor import check_agreement, contributor_id

blueprint = Blueprint("public_name", __name__)


@blueprint.get("/your-data/name")
def show() -> ResponseReturnValue:
    return render_template("own/name.html", done=request.args.get("done"), **facts(contributor_id()))


@blueprint.post("/your-data/name")
def change() -> ResponseReturnValue:
    owner = contributor_id()
    sent, is_in_card = request.form.get("name", ""), request.form.get("is_in_card") == "yes"
    try:
        name = read_public_name(sent)
        if is_in_card and name is None:
            raise InvalidPayload(English("Without a name you cannot be named."))
        with write(server().engine) as connection:
            check_agreement(connection, owner)
            check_free(name, contributors.select_other_names(connection, owner))
            contributors.update_name(connection, owner, name=name, is_in_card=is_in_card)
    except InvalidPayload as problem:
        kept = facts(owner) | {"name": sent[:200], "is_in_card": is_in_card}
        return render_template("own/name.html", problem=problem.message, **kept), 422
    return redirect(url_for("public_name.show", done="saved"), 303)


def check_free(name: str | None, others: Sequence[str]) -> None:
    """Raises InvalidPayload for a name that somebody has, or that would pass for ours or the operator's."""
    config = server().config
    ours = (one for one in (config.study, config.operator, "ShareLM") if one)
    if name is not None and any(is_same_name(name, other) for other in (*others, *ours)):
        raise InvalidPayload(English("This name is taken: choose another one."))


@blueprint.post("/your-data/badge")
def make_badge() -> ResponseReturnValue:
    """Also a new address in the place of the old one."""
    owner = contributor_id()
    with write(server().engine) as connection:
        check_agreement(connection, owner)
        contributors.update_badge(connection, owner, token=secrets.token_urlsafe(32))
    return redirect(url_for("public_name.show", _anchor="badge"), 303)


@blueprint.post("/your-data/badge/revoke")
def revoke_badge() -> ResponseReturnValue:
    owner = contributor_id()
    with write(server().engine) as connection:
        contributors.update_badge(connection, owner, token=None)
    return redirect(url_for("public_name.show", _anchor="badge"), 303)


def facts(owner: int) -> dict[str, Any]:
    with read(server().engine) as connection:
        giver = contributors.select_by_id(connection, owner)
        band = band_of(releases.count_released(connection, contributor_id=owner, most=HIGHEST))
        has_agreed = contributors.select_consent(connection, owner) is not None
    return {
        "name": giver.public_name,
        "kept_name": giver.public_name,
        "is_in_card": giver.is_in_card,
        "badge_token": giver.badge_token,
        "band": band,
        "has_agreed": has_agreed,
        "most": MAX_NAME,
    }
