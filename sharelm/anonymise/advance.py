"""Take conversations from `received` to `anonymised`, and outdated ones to a better form: claim, anonymise without a lock, write back.

What was given, or stood there before, is erased in the transaction that stores what came out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.anonymise.engine import ANONYMISER_VERSION
from sharelm.anonymise.forms import How, anonymised_values
from sharelm.store import conversation as conversations
from sharelm.store import release as releases
from sharelm.store.download import discard_downloads
from sharelm.store.search import index_conversations
from sharelm.store.words import words_of
from sharelm.vocabulary import Stage

BATCH = 500
FAILURES_TO_QUARANTINE = 3


@dataclass(frozen=True, slots=True)
class Anonymised:
    """What is to be written back to one claimed row, or the type of the error that it met."""

    row: Row[Any]
    values: Mapping[str, Any]
    words: frozenset[str] = frozenset()  # that its owner finds it by
    error_type: str | None = None


def claim(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Up to 500 conversations for this process alone."""
    return conversations.claim_received(connection, now=now, limit=BATCH)


def claim_outdated(connection: Connection, *, names: bool, now: datetime) -> Sequence[Row[Any]]:
    """Up to 500 that an older version anonymised, or, where `names` run now, that were anonymised without them."""
    return conversations.claim_outdated(connection, version=ANONYMISER_VERSION, names=names, now=now, limit=BATCH)


def anonymise_row(row: Row[Any], how: How) -> Anonymised:
    """Pure but for the error seam: one conversation that breaks the engine must not stop the others."""
    try:
        values, shown = anonymised_values(row, how)
        return Anonymised(row, values, words_of(shown))
    except Exception as error:  # the row is counted by type, and quarantined when it fails a third time
        failures = row.failures + 1
        return Anonymised(row, {"failures": failures, "quarantined": failures >= FAILURES_TO_QUARANTINE}, error_type=type(error).__name__)


def write_back(connection: Connection, results: Sequence[Anonymised]) -> Counter[str]:
    """Store the anonymised forms, make them found and erase what was given, in one transaction; rows that changed meanwhile stay `received`."""
    counts: Counter[str] = Counter()
    found_by: dict[int, frozenset[str]] = {}
    for result in results:
        values = result.values if result.error_type else {**result.values, "stage": Stage.ANONYMISED}
        is_written = conversations.write_back(connection, result.row, values)
        if result.error_type:
            counts[f"failed {result.error_type}"] += 1
            counts["quarantined"] += bool(result.values["quarantined"])
        else:
            counts["anonymised" if is_written else "changed meanwhile"] += 1
            found_by |= {result.row.id: result.words} if is_written else {}
    index_conversations(connection, found_by)
    return counts


def write_again(connection: Connection, results: Sequence[Anonymised], *, now: datetime) -> Counter[str]:
    """Store better forms in place of those that were kept, in one transaction. A conversation that fails keeps its old form for now.

    What is in a release goes into the next one in its new form. No release becomes final meanwhile: a build looks at the hashes.
    """
    releases.lock_registration(connection, is_shared=True)
    counts: Counter[str] = Counter()
    found_by: dict[int, frozenset[str]] = {}
    for result in results:
        if result.error_type:
            counts[f"failed {result.error_type}"] += 1
            continue
        row, has_changed = result.row, _has_changed(result)
        goes_out_anew = has_changed and row.stage == Stage.RELEASED
        is_written = conversations.write_back(connection, row, {**result.values, "stage": Stage.APPROVED if goes_out_anew else row.stage})
        counts["changed meanwhile" if not is_written else "improved" if has_changed else "unchanged"] += 1
        if is_written and has_changed:
            found_by[row.id] = result.words
            discard_downloads(connection, contributor_id=row.contributor_id, now=now)
    index_conversations(connection, found_by)
    return counts


def _has_changed(result: Anonymised) -> bool:
    names = ("messages", "branches", "published", "reasons")
    return any(result.values.get(name, getattr(result.row, name)) != getattr(result.row, name) for name in names)
