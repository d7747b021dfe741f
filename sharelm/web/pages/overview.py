"""A contributor's own overview: how much, where, how it was rated, and which releases it is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.errors import English
from sharelm.store import conversation as conversations
from sharelm.store import figure as figures
from sharelm.store import listing
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.web.current import now, server
from sharelm.web.language import gettext
from sharelm.web.own_text import hide_in
from sharelm.web.pages import charts, shown
from sharelm.web.pages.figures import model_name, platform_name
from sharelm.web.pages.visitor import contributor_id
from sharelm.web.pages.wording import count_of, percent, short_day

DAYS = 30
LATEST = 5
MOST_ROWS = 10
RELEASES = 5
BY_PLATFORM = ("platforms", English("By platform"), English("Platform"))
BY_MODEL = ("models", English("By model"), English("Model"))

blueprint = Blueprint("overview", __name__)


@dataclass(frozen=True, slots=True)
class InRelease:
    """`share` of its rows in words, such as `2.5 %`."""

    version: str
    created_at: datetime
    mine: int
    row_count: int
    share: str


@blueprint.get("/overview")
def show() -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        return render_template("overview/overview.html", **facts(connection, owner, at=now()), charts=charts)


def facts(connection: Connection, owner: int, *, at: datetime) -> dict[str, Any]:
    stages = listing.count_stages(connection, contributor_id=owner)
    latest = conversations.select_page(connection, contributor_id=owner, before=None, limit=LATEST, withdrawn=False)
    platforms = figures.count_own_by(connection, "platform", contributor_id=owner)
    models = figures.count_own_by(connection, "model", contributor_id=owner)
    return {
        "stages": stages,
        "total": sum(count for stage, count in stages.items() if stage != shown.WITHDRAWN),
        "lines": [shown.line(row, now=at, hide=partial(hide_in, server().keys)) for row in latest],
        "responses": sum(row.responses for row in platforms),
        "up": sum(row.up for row in platforms),
        "down": sum(row.down for row in platforms),
        "groups": [(*BY_PLATFORM, largest(platforms, platform_name)), (*BY_MODEL, largest(models, model_name))],
        "days": days_of(figures.count_own_by_day(connection, contributor_id=owner, since=first_day(at)), at=at),
        "chart": day_chart,
        "releases": own_releases(connection, owner)[:RELEASES],
    }


def largest(rows: Sequence[Row[Any]], name: Callable[[str | None], str]) -> list[tuple[str, int]]:
    """The rows with most conversations; the rest as one."""
    named = [(name(row.name), row.conversations) for row in rows]
    rest = sum(count for _, count in named[MOST_ROWS:])
    return named[:MOST_ROWS] + ([(gettext("%(count)s more", count=len(named) - MOST_ROWS), rest)] if rest else [])


def first_day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)


def days_of(counts: Mapping[int, int], *, at: datetime) -> list[tuple[datetime, int]]:
    """Every day of the last thirty with its count; `counts` is by days since 1970."""
    days = (first_day(at) + timedelta(days=place) for place in range(DAYS))
    return [(day, counts.get(int(day.timestamp()) // 86_400, 0)) for day in days]


def day_chart(days: Sequence[tuple[datetime, int]]) -> Any:
    most_day, most = max(days, key=lambda day: day[1])
    empty = sum(count == 0 for _, count in days)
    most_given = {"conversations": count_of(most, "conversation"), "day": short_day(most_day)}
    seen = gettext("%(conversations)s on %(day)s, the most on one day; none on %(empty)s of %(all)s days.", **most_given, empty=empty, all=len(days))
    words = charts.Words("days", gettext("Conversations you gave, by day"), seen)
    return charts.bars(words, [(short_day(day), count) for day, count in days])


def own_releases(connection: Connection, owner: int) -> list[InRelease]:
    first_in = figures.count_own_by_release(connection, contributor_id=owner)
    return in_releases(releases.select_releases(connection), first_in, figures.count_own_left_out(connection, contributor_id=owner))


def in_releases(rows: Sequence[Row[Any]], first_in: Mapping[str, int], left_out: Mapping[str, int]) -> list[InRelease]:
    """Releases with something of the contributor's, newest first. `first_in` counts by the release that a conversation came out in first:
    it is in every later one too, but for those that `left_out` counts."""
    found, out = [], 0
    for row in reversed(rows):
        out += first_in.get(row.version, 0)
        mine = out - left_out.get(row.version, 0)
        if mine:
            found.append(InRelease(row.version, row.created_at, mine, row.row_count, share_of(mine, row.row_count)))
    return found[::-1]


def share_of(part: int, whole: int) -> str:
    """In percent, with one digit behind the point below ten."""
    share = 100 * min(part, whole) / max(whole, 1)
    if share < 0.1:
        return gettext("less than %(share)s", share=percent(0.1, 1))
    return percent(share, 0 if share >= 10 else 1)
