"""Your data: the page that gathers what one may do with all that one gave."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.errors import English
from sharelm.ingest.demographics import country_names
from sharelm.store import contributor as contributors
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.language import gettext, locale, translated
from sharelm.web.pages.downloads import download_facts
from sharelm.web.pages.visitor import contributor_id

GENDERS_TOLD = {"female": English("female"), "male": English("male"), "non-binary": English("non-binary")}

blueprint = Blueprint("own", __name__)


@blueprint.get("/your-data")
def show() -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        giver = contributors.select_by_id(connection, owner)
        facts = download_facts(connection, owner)
    chosen = {name: getattr(giver, name) for name in ("public_name", "is_in_card", "is_ungrouped")}
    return render_template("own/show.html", answers=answers(giver), has_badge=giver.badge_token is not None, **chosen, **facts)


def answers(giver: Row[Any]) -> list[str]:
    """What is kept about the person, in words."""
    country = dict(country_names(locale().language)).get(giver.country or "")
    age = gettext("age group %(band)s", band=giver.age_band) if giver.age_band else None
    return [word for word in (age, country, translated(GENDERS_TOLD.get(giver.gender, giver.gender))) if word]
