"""Age group, country and gender: voluntary, changed and erased here at any time; no upload changes them afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sharelm.errors import English, InvalidPayload
from sharelm.figures.groups import MIN_CONTRIBUTORS
from sharelm.ingest.account import BANDS, DemographicsChange, read_changes
from sharelm.ingest.demographics import country_names
from sharelm.ingest.payload import read as read_payload
from sharelm.store import contributor as contributors
from sharelm.store.engine import read, write
from sharelm.vocabulary import GENDERS
from sharelm.web.current import server
from sharelm.web.language import gettext, locale
from sharelm.web.pages.visitor import check_agreement, contributor_id

OWN_WORDS = "own-words"
NOTHING = dict.fromkeys(contributors.ANSWERS)
GENDER_WORDS = dict(zip(GENDERS, (English("Woman"), English("Man"), English("Non-binary")), strict=True))

blueprint = Blueprint("about_you", __name__)


@blueprint.get("/your-data/about-you")
def show() -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        giver = contributors.select_by_id(connection, owner)
        has_agreed = contributors.select_consent(connection, owner) is not None
    kept = {name: getattr(giver, name) for name in contributors.ANSWERS}
    return page(kept, has_agreed=has_agreed, done=request.args.get("done"))


@blueprint.post("/your-data/about-you")
def change() -> ResponseReturnValue:
    owner = contributor_id()
    sent = {name: request.form.get(name, "").strip() or None for name in (*contributors.ANSWERS, "words")}
    with read(server().engine) as connection:
        kept = contributors.select_by_id(connection, owner).gender
    try:
        changes = read_changes(read_payload(DemographicsChange, told(sent, kept=kept)))
    except InvalidPayload as problem:
        return page(sent, has_agreed=True, problem=problem.message), 422
    with write(server().engine) as connection:
        check_agreement(connection, owner)
        contributors.update_own_demographics(connection, owner, changes)
    return redirect(url_for("about_you.show", done="saved"), 303)


@blueprint.post("/your-data/about-you/erase")
def erase() -> ResponseReturnValue:
    owner = contributor_id()
    with write(server().engine) as connection:
        contributors.update_own_demographics(connection, owner, NOTHING)
    return redirect(url_for("about_you.show", done="erased"), 303)


def told(sent: Mapping[str, str | None], *, kept: str | None) -> dict[str, str | None]:
    """All three answers: who saves the page has seen them.

    Raises InvalidPayload where own words are chosen and none are written, or new ones are written (others than the page showed) and not chosen.
    """
    answers = {name: sent[name] for name in contributors.ANSWERS}
    is_own, words = answers["gender"] == OWN_WORDS, sent["words"]
    if is_own and words is None:
        raise InvalidPayload(English("Write it in your own words, or choose another answer."))
    if not is_own and words not in (None, kept):
        raise InvalidPayload(English("Choose “In my own words” for what you wrote, or empty that field."))
    return answers | {"gender": words} if is_own else answers


def age_group(band: str) -> str:
    """`18-24` as people say it."""
    low, _, high = band.partition("-")
    return gettext("%(low)s to %(high)s", low=low, high=high) if high else gettext("%(low)s or older", low=band.removesuffix("+"))


def page(kept: Mapping[str, Any], *, has_agreed: bool, done: str | None = None, problem: str | None = None) -> str:
    gender = kept["gender"]
    is_own = gender is not None and gender not in GENDERS
    return render_template(
        "own/about_you.html",
        kept=kept,
        choice=OWN_WORDS if is_own else gender,
        words=kept.get("words") or (gender if is_own and gender != OWN_WORDS else None),
        has_answer=any(kept[name] for name in contributors.ANSWERS),
        bands=BANDS,
        countries=country_names(locale().language),
        genders=GENDER_WORDS,
        own_words=OWN_WORDS,
        age_group=age_group,
        fewest=MIN_CONTRIBUTORS,
        has_agreed=has_agreed,
        done=done,
        problem=problem,
    )
