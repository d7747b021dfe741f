"""Read the export that waits longest, and list its conversations for its owner to choose from; the file goes when that ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Engine, Row

from sharelm.ingest.exports.draft import NotAnExport
from sharelm.ingest.exports.read import Reading
from sharelm.ingest.exports.stored import Discarded, open_stored
from sharelm.ingest.exports.tree import Digest
from sharelm.ingest.merge import shown_path
from sharelm.keys import Keys, client_digest, content_digest
from sharelm.store import contributor as contributors
from sharelm.store import export_candidate as candidates
from sharelm.store import own_export as own_exports
from sharelm.store.candidate_json import candidate_row
from sharelm.store.engine import read, write
from sharelm.vocabulary import Conversation

MOST_CONVERSATIONS = 100_000
ROWS_AT_ONCE = 400
CHARACTERS_AT_ONCE = 4_000_000
STEP = 4  # hundredths


def read_next(engine: Engine, keys: Keys, *, clock: Callable[[], datetime]) -> str | None:
    """What became of the one that waits longest: `read`, `failed` or `discarded`; None if none waits."""
    with read(engine) as connection:
        if not own_exports.has_waiting(connection):
            return None
    with write(engine) as connection:
        row = own_exports.begin_next(connection, now=clock())
    if row is None:
        return "failed"
    try:
        outcome = _list_conversations(engine, keys, row, clock)
    except Discarded:
        return "discarded"
    except NotAnExport as problem:
        with write(engine) as connection:
            own_exports.mark_failed(connection, row.id, problem.word, now=clock())
        outcome = "failed"
    return outcome


def erase_files(engine: Engine) -> int:
    """The files of exports that are read, and what was found in those that failed; how many rows went."""
    erased = 0
    while (done := _erase_some(engine)) > 0:
        erased += done
    return erased


def _erase_some(engine: Engine) -> int:
    with read(engine) as connection:
        is_read = own_exports.select_read(connection)
        failed = own_exports.select_failed_with_candidates(connection)
    if is_read is None and failed is None:
        return 0
    with write(engine) as connection:
        erased = own_exports.erase_parts(connection, is_read) if is_read is not None else 0
        return erased + (own_exports.erase_candidates(connection, failed) if failed is not None else 0)


def _list_conversations(engine: Engine, keys: Keys, row: Row[Any], clock: Callable[[], datetime]) -> str:
    _forget_earlier_try(engine, row.id)
    with read(engine) as connection:
        base = contributors.digest_base(contributors.select_by_id(connection, row.contributor_id))
    progress = Progress(engine, row.id)
    reading = Reading(own_digest(keys, row.contributor_id), progress.tell)
    shelf = Shelf(engine, row.id, lambda conversation_id: client_digest(keys, base, conversation_id))
    for conversation in reading.conversations(open_stored(engine, row.id, row.byte_count), row.byte_count):
        shelf.put(conversation)
    shelf.store()
    skipped = +(reading.skipped + shelf.skipped)
    platform = reading.format.PLATFORM if reading.format else None
    with write(engine) as connection:
        if not own_exports.mark_ready(connection, row.id, platform=platform, found=len(shelf.known), skipped=skipped, now=clock()):
            raise Discarded
    return "read"


def own_digest(keys: Keys, contributor_id: int) -> Digest:
    """Of one contributor alone: the same words of two people have nothing in common. Asked for every message, so a quick one."""
    key = content_digest(keys, f"export {contributor_id}", "").encode()
    return lambda text: blake2b(text.encode(), key=key, digest_size=16).hexdigest()


def _forget_earlier_try(engine: Engine, export_id: int) -> None:
    erased = 1
    while erased:
        with write(engine) as connection:
            erased = own_exports.erase_candidates(connection, export_id)


@dataclass
class Progress:
    """How far the reading is, told whenever some more hundredths are done."""

    engine: Engine
    export_id: int
    percent: int = 0

    def tell(self, done: int, total: int) -> None:
        percent = min(99, 100 * done // max(total, 1))
        if percent >= self.percent + STEP:
            self.percent = percent
            with write(self.engine) as connection:
                if not own_exports.update_percent(connection, self.export_id, percent):
                    raise Discarded


@dataclass
class Shelf:
    """Stores conversations in small transactions. One that is there twice counts once, in its fuller form."""

    engine: Engine
    export_id: int
    digest: Callable[[str], bytes]
    known: dict[str, int] = field(default_factory=dict)  # messages by conversation id
    skipped: Counter[str] = field(default_factory=Counter)
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    _stored: set[str] = field(default_factory=set)
    _waiting: int = 0

    def put(self, conversation: Conversation) -> None:
        own_id, count = conversation.conversation_id, len(conversation.messages)
        if own_id in self.known:
            self.skipped["duplicate"] += 1
            if count <= self.known[own_id]:
                return
        elif len(self.known) >= MOST_CONVERSATIONS:
            self.skipped["too-many"] += 1
            return
        self.known[own_id] = count
        row = candidate_row(conversation, client_digest=self.digest(own_id), shown=shown_path(conversation.messages))
        self._rows[own_id] = row
        self._waiting += row["character_count"]
        if len(self._rows) >= ROWS_AT_ONCE or self._waiting >= CHARACTERS_AT_ONCE:
            self.store()

    def store(self) -> None:
        if not self._rows:
            return
        with write(self.engine) as connection:
            candidates.delete_candidates(connection, self.export_id, self._known_before())
            if not candidates.insert_candidates(connection, self.export_id, list(self._rows.values())):
                raise Discarded
        self._stored |= self._rows.keys()
        self._rows, self._waiting = {}, 0

    def _known_before(self) -> list[str]:
        return [own_id for own_id in self._rows if own_id in self._stored]
