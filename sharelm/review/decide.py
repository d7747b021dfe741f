"""What a reviewer decides about a conversation. Every decision leaves an entry in the audit log, in the same transaction.

The caller has locked the row, and passes the change that the reviewer was looking at: a form that nobody has looked at is not decided on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.errors import English, InvalidPayload, Refused
from sharelm.store import candidate as candidates
from sharelm.store import review_queue as queue
from sharelm.store import tombstone as tombstones
from sharelm.store.audit import APPROVE, count_since, insert_entry
from sharelm.store.conversation import update_conversation
from sharelm.store.release import lock_registration
from sharelm.vocabulary import Rejection, Stage

REJECT, APPROVE_REST, HIDE, LABEL, APPROVE_RELEASE = "reject", "approve-rest", "hide", "label", "approve-release"
LONGEST_WORDS = 300
NOT_DECIDED = English("Nothing was decided")


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides, and when."""

    name: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """How far the sample is: `looked_at` of `needed` are decided by a person, `rest` could be approved by rule once all are."""

    looked_at: int
    needed: int
    rest: int

    @property
    def is_enough(self) -> bool:
        return self.looked_at >= self.needed


def begin(connection: Connection) -> None:
    """Before the row is locked: no release becomes final meanwhile, which would not know whether it holds the conversation."""
    lock_registration(connection, is_shared=True)


def approve(connection: Connection, row: Row[Any], *, change: int, by: Decider) -> None:
    """It may be released. Raises Refused where the conversation has changed, or where it waits for no decision."""
    _check_change(row, change)
    if row.stage not in {Stage.ANONYMISED, Stage.REJECTED}:
        raise Refused(English("It is approved already, or it waits for the anonymiser."), status=409, title=NOT_DECIDED)
    update_conversation(connection, row.id, {"stage": Stage.APPROVED, "rejection": None})
    tombstones.delete_tombstone(connection, row.public_id, reason=tombstones.REJECTED)
    insert_entry(connection, {"reviewer": by.name, "act": APPROVE, "public_id": row.public_id}, now=by.now)


def reject(connection: Connection, row: Row[Any], *, change: int, reason: str, words: str, by: Decider) -> None:
    """It goes into no release, and leaves those to come if it was in one, which a tombstone says. `words` are for its contributor.

    Raises Refused, InvalidPayload.
    """
    _check_change(row, change)
    if reason not in set(Rejection):
        raise InvalidPayload(English("Choose a reason: its contributor is told."))
    if len(words) > LONGEST_WORDS:
        raise InvalidPayload(English("At most %(most)s characters for its contributor, please.", most=LONGEST_WORDS))
    rejection = f"{reason}\n{words.strip()}".strip()
    # The form of an earlier release goes too: when the conversation grows, nothing of it is in a release before somebody approves it again.
    update_conversation(connection, row.id, {"stage": Stage.REJECTED, "rejection": rejection, "published": None, "published_hash": None})
    tombstones.insert_tombstones(connection, [row.id], now=by.now, shown_after=by.now, reason=tombstones.REJECTED)
    insert_entry(connection, {"reviewer": by.name, "act": REJECT, "public_id": row.public_id, "detail": reason}, now=by.now)


def label(connection: Connection, row: Row[Any], *, language: str | None, is_toxic: bool | None, by: Decider) -> None:
    """What language it is in, and whether it is toxic, in the eyes of a person. Raises InvalidPayload."""
    if language is not None and not (len(language) == 2 and language.isascii() and language.islower()):
        raise InvalidPayload(English("A language is two letters, such as en (ISO 639-1)."))
    update_conversation(connection, row.id, {"language": language, "toxic": is_toxic})
    detail = f"language {language or '-'}, toxic {'-' if is_toxic is None else 'yes' if is_toxic else 'no'}"
    insert_entry(connection, {"reviewer": by.name, "act": LABEL, "public_id": row.public_id, "detail": detail}, now=by.now)


def note_hidden(connection: Connection, row: Row[Any], *, count: int, by: Decider) -> None:
    """A reviewer has hidden a passage; what it was stays unsaid."""
    insert_entry(connection, {"reviewer": by.name, "act": HIDE, "public_id": row.public_id, "count": count}, now=by.now)


def find_sample(connection: Connection, *, size: int) -> Sample:
    """How far the reviewers are with their sample since the rest was approved the last time."""
    waiting = queue.count_queue(connection, queue.Queue())
    looked_at = count_since(connection, (APPROVE, REJECT), last=APPROVE_REST)
    return Sample(looked_at, min(size, looked_at + waiting), queue.count_rest(connection))


def approve_rest(connection: Connection, *, size: int, by: Decider) -> int:
    """Approve by rule what carries no flag; how many. Raises Refused before the sample was looked at."""
    if not find_sample(connection, size=size).is_enough:
        raise Refused(English("Look at the whole sample first."), status=409, title=NOT_DECIDED)
    count = queue.mark_rest_approved(connection)
    insert_entry(connection, {"reviewer": by.name, "act": APPROVE_REST, "count": count}, now=by.now)
    return count


def approve_release(connection: Connection, version: str, *, manifest_sha256: str, by: Decider) -> None:
    """The release that was looked at may become final; a job makes it so. Raises Refused where another one waits by now."""
    if not candidates.mark_approved(connection, version, manifest_sha256=manifest_sha256, by=by.name, now=by.now):
        raise Refused(English("Another release waits by now, or somebody was quicker: look again."), status=409, title=NOT_DECIDED)
    note_release_approved(connection, version, by=by)


def note_release_approved(connection: Connection, version: str, *, by: Decider) -> None:
    insert_entry(connection, {"reviewer": by.name, "act": APPROVE_RELEASE, "detail": version}, now=by.now)


def _check_change(row: Row[Any], change: int) -> None:
    if row.change != change:
        raise Refused(English("The conversation has changed since you looked: look at it again."), status=409, title=NOT_DECIDED)
