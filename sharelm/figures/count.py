"""Count everything that public pages say, in one pass over the counts of each contributor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from sharelm.figures.groups import MIN_CONTRIBUTORS, Count, Group, amount, people, split
from sharelm.figures.wilson import wilson_interval
from sharelm.store import figure as figures

WINDOWS = {"30": timedelta(days=30), "90": timedelta(days=90)}
MONTHS = 12
OTHER = ""
"""In place of a name, and never one: the groups that are too small to be named, together."""


class Given(Count, Protocol):
    """A row of `store.figure.stream_counts`."""

    period: int
    platform: str | None
    model: str | None
    language: str | None


Groups = defaultdict[str | None, Group]


def groups() -> Groups:
    return defaultdict(Group)


@dataclass(slots=True)
class Tally:
    """Groups by what is asked; `by_window` and `asked` by the name of the window: who used a model, and who used any that we know."""

    everything: Group = field(default_factory=Group)
    rated: Group = field(default_factory=Group)
    by_month: Groups = field(default_factory=groups)
    by_platform: Groups = field(default_factory=groups)
    by_language: Groups = field(default_factory=groups)
    by_rated_model: Groups = field(default_factory=groups)
    by_window: dict[str, Groups] = field(default_factory=lambda: {name: groups() for name in WINDOWS})
    asked: Groups = field(default_factory=groups)


def count_figures(connection: Connection, *, now: datetime) -> dict[str, Any]:
    """The content of the table `figure`, by name: only what may be public."""
    starts = sorted({*(now - window for window in WINDOWS.values()), *month_starts(now)}, reverse=True)
    tally = tally_up(figures.stream_counts(connection, starts=starts), starts, now=now)
    return publish(tally, withdrawals=figures.count_withdrawals(connection), now=now)


def month_starts(now: datetime) -> list[datetime]:
    """The first moments of this month and the eleven before it, the latest first."""
    months = (now.year * 12 + now.month - 1 - back for back in range(MONTHS))
    return [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months]


def tally_up(counts: Iterable[Given], starts: Sequence[datetime], *, now: datetime) -> Tally:
    """`starts` divide time into the periods of the counts, the latest first; counts of one contributor stand together."""
    tally = Tally()
    windows = {name: starts.index(now - length) for name, length in WINDOWS.items()}
    months = _months_of_periods(starts, month_starts(now))
    for count in counts:
        tally.everything.add(count)
        tally.by_platform[count.platform].add(count)
        tally.by_language[count.language].add(count)
        if count.period < len(months):
            tally.by_month[months[count.period]].add(count)
        if count.up or count.down:
            tally.rated.add(count)
        if count.model is not None:
            _tally_model(tally, count, windows)
    return tally


def _tally_model(tally: Tally, count: Given, windows: Mapping[str, int]) -> None:
    if count.up or count.down:
        tally.by_rated_model[count.model].add(count)
    for name, place in windows.items():
        if count.period <= place:
            tally.by_window[name][count.model].add(count)
            tally.asked[name].add(count)


def _months_of_periods(starts: Sequence[datetime], months: Sequence[datetime]) -> list[str]:
    """The month that each period lies in: the latest one that had begun when the period began."""
    return [f"{next(month for month in months if month <= start):%Y-%m}" for start in starts]


def publish(tally: Tally, *, withdrawals: tuple[int, int], now: datetime) -> dict[str, Any]:
    """What may be said of it. Pure: what is not in here is not stored and cannot be shown."""
    languages = _shares(tally.by_language)
    withdrawn, withdrawers = withdrawals
    totals = _amounts(tally.everything) if tally.everything.is_public else None
    return {
        "home": {
            "totals": totals,
            "languages": sum(entry["name"] not in {None, OTHER} for entry in languages),
            "withdrawn": amount(withdrawn) if withdrawers >= MIN_CONTRIBUTORS else None,
        },
        "models": {
            "popularity": {name: _popularity(tally.asked[name], tally.by_window[name]) for name in WINDOWS},
            "satisfaction": _satisfaction(tally.by_rated_model),
        },
        "statistics": {
            "totals": totals,
            "months": _months(tally.by_month, now),
            "languages": languages,
            "platforms": _shares(tally.by_platform),
            "ratings": _ratings(tally.rated),
        },
    }


def _popularity(asked: Group, by_model: Groups) -> dict[str, Any] | None:
    """Models by the share of contributors who used them; None where fewer than ten used any."""
    if not asked.is_public:
        return None
    models = [{"name": name, "people": people(group.people), **_share(group.people, asked.people)} for name, group in _with_other(by_model)]
    return {"people": people(asked.people), "models": models}


def _satisfaction(by_model: Groups) -> list[dict[str, Any]]:
    """Models by the lower bound of their share of thumbs up: few thumbs make no winner."""
    rated = [
        {"name": name, "people": people(group.people), "thumbs": amount(group.up + group.down), **_share(group.up, group.up + group.down)}
        for name, group in _with_other(by_model)
    ]
    return sorted(rated, key=lambda model: (model["name"] == OTHER, -model["low"], -model["thumbs"]))


def _months(by_month: Groups, now: datetime) -> list[dict[str, Any]]:
    """From the first month that may be shown to this one; None where there were fewer than ten contributors, or none."""
    names = [f"{start:%Y-%m}" for start in reversed(month_starts(now))]
    shown = [{"name": name, **(_amounts(by_month[name]) if by_month[name].is_public else {"conversations": None, "people": None})} for name in names]
    first = next((place for place, month in enumerate(shown) if month["people"] is not None), len(shown))
    return shown[first:]


def _shares(by_name: Groups) -> list[dict[str, Any]]:
    """Groups by conversations; what has no name of its own comes last."""
    shares = [{"name": name, **_amounts(group)} for name, group in _with_other(by_name)]
    return sorted(shares, key=lambda share: (not share["name"], -share["conversations"]))


def _ratings(rated: Group) -> dict[str, int] | None:
    return {"up": amount(rated.up), "down": amount(rated.down), "people": people(rated.people)} if rated.is_public else None


def _with_other(by_name: Groups) -> list[tuple[str | None, Group]]:
    shown, other = split(by_name)
    return [*shown, (OTHER, other)] if other else shown


def _amounts(group: Group) -> dict[str, int]:
    return {"conversations": amount(group.conversations), "people": people(group.people)}


def _share(successes: int, trials: int) -> dict[str, int]:
    """Whole percents: finer ones would give away the exact counts."""
    low, high = wilson_interval(successes, trials)
    return {"share": round(100 * successes / trials), "low": round(100 * low), "high": round(100 * high)}
