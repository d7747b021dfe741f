"""Build a release: a draft in some folder, a candidate that waits for approval, or final, registered and served.

A final build first pins its conversations (store.release), then reads them without a lock: who goes on chatting meanwhile
changes the next release, not this one. A build that dies leaves pins that the next one takes back.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from sharelm.errors import NothingToRelease, ReleaseRefused
from sharelm.keys import Keys
from sharelm.release.card import CardFacts, write_card
from sharelm.release.cells import Person, plan_cells, remembered
from sharelm.release.collect import Prepared, prepared
from sharelm.release.collected import Collection, said_of_collection
from sharelm.release.delta import Neighbours
from sharelm.release.gate import Lookout, find_obstacles, written_hashes
from sharelm.release.history import follow
from sharelm.release.known import has_changed
from sharelm.release.layout import MANIFEST, sha256_of
from sharelm.release.licences import licence_by_model
from sharelm.release.make import Recipe, published_rows, write_files
from sharelm.release.plan import ReleasePlan, Remainder, next_version, plan_release
from sharelm.release.public_words import public_words
from sharelm.release.redactions import sum_redactions
from sharelm.release.registered import last_release, registration, waiting_candidate
from sharelm.release.rows import Publisher
from sharelm.release.told import Told, consent_versions, shown_kinds
from sharelm.release.workbench import Places, alone, alone_if_free, clear, publish_folder, replace_content, workbench
from sharelm.release.write import Written
from sharelm.store import candidate as candidates
from sharelm.store import cells
from sharelm.store import release as releases
from sharelm.store.arrow import stream_candidates
from sharelm.store.card import count_gone_since_last, count_looked_at, select_kinds
from sharelm.store.engine import read, write
from sharelm.store.tombstone import REJECTED
from sharelm.vocabulary import Stage

PIN_BATCH = 1_000
TRIES = 3
MARGIN = timedelta(minutes=5)  # a withdrawal bears the time at which it was asked for, and is stored a little later


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a build works with."""

    engine: Engine
    keys: Keys
    places: Places
    instance: Path
    card: CardFacts
    code_version: str
    band: Callable[[int], str]  # what is said of a number of conversations beside a name
    lookout: Lookout
    find_collection: Callable[[], Collection] = Collection
    collection: Collection | None = None

    def with_collection(self) -> Workshop:
        """Builds then take the public datasets along that are imported by now. Raises ReleaseRefused where there is none."""
        return replace(self, collection=self.find_collection())


@dataclass(frozen=True, slots=True)
class Terms:
    """What a build was planned with, read again before it counts: whoever changed their mind meanwhile is heard."""

    plan: ReleasePlan
    named: list[tuple[str, int]]
    ungrouped: list[int]
    people: tuple[Person, ...] = field(repr=False)


def draft_release(shop: Workshop, version: str | None, out: Path, *, now: datetime) -> ReleasePlan:
    """Write the content of a release into `out` and register nothing; doing it again gives the same bytes.

    Raises NothingToRelease, or ReleaseRefused if the gate finds something.
    """
    with alone(shop.engine, shop.places):
        with read(shop.engine) as connection:
            terms = _terms(connection, version or _next_version(connection, now), now=now)
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not (out / MANIFEST).exists():
            raise ReleaseRefused("The folder holds other things: name an empty folder, or one with an earlier build.")
        with prepared(shop.collection, shop.places.releases) as collected, workbench(shop.places.releases) as bench:
            _write(shop, terms, bench, now=now, collected=collected)
            if obstacles := find_obstacles(bench, shop.lookout):
                raise ReleaseRefused(" ".join(obstacles))
            replace_content(out, bench)
        return terms.plan


def build_release(shop: Workshop, version: str | None, *, now: datetime) -> ReleasePlan:
    """Build and register a final release: its rows become `released`, its folder is served, the delta to the one before stands beside it.

    Raises NothingToRelease, or ReleaseRefused if the version exists or the gate finds something.
    """
    with alone(shop.engine, shop.places):
        version = _free_version(shop, version, now=now)
        with read(shop.engine) as connection:
            _terms(connection, version, now=now)  # nothing is pinned where there is nothing to release
        return _build_pinned(shop, version, lambda connection: releases.pin_ready(connection, version, now=now, limit=PIN_BATCH), now=now)


def build_candidate(shop: Workshop, version: str | None, *, now: datetime) -> ReleasePlan:
    """Build what waits for approval; it takes the place of the one that waits, and nobody is served either. Raises as `build_release` does."""
    with alone(shop.engine, shop.places):
        return _build_candidate(shop, _free_version(shop, version, now=now), now=now)


def approve_release(shop: Workshop, version: str, *, now: datetime) -> ReleasePlan:
    """Make the candidate final: the conversations that are in it, in their present form, without those that were withdrawn since.

    Raises ReleaseRefused if no such candidate waits or the gate finds something, NothingToRelease if nothing of it is left.
    """
    with alone(shop.engine, shop.places):
        with read(shop.engine) as connection:
            waiting = candidates.select_candidate(connection)
        folder = shop.places.candidates / version
        if waiting is None or waiting.version != version or not folder.is_dir():
            raise ReleaseRefused("No such release waits for approval; `release list` shows which one does.")
        _free_version(shop, version, now=now)
        shop = _as_approved(shop, folder)
        ids = written_hashes(folder)

        def pin(connection: Connection) -> int:
            batch = next(ids, None)
            return 0 if batch is None else 1 + releases.pin_these(connection, version, list(batch), now=now)

        plan = _build_pinned(shop, version, pin, now=now)
        _drop_candidate(shop)
        return plan


def is_due(shop: Workshop, *, now: datetime, is_final: bool) -> bool:
    """Whether a release built now would say anything else than the last one (or, where it is not final, than the candidate that waits)."""
    with read(shop.engine) as connection:
        base = _followed(shop, connection, is_final=is_final)
        try:
            terms = _terms(connection, _next_version(connection, now), now=now)
        except NothingToRelease:
            return False
        if base is None:
            has_any = bool(releases.select_releases(connection))
            return not has_any or bool(releases.count_ready_changes(connection, now=now) or releases.count_withdrawn_since_last(connection))
    rows = published_rows(stream_candidates(shop.engine, now=now), _publisher(shop, terms))
    return any(not step.is_quiet for step in follow(rows, base))


def as_followed(shop: Workshop, *, is_final: bool) -> Workshop:
    """With the collection if the last release (or, where it is not final, the candidate that waits) was built so. Raises ReleaseRefused."""
    with read(shop.engine) as connection:
        base = _followed(shop, connection, is_final=is_final)
    return shop.with_collection() if base is not None and said_of_collection(base) else shop


def refresh_candidate(shop: Workshop, *, now: datetime) -> int:
    """Erase a candidate that holds what was withdrawn or taken out since, and build it anew without that; how many were erased.

    Leaves it alone while a build is in progress, which will look by itself.
    """
    with alone_if_free(shop.engine) as is_free:
        if not is_free:
            return 0
        version = find_outdated_candidate(shop)
        if version is None:
            return 0
        is_collected = bool(said_of_collection(shop.places.candidates / version))
        _drop_candidate(shop)
        with suppress(NothingToRelease, ReleaseRefused):  # what is left waits for the next build; what is gone is gone
            _build_candidate(shop.with_collection() if is_collected else shop, version, now=now)
        return 1


def find_outdated_candidate(shop: Workshop) -> str | None:
    """The version of the candidate, if it holds what was withdrawn or taken out since it was built."""
    with read(shop.engine) as connection:
        waiting = candidates.select_candidate(connection)
        gone = set(candidates.select_gone_since(connection, waiting.created_at - MARGIN)) if waiting else set()
    if waiting is None or not gone:
        return None
    for hashes in written_hashes(shop.places.candidates / str(waiting.version)):
        touched = {public_id: hashes[public_id] for public_id in gone & hashes.keys()}
        with read(shop.engine) as connection:
            if releases.count_changed_among(connection, touched):
                return str(waiting.version)
    return None


def clear_unfinished_builds(shop: Workshop) -> int:
    """Erase the files of builds that died, which no withdrawal would reach; how many folders. Leaves a build in progress alone."""
    with alone_if_free(shop.engine) as is_free:
        return clear(shop.engine, shop.places) if is_free else 0


def is_building(shop: Workshop) -> bool:
    """Whether a build is in progress: its unfinished files may hold what was withdrawn since it began."""
    with alone_if_free(shop.engine) as is_free:
        return not is_free


def _followed(shop: Workshop, connection: Connection, *, is_final: bool) -> Path | None:
    return (None if is_final else waiting_candidate(shop.places, connection)) or last_release(shop.places, connection)


def _as_approved(shop: Workshop, candidate: Path) -> Workshop:
    """With the collection if the candidate has it, which must be the same as it was then. Raises ReleaseRefused."""
    said = said_of_collection(candidate)
    if not said:
        return shop
    shop = shop.with_collection()
    if shop.collection is None or shop.collection.said() != said:
        raise ReleaseRefused("The collection is not as it was when the candidate was built: build it anew, with --collection.")
    return shop


def _free_version(shop: Workshop, version: str | None, *, now: datetime) -> str:
    with write(shop.engine) as connection:
        releases.unpin_unfinished(connection)
        taken = [row.version for row in releases.select_releases(connection)]
    if version in taken:
        raise ReleaseRefused(f"Release {version} exists and never changes: choose another version.")
    return version or next_version(taken, now)


def _next_version(connection: Connection, now: datetime) -> str:
    return next_version((row.version for row in releases.select_releases(connection)), now)


def _build_pinned(shop: Workshop, version: str, pin: Callable[[Connection], int], *, now: datetime) -> ReleasePlan:
    try:
        pinned = 1
        while pinned:
            with write(shop.engine) as connection:
                pinned = pin(connection)
        return _finish(shop, version, now=now, is_final=True)
    except BaseException:
        with write(shop.engine) as connection:
            releases.unpin_unfinished(connection)
        raise


def _build_candidate(shop: Workshop, version: str, *, now: datetime) -> ReleasePlan:
    return _finish(shop, version, now=now, is_final=False)


def _finish(shop: Workshop, version: str, *, now: datetime, is_final: bool) -> ReleasePlan:
    with prepared(shop.collection, shop.places.releases) as collected:
        return _finish_with(shop, version, collected, now=now, is_final=is_final)


def _finish_with(shop: Workshop, version: str, collected: Prepared | None, *, now: datetime, is_final: bool) -> ReleasePlan:
    """Write, look, register; written anew if somebody withdrew or took that back, or changed what may be said of them meanwhile."""
    for _ in range(TRIES):
        with read(shop.engine) as connection:
            terms = _terms(connection, version, now=now, is_pinned=is_final)
        with workbench(shop.places.releases) as bench, workbench(shop.places.releases) as delta:
            made = _write(shop, terms, bench, now=now, is_pinned=is_final, delta=delta if is_final else None, collected=collected)
            if _is_overtaken(shop, made, terms, now=now, is_pinned=is_final):
                continue
            obstacles = find_obstacles(bench, shop.lookout)
            if obstacles and not _is_overtaken(shop, made, terms, now=now, is_pinned=is_final):
                raise ReleaseRefused(" ".join(obstacles))
            with write(shop.engine) as connection:
                releases.lock_registration(connection, is_shared=False)
                if obstacles or _has_changed(shop, connection, made, terms, now=now, is_pinned=is_final):
                    continue
                return (_register if is_final else _register_candidate)(shop, connection, terms, made, now=now)
    raise ReleaseRefused("Conversations were withdrawn or corrected faster than the release could be written: try again.")


@dataclass(frozen=True, slots=True)
class Made:
    """The folders that a build has filled; no delta where there is no release before, or its files are gone."""

    release: Path
    written: Written
    delta: Path | None
    between: Neighbours | None


def _register(shop: Workshop, connection: Connection, terms: Terms, made: Made, *, now: datetime) -> ReleasePlan:
    plan = terms.plan
    releases.unpin_absent(connection, plan.version, now=now)
    releases.insert_left_out(connection, plan.version, now=now)
    publish_folder(made.release, shop.places.releases / plan.version)
    if made.delta is not None and made.between is not None:
        publish_folder(made.delta, shop.places.releases / made.between.folder)
    releases.insert_release(connection, registration(plan, made.written, shop.places.releases / plan.version, now))
    cells.update_shown(connection, remembered(terms.people, plan.cells))
    return plan


def _register_candidate(shop: Workshop, connection: Connection, terms: Terms, made: Made, *, now: datetime) -> ReleasePlan:
    shutil.rmtree(shop.places.candidates, ignore_errors=True)
    publish_folder(made.release, shop.places.candidates / terms.plan.version)
    candidates.replace_candidate(connection, registration(terms.plan, made.written, shop.places.candidates / terms.plan.version, now))
    return terms.plan


def _drop_candidate(shop: Workshop) -> None:
    shutil.rmtree(shop.places.candidates, ignore_errors=True)
    with write(shop.engine) as connection:
        candidates.delete_candidate(connection)


def _is_overtaken(shop: Workshop, made: Made, terms: Terms, *, now: datetime, is_pinned: bool) -> bool:
    with read(shop.engine) as connection:
        return _has_changed(shop, connection, made, terms, now=now, is_pinned=is_pinned)


def _has_changed(shop: Workshop, connection: Connection, made: Made, terms: Terms, *, now: datetime, is_pinned: bool) -> bool:
    """Whether the files hold something that has changed, or less than they should: somebody took a withdrawal back after they were written."""
    if has_changed(shop.engine, made.release):
        return True
    if is_pinned and releases.count_candidates(connection, now=now, is_pinned=True)[0] != made.written.row_count:
        return True
    if cells.select_ungrouped(connection) != terms.ungrouped or releases.select_named(connection, now=now, is_pinned=is_pinned) != terms.named:
        return True
    return plan_cells(_people(connection, now=now, is_pinned=is_pinned)) != terms.plan.cells


def _people(connection: Connection, *, now: datetime, is_pinned: bool) -> tuple[Person, ...]:
    return tuple(
        Person(row.id, row.age_band, row.country, row.gender, row.shown_cell) for row in cells.select_people(connection, now=now, is_pinned=is_pinned)
    )


def _terms(connection: Connection, version: str, *, now: datetime, is_pinned: bool = False) -> Terms:
    """Raises NothingToRelease."""
    counts = releases.count_candidates(connection, now=now, is_pinned=is_pinned)
    left_out = releases.count_left_out(connection, now=now, is_pinned=is_pinned)
    people = _people(connection, now=now, is_pinned=is_pinned)
    plan = plan_release(version, counts, [Remainder(Stage(row[0]), *row[1:]) for row in left_out], people)
    if not plan.row_count:
        raise NothingToRelease("Nothing to release: no conversation is anonymised, approved and past its hold.")
    named = releases.select_named(connection, now=now, is_pinned=is_pinned)
    return Terms(plan, named, cells.select_ungrouped(connection), people)


def _write(
    shop: Workshop,
    terms: Terms,
    folder: Path,
    *,
    now: datetime,
    is_pinned: bool = False,
    delta: Path | None = None,
    collected: Prepared | None = None,
) -> Made:
    """All files of the release, and its delta."""
    plan = terms.plan
    with read(shop.engine) as connection:
        before = last_release(shop.places, connection)
        told = _told(shop, connection, terms, now=now, is_pinned=is_pinned)
    rows = published_rows(stream_candidates(shop.engine, now=now, is_pinned=is_pinned), _publisher(shop, terms))
    between = Neighbours(before.name, plan.version, sha256_of(before / MANIFEST)) if before else None

    def card(written: Written) -> None:
        write_card(folder, replace(shop.card, version=plan.version), written, told, shop.collection)

    seed = shop.keys.signature if is_pinned else None
    recipe = Recipe(plan, shop.engine, shop.card, shop.code_version, card, told, seed, before=before, between=between, collected=collected)
    return Made(folder, write_files(folder, rows, recipe, delta=delta, now=now), delta, between)


def _told(shop: Workshop, connection: Connection, terms: Terms, *, now: datetime, is_pinned: bool) -> Told:
    kinds = [tuple(row) for row in select_kinds(connection, now=now, is_pinned=is_pinned)]
    return Told(
        left_out=terms.plan.left_out,
        redactions=sum_redactions(releases.select_redaction_logs(connection, now=now, is_pinned=is_pinned)),
        named=tuple((name, shop.band(count)) for name, count in terms.named),
        withdrawn=count_gone_since_last(connection, now=now),
        rejected=count_gone_since_last(connection, now=now, reason=REJECTED),
        looked_at=count_looked_at(connection, now=now, is_pinned=is_pinned),
        consents=consent_versions(kinds),
        **shown_kinds(kinds),
    )


def _publisher(shop: Workshop, terms: Terms) -> Publisher:
    licence = licence_by_model(shop.card.licence, shop.instance)
    look = shop.lookout
    words = public_words(look.engine, find_spans=look.find_spans, user_digest=look.user_digest)
    return Publisher(terms.plan.version, look.pseudonym, licence, terms.plan.cells, words)
