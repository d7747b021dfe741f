"""The contributor's act: hidden at once, from whatever stage; erased by the purge. Every withdrawal leaves a receipt."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.errors import English, NotFound
from sharelm.keys import Keys, receipt_token, token_digest
from sharelm.store import contact_message as contact_messages
from sharelm.store import contributor as contributors
from sharelm.store import conversation as conversations
from sharelm.store import download as downloads
from sharelm.store import export_candidate as export_candidates
from sharelm.store import login_code as login_codes
from sharelm.store import own_export as own_exports
from sharelm.store import receipt as receipts
from sharelm.store import release as releases
from sharelm.store import session as sessions
from sharelm.store import tombstone as tombstones
from sharelm.vocabulary import Stage

UNDO_TIME = timedelta(seconds=10)  # on the pages; through the API there is none
NO_UNDO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When it was asked for, and what opens its receipt. `count` is how many conversations this act withdrew."""

    withdrawn_at: datetime
    token: str | None
    count: int = 0


def withdraw_conversation(connection: Connection, keys: Keys, row: Row[Any] | None, *, now: datetime, undo_time: timedelta = NO_UNDO) -> Withdrawal:
    """Withdraw the contributor's own row, locked by the caller; a second time it changes nothing, but that no undo time ends one that runs.

    Raises NotFound for None.
    """
    if row is None:
        raise NotFound("There is no such conversation under this user ID.")
    if row.withdrawn_at is not None:
        if not undo_time:
            conversations.hasten_erasure(connection, contributor_id=row.contributor_id, row_id=row.id, now=now)
        return Withdrawal(row.withdrawn_at, receipt_tokens(connection, keys, [row.id]).get(row.id))
    _withdraw(connection, [row.id], contributor_id=row.contributor_id, now=now, erase_after=now + undo_time)
    token = _make_receipt(connection, keys, [row.id], contributor_id=row.contributor_id, now=now)
    return Withdrawal(now, token, 1)


def restore_conversation(connection: Connection, public_id: str, *, contributor_id: int, now: datetime) -> bool:
    """Take the withdrawal of the contributor's own conversation and its receipt back; False once its ten seconds are over. Raises NotFound."""
    return _restore(connection, [public_id], contributor_id=contributor_id, now=now) == 1


def withdraw_selected(
    connection: Connection, keys: Keys, rows: Sequence[Row[Any]], *, contributor_id: int, now: datetime, undo_time: timedelta = NO_UNDO
) -> Withdrawal:
    """Withdraw several of the contributor's own rows, locked by the caller, under one receipt; those that are withdrawn already stay as they are."""
    row_ids = [row.id for row in rows if row.withdrawn_at is None]
    if not row_ids:
        return Withdrawal(now, None)
    _withdraw(connection, row_ids, contributor_id=contributor_id, now=now, erase_after=now + undo_time)
    return Withdrawal(now, _make_receipt(connection, keys, row_ids, contributor_id=contributor_id, now=now), len(row_ids))


def restore_selected(connection: Connection, receipt_id: str, *, contributor_id: int, now: datetime) -> int:
    """Take back what was withdrawn under the contributor's own receipt, as far as its ten seconds are not over; how many. Raises NotFound."""
    receipt = receipts.select_own_receipt(connection, receipt_id, contributor_id=contributor_id)
    if receipt is None:
        raise NotFound(English("There is no such withdrawal among yours."))
    return _restore(connection, receipts.select_public_ids(connection, receipt.id), contributor_id=contributor_id, now=now)


def withdraw_everything(connection: Connection, keys: Keys, *, contributor_id: int, now: datetime) -> Withdrawal:
    """Withdraw all under one receipt, end consent and every login, erase the demographics, name, badge, exports and messages to the
    operator.

    A second time gives the receipt of the first.
    """
    giver = contributors.select_for_withdrawal(connection, contributor_id)
    sessions.delete_sessions_of(connection, contributor_id=contributor_id)
    login_codes.delete_codes_of(connection, contributor_id=contributor_id)
    contact_messages.delete_messages_of(connection, giver.user_digest)
    own_exports.discard_all(connection, contributor_id=contributor_id, now=now)
    row_ids = conversations.select_unwithdrawn_ids(connection, contributor_id=contributor_id)
    earlier = receipts.select_last_of_everything(connection, contributor_id=contributor_id) if not row_ids else None
    if earlier is not None and giver.consent_ended_at is not None:
        return Withdrawal(earlier.asked_at, receipt_token(keys, earlier.seed))
    _withdraw(connection, row_ids, contributor_id=contributor_id, now=now, erase_after=now)
    conversations.hasten_erasure(connection, contributor_id=contributor_id, now=now)
    contributors.mark_consent_ended(connection, contributor_id, now=now)
    token = _make_receipt(connection, keys, row_ids, contributor_id=contributor_id, now=now, is_everything=True)
    return Withdrawal(now, token, len(row_ids))


def withdraw_stragglers(connection: Connection, receipt: Row[Any], *, now: datetime) -> int:
    """Conversations that were being stored while everything was withdrawn: they go too, under the same receipt; how many."""
    if not receipt.is_everything or not contributors.has_ended_consent(connection, receipt.contributor_id):
        return 0
    row_ids = conversations.select_unwithdrawn_ids(connection, contributor_id=receipt.contributor_id)
    _withdraw(connection, row_ids, contributor_id=receipt.contributor_id, now=now, erase_after=now)
    receipts.insert_entries(connection, receipt.id, row_ids)
    return len(row_ids)


def receipt_tokens(connection: Connection, keys: Keys, row_ids: Sequence[int]) -> dict[int, str]:
    """What opens the receipts of these conversations, by conversation: for their owner alone."""
    return {row_id: receipt_token(keys, seed) for row_id, seed in receipts.select_seeds(connection, row_ids).items()}


def _restore(connection: Connection, public_ids: Sequence[str], *, contributor_id: int, now: datetime) -> int:
    """No release becomes final meanwhile: it would not know whether it holds them. Locked before the rows, which a registration changes."""
    releases.lock_registration(connection, is_shared=True)
    rows = conversations.select_own_many(connection, public_ids, contributor_id=contributor_id, for_change=True)
    if not rows:
        raise NotFound(English("There is no such conversation among yours."))
    restored = [row for row in rows if conversations.mark_restored(connection, row.id, now=now)]
    for row in restored:
        receipts.delete_entry(connection, row.id)
        tombstones.delete_tombstone(connection, row.public_id)
        if row.stage == Stage.REJECTED:
            tombstones.insert_tombstones(connection, [row.id], now=now, shown_after=now, reason=tombstones.REJECTED)
    return len(restored)


def _withdraw(connection: Connection, row_ids: Sequence[int], *, contributor_id: int, now: datetime, erase_after: datetime) -> None:
    releases.lock_registration(connection, is_shared=True)
    tombstones.insert_tombstones(connection, row_ids, now=now, shown_after=erase_after)
    conversations.mark_withdrawn(connection, row_ids, now=now, erase_after=erase_after)
    downloads.discard_downloads(connection, contributor_id=contributor_id, now=now)
    export_candidates.erase_copies(connection, row_ids)


def _make_receipt(
    connection: Connection, keys: Keys, row_ids: Sequence[int], *, contributor_id: int, now: datetime, is_everything: bool = False
) -> str:
    """The token that opens the new receipt; only its digest is kept."""
    seed = secrets.token_bytes(32)
    token = receipt_token(keys, seed)
    receipts.insert_receipt(
        connection,
        row_ids,
        receipt_id=secrets.token_hex(16),
        contributor_id=contributor_id,
        seed=seed,
        token_digest=token_digest(token),
        is_everything=is_everything,
        asked_at=now,
    )
    return token
