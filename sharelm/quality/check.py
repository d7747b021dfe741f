"""Look at conversations that are anonymised and were not looked at in their present form: read, look without a lock, write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.quality.groups import place
from sharelm.quality.marks import find_marks
from sharelm.quality.moderation import ModerationFailed, Moderator
from sharelm.quality.near_duplicate import Signature, sign
from sharelm.quality.toxic import is_toxic
from sharelm.store import quality
from sharelm.store.message_json import load_messages
from sharelm.store.near_duplicate import lock_groups

BATCH = 50
FLOOD_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Checks:
    """What the operator has set. `flood` 0 looks for none; `key` keeps signatures from saying anything to others."""

    min_turns: int
    flood: int
    key: bytes = field(repr=False)
    moderator: Moderator | None = None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A conversation to look at, and whether its contributor gave very much before it."""

    row: Row[Any]
    is_flood: bool


@dataclass(frozen=True, slots=True)
class Looked:
    row: Row[Any]
    marks: str
    is_toxic: bool | None
    signature: Signature | None


def select_unchecked(connection: Connection, checks: Checks) -> list[Unchecked]:
    return [Unchecked(row, _is_flood(connection, row, checks.flood)) for row in quality.select_unchecked(connection, limit=BATCH)]


def look(unchecked: Sequence[Unchecked], checks: Checks) -> tuple[list[Looked], Counter[str]]:
    """What is found, and how the moderation service did. Once it has failed it is not asked about the rest of these."""
    counts: Counter[str] = Counter()
    found = []
    for one in unchecked:
        messages = load_messages(one.row.messages)
        texts = [message.content for message in messages]
        toxic = is_toxic(texts, one.row.language)
        if checks.moderator is not None and not counts["moderation failed"]:
            try:
                toxic = checks.moderator.is_toxic(texts)
            except ModerationFailed:
                counts["moderation failed"] += 1
        marks = find_marks(messages, min_turns=checks.min_turns, is_flood=one.is_flood)
        found.append(Looked(one.row, " ".join(marks), toxic, sign(texts, checks.key)))
    return found, counts


def write_back(connection: Connection, looked: Sequence[Looked]) -> Counter[str]:
    """Conversations first, then signatures: who corrects one by hand goes the same way (store.by_hand)."""
    lock_groups(connection)
    written = [one for one in looked if quality.write_checked(connection, one.row, {"marks": one.marks, "toxic_found": one.is_toxic})]
    if written:
        place(connection, {one.row.id: one.signature for one in written})
    return Counter({"checked": len(written)})


def _is_flood(connection: Connection, row: Row[Any], most: int) -> bool:
    if not most or row.source == quality.UNCOUNTED_SOURCE:
        return False
    return quality.count_given_before(connection, row, within=FLOOD_WITHIN, most=most) == most
