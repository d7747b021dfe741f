"""Store what its owner has chosen as contributions, by the way of every upload: merged by message ids, refused where it was withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from sharelm.errors import ConsentNeeded, ShareLMError
from sharelm.ingest.accept import Door, accept_from
from sharelm.store import contributor as contributors
from sharelm.store import export_candidate as candidates
from sharelm.store.candidate_json import load_conversation
from sharelm.store.engine import write
from sharelm.vocabulary import Outcome

AT_ONCE = 50  # in one transaction


@dataclass(frozen=True, slots=True)
class Chosen:
    """What became of one conversation; `problem` where it was refused."""

    conversation_id: str
    outcome: Outcome
    problem: ShareLMError | None = None


def give_chosen(engine: Engine, door: Door, row_ids: Sequence[int], *, contributor_id: int, clock: Callable[[], datetime]) -> list[Chosen]:
    """In the order of the rows; those that are erased meanwhile are left out. Raises ConsentNeeded, and what was stored before stays stored."""
    done: list[Chosen] = []
    for start in range(0, len(row_ids), AT_ONCE):
        with write(engine) as connection:
            done += _give_some(connection, door, row_ids[start : start + AT_ONCE], contributor_id=contributor_id, now=clock())
    return done


def _give_some(connection: Connection, door: Door, row_ids: Sequence[int], *, contributor_id: int, now: datetime) -> list[Chosen]:
    giver = contributors.select_for_withdrawal(connection, contributor_id)
    if giver.consent_ended_at is not None or giver.consent_version != door.terms.version:
        raise ConsentNeeded(version=door.terms.version, address=door.terms.address)
    done = []
    # In one order everywhere: two who choose the same cannot wait for each other.
    for row in sorted(candidates.select_texts(connection, row_ids).values(), key=lambda row: row.conversation_id):
        try:
            outcome = accept_from(connection, door, giver.user_digest, load_conversation(row, row.conversation_id), now=now)
            done.append(Chosen(row.conversation_id, outcome))
        except ConsentNeeded:
            raise
        except ShareLMError as problem:
            done.append(Chosen(row.conversation_id, Outcome.REFUSED, problem))
    candidates.mark_chosen(connection, row_ids)
    return done
