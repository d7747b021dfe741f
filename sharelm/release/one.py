"""One conversation as the next release would publish it: the very row, for its contributor to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from sharelm.release.cells import Person, as_before
from sharelm.release.plan import next_version
from sharelm.vocabulary import Stage


def next_form(row: Row[Any], *, now: datetime) -> tuple[str, str | None] | None:
    """The messages that releases publish, or will as things stand, and their hash; None while there is none without personal data.

    The conditions are those of store.release.
    """
    is_new_ready = row.stage in {Stage.APPROVED, Stage.RELEASED} and row.releasable_at <= now
    if row.published is not None and not is_new_ready and row.stage != Stage.REJECTED:
        return row.published, row.published_hash
    return (row.messages, row.content_hash) if row.messages is not None and row.pending is None else None


def publish_one(
    row: Row[Any],
    giver: Row[Any],
    *,
    pseudonym: Callable[[int], str],
    licence: Callable[[str], str],
    words: Callable[[], Callable[[str | None], str | None]],
    releases: Iterable[str],
    now: datetime,
) -> dict[str, Any] | None:
    """The row in the published schema; None while there is nothing to publish. `giver` is its contributor, `releases` are the final ones,
    `words` makes what tells which words of clients are published.

    Of the contributor it says what the last release said, if that is still so: what the next one says depends on all others.
    """
    # Imported here because Arrow takes a moment to load, and few pages need it.
    from sharelm.release.rows import Publisher, publish_rows
    from sharelm.store.arrow_row import candidate_row

    form = next_form(row, now=now)
    if form is None:
        return None
    version = row.form_release if row.stage == Stage.RELEASED and row.form_release else next_version(releases, now)
    cell = as_before(Person(giver.id, giver.age_band, giver.country, giver.gender, giver.shown_cell))
    publisher = Publisher(version, pseudonym, licence, {giver.id: cell} if cell else {}, words())
    stored = candidate_row(row, messages=form[0], content_hash=form[1], is_ungrouped=giver.is_ungrouped)
    published: list[dict[str, Any]] = publish_rows(stored, publisher).to_pylist()
    return published[0]
