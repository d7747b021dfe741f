"""What a list of conversations is asked for, as it stands in the address: everything that can be shared or kept as a bookmark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import current_app, request, url_for
from jinja2 import Environment
from markupsafe import Markup

from sharelm.errors import English, InvalidPayload
from sharelm.store.listing import NEEDS_A_LOOK, WITHDRAWN, Wanted
from sharelm.web.language import gettext, reader
from sharelm.web.pages.figures import language_name, platform_name
from sharelm.web.pages.wording import day_text

if TYPE_CHECKING:
    from sharelm import ShareLM

STAGES = {
    "received": English("Received"),
    NEEDS_A_LOOK: English("Needs a look"),
    "anonymised": English("Anonymised"),
    "approved": English("Approved"),
    "released": English("In a release"),
    "rejected": English("Not accepted"),
    WITHDRAWN: English("Withdrawn"),
}
RATINGS = {"good": English("Rated good"), "poor": English("Rated poor"), "none": English("Not rated")}
ORDERS = {
    "newest": English("Newest first"),
    "oldest": English("Oldest first"),
    "changed": English("Last changed first"),
    "longest": English("Longest first"),
}
CHOICES = {"stage": STAGES, "rating": RATINGS, "order": ORDERS}
NEWEST = "newest"
LONGEST = 200
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def prepare(app: ShareLM) -> None:
    app.jinja_env.globals["stage_words"] = STAGES
    app.add_template_global(stage_chip)


def stage_chip(name: str, release: str | None = None) -> Markup:
    """The macro `stage`, kept: a list has fifty of few kinds."""
    return _stage_chip(current_app.jinja_env, name, release, reader().language, request.script_root)


@lru_cache(maxsize=1024)
def _stage_chip(environment: Environment, name: str, release: str | None, _language: str, _root: str) -> Markup:
    chip: Markup = environment.get_template("macros.html").module.stage(name, release)  # type: ignore[attr-defined]
    return chip


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the form, as words; None where nothing is asked. `since` and `until` are days, both included."""

    q: str | None = None
    stage: str | None = None
    platform: str | None = None
    model: str | None = None
    language: str | None = None
    rating: str | None = None
    since: str | None = None
    until: str | None = None
    order: str = NEWEST

    def query(self, **changed: str | None) -> dict[str, str]:
        """The parameters of an address that asks for this, but for what is changed; nothing that stands there anyway."""
        pairs = ((field.name, getattr(replace(self, **changed), field.name)) for field in fields(self))  # type: ignore[arg-type]
        return {name: value for name, value in pairs if value is not None and (name, value) != ("order", NEWEST)}

    def address(self, **changed: str | None) -> str:
        return url_for("conversations.index", **self.query(**changed))  # type: ignore[arg-type]

    def chips(self) -> list[tuple[str, str]]:
        """What narrows the list, as name and words, without the stage and the order, which are chosen elsewhere."""
        return [(name, words(name, value)) for name, value in self.query(stage=None, order=NEWEST).items()]

    def is_narrow(self) -> bool:
        return bool(self.chips())

    def wanted(self, *, row_ids: list[int] | None = None) -> Wanted:
        """As the store understands it. Raises InvalidPayload for what is no day."""
        since, until = read_day("since", self.since), read_day("until", self.until)
        return Wanted(
            stage=self.stage,
            platform=self.platform,
            model=self.model,
            language=self.language,
            rating=self.rating,
            since=since,
            until=until + timedelta(days=1) if until and until.date() < date.max else None,
            row_ids=row_ids,
        )


def read_asked(given: Mapping[str, str]) -> Asked:
    """Raises InvalidPayload for a word that is none of ours, what is too long and what cannot stand in a text. Empty fields ask for nothing."""
    found: dict[str, Any] = {}
    for field in fields(Asked):
        value = given.get(field.name, "").strip()
        if "\x00" in value or len(value) > LONGEST:
            raise InvalidPayload(English("%(name)s must be a text of at most %(most)s characters.", name=field.name, most=LONGEST))
        if value and field.name in CHOICES and value not in CHOICES[field.name]:
            raise InvalidPayload(English("%(name)s must be one of: %(words)s.", name=field.name, words=", ".join(CHOICES[field.name])))
        if value:
            found[field.name] = value
    asked = Asked(**found)
    asked.wanted()
    return asked


def read_day(name: str, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        if not DAY.fullmatch(value):
            raise ValueError
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidPayload(English("%(name)s must be a day such as 2026-11-21.", name=name)) from None


def words(name: str, value: str) -> str:
    """A filter as its chip says it."""
    if name in CHOICES:
        return CHOICES[name][value]
    if name in {"since", "until"}:
        day = read_day(name, value)
        assert day is not None
        return gettext("from %(day)s", day=day_text(day)) if name == "since" else gettext("until %(day)s", day=day_text(day))
    return {"q": gettext("“%(words)s”", words=value), "platform": platform_name(value), "language": language_name(value)}.get(name, value)
