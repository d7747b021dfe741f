"""JOBS: the visible list of what runs by itself, and `run_job`, which owns locks, logging and safety.

A job is a step that does one batch and says what it did; a run repeats it until there is nothing left.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sharelm import __version__
from sharelm.anonymise import advance, reasons
from sharelm.anonymise.engine import ANONYMISER_VERSION
from sharelm.anonymise.forms import TO_READ_AGAIN, How
from sharelm.anonymise.user_ids import find_user_ids
from sharelm.anonymise.watched import find_watched
from sharelm.collected import find_collection
from sharelm.config import Config
from sharelm.download.prepare import prepare_next
from sharelm.errors import NothingToRelease, ReleaseRefused, log_error
from sharelm.figures.count import count_figures
from sharelm.identity.badge import band_of
from sharelm.ingest.exports.listing import erase_files, read_next
from sharelm.ingest.merge import shown_path
from sharelm.keys import content_digest, hidden_digest, remembered_pseudonyms, user_digest
from sharelm.quality import check, groups
from sharelm.quality.moderation import Moderator
from sharelm.release.build import (
    Workshop,
    approve_release,
    as_followed,
    build_candidate,
    build_release,
    clear_unfinished_builds,
    find_outdated_candidate,
    is_building,
    is_due,
    refresh_candidate,
)
from sharelm.release.card import CardFacts
from sharelm.release.gate import Lookout
from sharelm.release.workbench import Places
from sharelm.review.approve import approve_unflagged
from sharelm.server import Server
from sharelm.store import by_hand, figure, job_run
from sharelm.store import candidate as candidates
from sharelm.store import conversation as conversations
from sharelm.store import receipt as receipts
from sharelm.store.engine import forget_deleted_text, read, write
from sharelm.store.gate import mark_outdated, select_known_digests
from sharelm.store.lock import ProcessLock
from sharelm.withdraw.proof import sign_receipts
from sharelm.withdraw.purge import purge_withdrawn

log = logging.getLogger("sharelm.jobs")
WRITE_BACK_ROWS = 50  # per transaction, so that uploads need not wait long for their turn
SIGN_ROWS = 100
SETTLE_ROWS = 100
CHECKS_AT_ONCE = 10  # times fifty conversations
KEEP_RUNS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Job:
    """`step` does one batch and counts it, empty when nothing is left; `begin` and `end` frame every run that has work.

    A job that is not `in_batches` does everything in one step. `schedule` are arguments of an APScheduler interval or cron trigger, by the settings;
    empty: it runs by hand only.
    """

    name: str
    step: Callable[[Server], Counter[str]]
    schedule: Callable[[Config], Mapping[str, int | str]]
    begin: Callable[[Server], None] | None = None
    end: Callable[[Server], None] | None = None
    in_batches: bool = True


def anonymise_batch(server: Server) -> Counter[str]:
    """Claim up to 500, anonymise without a lock, write back in small transactions, approve what may be approved by rule."""
    with write(server.engine) as connection:
        rows = advance.claim(connection, now=clock())
    counts: Counter[str] = Counter()
    for start in range(0, len(rows), WRITE_BACK_ROWS):
        results = [advance.anonymise_row(row, how(server)) for row in rows[start : start + WRITE_BACK_ROWS]]
        with write(server.engine) as connection:
            counts += advance.write_back(connection, results)
    counts += anonymise_reasons(server)
    counts += check_quality(server)
    if server.config.review == "auto":
        with write(server.engine) as connection:
            counts["approved"] += approve_unflagged(connection)
    return +counts


def improve_batch(server: Server) -> Counter[str]:
    """Up to 500 that an older anonymiser worked on run again, from the anonymised text; what was released goes out anew if it changed."""
    with write(server.engine) as connection:
        rows = advance.claim_outdated(connection, names=server.names_run, now=clock())
    counts: Counter[str] = Counter()
    for start in range(0, len(rows), WRITE_BACK_ROWS):
        results = [advance.anonymise_row(row, how(server)) for row in rows[start : start + WRITE_BACK_ROWS]]
        with write(server.engine) as connection:
            counts += advance.write_again(connection, results, now=clock())
    return counts


def how(server: Server) -> How:
    keys = server.keys
    return How(
        digest=lambda public_id, text: content_digest(keys, public_id, text),
        shown_path=shown_path,
        words=lambda public_id, words: hidden_digest(keys, public_id, words),
        names=server.names_run,
        find_ids=lambda text: find_user_ids(text, lambda words: known_user_ids(server, words)),
    )


def known_user_ids(server: Server, words: Collection[str]) -> set[str]:
    """Those of the words that are user IDs, present or past."""
    by_digest = {user_digest(server.keys, word): word for word in words}
    with read(server.engine) as connection:
        return {by_digest[digest] for digest in select_known_digests(connection, by_digest.keys())}


def anonymise_reasons(server: Server) -> Counter[str]:
    with read(server.engine) as connection:
        rows = reasons.select_waiting(connection)
    if not rows:
        return Counter()
    found = [(row, reasons.anonymise_reasons(row, how(server))) for row in rows]
    with write(server.engine) as connection:
        return reasons.write_back(connection, found)


def check_quality(server: Server) -> Counter[str]:
    """Marks for reviewers, near duplicates, and what is toxic: of some conversations that were not looked at in their present form."""
    config = server.config
    moderator = Moderator(config.moderation_url, config.moderation_key) if config.moderation_url else None
    checks = check.Checks(config.min_turns, config.flood, server.keys.near_duplicate, moderator)
    counts: Counter[str] = Counter()
    for _ in range(CHECKS_AT_ONCE):
        with read(server.engine) as connection:
            unchecked, stale = check.select_unchecked(connection, checks), groups.select_stale(connection)
        if not unchecked and not stale:
            break
        looked, troubles = check.look(unchecked, checks)
        counts += troubles
        with write(server.engine) as connection:
            counts += check.write_back(connection, looked)
            counts["regrouped"] += groups.regroup(connection, stale)
    return counts


def release_dead_claims(server: Server) -> None:
    """The run holds the job's lock, so what is claimed was claimed by a process that died."""
    with write(server.engine) as connection:
        conversations.release_claims(connection, is_received=True)


def release_dead_improvements(server: Server) -> None:
    with write(server.engine) as connection:
        conversations.release_claims(connection, is_received=False)


def purge_batch(server: Server) -> Counter[str]:
    with write(server.engine) as connection:
        counts = purge_withdrawn(connection, now=clock())
        counts["runs forgotten"] = job_run.delete_old_runs(connection, before=clock() - KEEP_RUNS)
    counts["candidates built anew"] = refresh_candidate(workshop(server), now=clock())
    counts["corrections settled"] = settle_corrections(server)
    counts["builds cleared"] = clear_unfinished_builds(workshop(server))
    if not any(counts[word] for word in ("erased", "download parts erased", "export rows erased")):
        counts["receipts signed"] = sign_due_receipts(server)
    return +counts


def settle_corrections(server: Server) -> int:
    """What contributors took out by hand leaves the database's log too; how many conversations.

    Not while a release that waits still holds it: their marks are how that is known.
    """
    with read(server.engine) as connection:
        rows = by_hand.select_corrected(connection, limit=SETTLE_ROWS)
    if not rows or find_outdated_candidate(workshop(server)):
        return 0
    forget_text(server)
    with write(server.engine) as connection:
        return by_hand.clear_corrected(connection, rows)


def sign_due_receipts(server: Server) -> int:
    """A signature says that the text is gone: from the tables and downloads, from the database's log, from the unfinished files of a build
    and from the release that waits for approval."""
    with read(server.engine) as connection:
        due = receipts.select_due(connection, limit=SIGN_ROWS)
    if not due or is_building(workshop(server)) or find_outdated_candidate(workshop(server)):
        return 0
    forget_text(server)
    with write(server.engine) as connection:
        return sign_receipts(connection, server.keys, server.config.public_url, due, now=clock())


def prepare_download(server: Server) -> Counter[str]:
    """One that somebody waits for."""
    outcome = prepare_next(server.engine, server.keys, address=server.config.public_url, now=clock())
    return Counter([f"downloads {outcome}"] if outcome else [])


def read_export(server: Server) -> Counter[str]:
    """One that somebody waits for; its file is erased as soon as it is read, or cannot be."""
    outcome = read_next(server.engine, server.keys, clock=clock)
    erased = erase_files(server.engine)
    return +Counter({f"exports {outcome or 'cleared'}": 1 if outcome else erased})


def forget_text(server: Server) -> None:
    forget_deleted_text(server.engine)


def build_due_release(server: Server) -> Counter[str]:
    """A release if it would say anything else than the last one; where somebody has to approve it, a candidate that waits for them."""
    shop, is_final = workshop(server), server.config.review == "auto"
    if not is_due(shop, now=clock(), is_final=is_final):
        return Counter()
    shop = as_followed(shop, is_final=is_final)
    if is_final:
        return Counter({"released": build_release(shop, None, now=clock()).row_count})
    return Counter({"waiting for approval": build_candidate(shop, None, now=clock()).row_count})


def make_approved_final(server: Server) -> Counter[str]:
    """The release that a reviewer has approved on the pages; what keeps it from becoming final is said there."""
    with read(server.engine) as connection:
        waiting = candidates.select_candidate(connection)
    if waiting is None or waiting.approved_at is None:
        return Counter()
    try:
        return Counter({"released": approve_release(workshop(server), waiting.version, now=clock()).row_count})
    except (ReleaseRefused, NothingToRelease) as refusal:
        with write(server.engine) as connection:
            candidates.mark_refused(connection, waiting.version, refusal.message)
        return Counter({"refused": 1})


def count_anew(server: Server) -> Counter[str]:
    """Public figures, counted without a lock from one snapshot; what was withdrawn since the last time is in none of them."""
    with read(server.engine) as connection:
        figures = count_figures(connection, now=clock())
    with write(server.engine) as connection:
        return +Counter({"figures changed": figure.replace_figures(connection, figures, now=clock())})


def workshop(server: Server) -> Workshop:
    """What a release is built with on this server."""
    config = server.config
    card = CardFacts(
        version="",
        licence=config.licence,
        operator=config.operator,
        contact=config.contact,
        address=config.public_url,
        hold_hours=config.hold_hours,
        anonymiser_version=ANONYMISER_VERSION,
        is_sampled=config.review == "sample",
    )
    keys = server.keys
    return Workshop(
        engine=server.engine,
        keys=keys,
        places=Places(server.releases_folder, config.instance / "candidates"),
        instance=config.instance,
        card=card,
        code_version=__version__,
        band=lambda count: band_of(count) or "",
        lookout=Lookout(
            server.engine,
            pseudonym=remembered_pseudonyms(keys),
            user_digest=lambda token: user_digest(keys, token),
            find_spans=find_watched,
            read_again=lambda public_ids: read_again(server, public_ids),
        ),
        find_collection=lambda: find_collection(config.instance / "collection"),
    )


def read_again(server: Server, public_ids: Collection[str]) -> None:
    with write(server.engine) as connection:
        mark_outdated(connection, public_ids, version=TO_READ_AGAIN)


def clock() -> datetime:
    return datetime.now(UTC)


def every(**schedule: int) -> Callable[[Config], Mapping[str, int | str]]:
    """The same whatever the settings are: every so many seconds, or at this minute of each hour."""
    return lambda _: dict(schedule)


JOBS = (
    Job("anonymise", anonymise_batch, every(seconds=5), begin=release_dead_claims, end=forget_text),
    Job("improve", improve_batch, every(minute=40), begin=release_dead_improvements, end=forget_text),
    Job("purge", purge_batch, every(seconds=5), end=forget_text),
    Job("release", build_due_release, lambda config: config.release_schedule, in_batches=False),
    Job("approved", make_approved_final, every(seconds=5), in_batches=False),
    Job("figures", count_anew, every(minute=20), in_batches=False),
    Job("download", prepare_download, every(seconds=5)),
    Job("export", read_export, every(seconds=2), end=forget_text),
)
JOB_NAMES = tuple(job.name for job in JOBS)


def job_named(name: str) -> Job:
    return next(job for job in JOBS if job.name == name)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did; `error_type` where it was stopped by an error."""

    counts: Counter[str]
    error_type: str | None = None


def run_job(server: Server, job: Job, *, wait: bool = True, is_quiet: bool = False) -> Report | None:
    """Run until nothing is left; None if somebody else is running it and we do not `wait`.

    Never raises: an error is logged by type and place, and recorded. `is_quiet` leaves no record of a run that found no work.
    """
    lock = ProcessLock(server.engine, f"job-{job.name}")
    try:
        if not lock.acquire(wait=wait):
            return None
        return _run_locked(server, job, is_quiet=is_quiet)
    except Exception as error:  # the seam: nothing that a job meets may end the scheduler or print what people wrote
        log_error(log, error)
        return Report(Counter(), type(error).__name__)
    finally:
        lock.release()


def _run_locked(server: Server, job: Job, *, is_quiet: bool) -> Report:
    run_id = None if is_quiet else _begin(server, job)
    counts: Counter[str] = Counter()
    error_type: str | None = None
    try:
        if job.begin:
            job.begin(server)
        while done := job.step(server):
            counts += done
            run_id = run_id or _begin(server, job)
            _record(server, run_id, counts)
            if not job.in_batches:
                break
        if job.end and run_id is not None:
            job.end(server)
    except Exception as error:  # as above; what was done before it stays done
        log_error(log, error)
        error_type = type(error).__name__
        run_id = run_id or _begin(server, job)
    if run_id is not None:
        _record(server, run_id, counts, finished=True, error_type=error_type)
        log.info("job %s: %s", job.name, ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or error_type or "nothing to do")
    return Report(counts, error_type)


def _begin(server: Server, job: Job) -> int:
    with write(server.engine) as connection:
        return job_run.insert_run(connection, job.name, now=clock())


def _record(server: Server, run_id: int, counts: Counter[str], *, finished: bool = False, error_type: str | None = None) -> None:
    with write(server.engine) as connection:
        job_run.update_run(connection, run_id, now=clock(), counts=counts, finished=finished, error_type=error_type)
