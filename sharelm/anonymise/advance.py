"""Take conversations from `received` to `anonymised`: claim, anonymise without a lock, write back and erase what was given.

Messages that are anonymised already keep their stored form; only new ones are read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.anonymise.engine import ANONYMISER_VERSION, anonymise_texts, count_labels
from sharelm.anonymise.language import find_language
from sharelm.anonymise.quality import find_flags
from sharelm.store import conversation as conversations
from sharelm.store.measures import measures
from sharelm.store.message_json import dump_placed, load_current
from sharelm.store.search import index_conversations
from sharelm.store.words import words_of
from sharelm.vocabulary import Message, Stage

BATCH = 500
FAILURES_TO_QUARANTINE = 3

Digest = Callable[[str, str], str]
"""(public_id, text) → keyed digest; different for every conversation."""
ShownPath = Callable[[Sequence[Message]], list[int]]


@dataclass(frozen=True, slots=True)
class Anonymised:
    """What is to be written back to one claimed row, or the type of the error that it met."""

    row_id: int
    change: int
    values: Mapping[str, Any]
    words: frozenset[str] = frozenset()  # that its owner finds it by
    error_type: str | None = None


def claim(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Up to 500 conversations for this process alone."""
    return conversations.claim_received(connection, now=now, limit=BATCH)


def anonymise_row(row: Row[Any], *, digest: Digest, shown_path: ShownPath) -> Anonymised:
    """Pure but for the error seam: one conversation that breaks the engine must not stop the others."""
    try:
        values, shown = _anonymised_values(row, digest=digest, shown_path=shown_path)
        return Anonymised(row.id, row.change, values, words_of(shown))
    except Exception as error:  # the row is counted by type, and quarantined when it fails a third time
        failures = row.failures + 1
        return Anonymised(
            row.id, row.change, {"failures": failures, "quarantined": failures >= FAILURES_TO_QUARANTINE}, error_type=type(error).__name__
        )


def write_back(connection: Connection, results: Sequence[Anonymised]) -> Counter[str]:
    """Store the anonymised forms, make them found and erase what was given, in one transaction; rows that changed meanwhile stay `received`."""
    counts: Counter[str] = Counter()
    found_by: dict[int, frozenset[str]] = {}
    for result in results:
        is_written = conversations.write_back(connection, result.row_id, result.change, result.values)
        if result.error_type:
            counts[f"failed {result.error_type}"] += 1
            counts["quarantined"] += bool(result.values["quarantined"])
        else:
            counts["anonymised" if is_written else "changed meanwhile"] += 1
            found_by |= {result.row_id: result.words} if is_written else {}
    index_conversations(connection, found_by)
    return counts


def _anonymised_values(row: Row[Any], *, digest: Digest, shown_path: ShownPath) -> tuple[dict[str, Any], list[Message]]:
    """What is written to the row, and the messages that its owner sees from now on."""
    messages = load_current(row.pending, row.messages, row.branches)
    fresh = [message for message in messages if message.digest is None]
    found = anonymise_texts(
        [message.content for message in fresh],
        digest=lambda text: digest(row.public_id, text),
        known=json.loads(row.placeholders) if row.placeholders else {},
        taken=[message.content for message in messages if message.digest is not None],
    )
    forms = iter(zip(found.texts, found.redactions, strict=True))
    done = [message if message.digest else _anonymised_message(row.public_id, message, *next(forms), digest=digest) for message in messages]
    path = shown_path(done)
    shown = [done[place] for place in path]
    aside = [(place, message) for place, message in enumerate(done) if place not in set(path)]
    values = {
        "stage": Stage.ANONYMISED,
        "pending": None,
        "messages": dump_placed((place, done[place]) for place in path),
        "branches": dump_placed(aside) if aside else None,
        "placeholders": json.dumps(found.known, sort_keys=True, separators=(",", ":")),
        "redactions": json.dumps(
            _sum(row, sum((count_labels(message.content) for message in fresh if message.redactions), Counter(found.counts))), sort_keys=True
        ),
        "anonymiser_version": ANONYMISER_VERSION,
        "content_hash": content_hash(shown),
        "flags": " ".join(find_flags(shown)),
        "language": find_language(shown),
        **measures(done),
        "failures": 0,
    }
    return values, shown


def content_hash(messages: Sequence[Message]) -> str:
    """SHA-256 of the anonymised conversation: each message as role, NUL, text with white space folded, NUL. Finds equal conversations."""
    whole = "".join(f"{message.role}\0{' '.join(message.content.split())}\0" for message in messages)
    return hashlib.sha256(whole.encode()).hexdigest()


def _anonymised_message(public_id: str, message: Message, content: str, redactions: int, *, digest: Digest) -> Message:
    sent = message.sent_digest or digest(public_id, f"{message.role}\0{message.content}")
    return replace(message, content=content, redactions=message.redactions + redactions, digest=sent, sent_digest=None)


def _sum(row: Row[Any], new: Mapping[str, int]) -> Counter[str]:
    """Replaced places by entity type, those of earlier runs included."""
    return Counter(json.loads(row.redactions) if row.redactions else {}) + Counter(new)
