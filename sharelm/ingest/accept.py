"""Accept a contribution: store it, or merge it into the copy that is kept. Sending it twice changes nothing.

The usual case (a known contributor, a new conversation) is one statement; everything else takes the longer way in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sharelm.config import LONGEST_HOLD_HOURS
from sharelm.errors import ConsentNeeded, InvalidPayload, Refused
from sharelm.ingest.deletions import without_deleted
from sharelm.ingest.labels import new_labels
from sharelm.ingest.merge import Kept, Merged, character_count, merge_by_id, merge_whole
from sharelm.keys import Keys, client_digest, content_digest, user_digest
from sharelm.store import contributor as contributors
from sharelm.store import conversation as conversations
from sharelm.store.corrections import Corrections, Deleted, dump_corrections, load_corrections
from sharelm.store.identity import Digest
from sharelm.store.message_json import dump_messages, dump_pending, load_current
from sharelm.store.writer import write_one
from sharelm.vocabulary import Conversation, Message, Outcome, Stage, UserId

MAX_MESSAGES = 2_000  # of a conversation, however many uploads brought them
LONGEST_HOLD = timedelta(hours=LONGEST_HOLD_HOURS)  # counted from the first unreleased change


@dataclass(frozen=True, slots=True)
class Terms:
    """The agreement under which a conversation comes; `address` is where its text can be read.

    `is_plugin`: the published plugin's own terms, agreed to in its popup and recorded here with the first upload.
    """

    version: str
    text_sha256: str
    address: str
    is_plugin: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """What the server brings to every upload."""

    keys: Keys
    hold: timedelta
    terms: Terms


def accept_new(engine: Engine, door: Door, user_id: UserId, conversation: Conversation, *, now: datetime) -> bool:
    """The short way, one statement and its own transaction: True if the contributor is known and welcome, and the conversation new and now kept."""
    if not conversation.messages:
        return False
    giver = user_digest(door.keys, user_id)
    person = conversation.demographics
    told = {"age_band": person.age_band, "country": person.country, "gender": person.gender}
    statement = conversations.prepare_insert_if_welcome(
        engine.dialect,
        _new_row(door, giver, conversation, now=now),
        user_digest=giver,
        terms=door.terms.version,
        is_plugin=door.terms.is_plugin,
        told=told if any(told.values()) else {},
    )
    return write_one(engine, statement)


def accept_contribution(connection: Connection, door: Door, user_id: UserId, conversation: Conversation, *, now: datetime) -> Outcome:
    """The longer way: knows contributors that are new, copies that have grown, and withdrawals.

    Raises what `accept_from` raises.
    """
    return accept_from(connection, door, user_digest(door.keys, user_id), conversation, now=now)


def accept_from(connection: Connection, door: Door, user: bytes, conversation: Conversation, *, now: datetime) -> Outcome:
    """The same, from whoever has this digest.

    Raises Refused with 409 (no current consent) or 410 (withdrawn), IdReplaced, InvalidPayload for a new conversation without messages.
    """
    giver = _welcome(connection, door, user, now=now)
    base = contributors.digest_base(giver)
    contributors.update_demographics(connection, giver.id, conversation.demographics)
    if conversation.messages and conversations.insert_conversation(connection, _new_row(door, base, conversation, now=now), contributor_id=giver.id):
        return Outcome.CREATED
    own = client_digest(door.keys, base, conversation.conversation_id)
    kept = conversations.select_own(connection, contributor_id=giver.id, client_digest=own, for_change=True)
    if kept is None:
        raise InvalidPayload("messages: a new conversation has at least one.")
    if kept.withdrawn_at is not None:
        raise Refused("This conversation was withdrawn and stays withdrawn.", status=410, title="Withdrawn")
    return _grow(connection, door, kept, conversation, now=now)


def message_digest(keys: Keys, public_id: str) -> Digest:
    """How the messages of one conversation are recognised."""
    return lambda message: content_digest(keys, public_id, f"{message.role}\0{message.content}")


def _welcome(connection: Connection, door: Door, giver: bytes, *, now: datetime) -> Row[Any]:
    """The contributor, if conversations may be taken under these terms."""
    found = contributors.select_contributor(connection, giver)
    if found is None:
        contributors.refuse_replaced(connection, giver)
    if door.terms.is_plugin:
        if found is None:
            found = contributors.ensure_contributor(connection, giver, now=now)
        if found.consent_ended_at is not None:
            detail = "Everything under this user ID was withdrawn; nothing is taken until its holder agrees again."
            raise Refused(detail, status=410, title="Withdrawn")
        _record_plugin_consent(connection, door, found.id, now=now)
    elif found is None or found.consent_ended_at is not None or found.consent_version != door.terms.version:
        raise ConsentNeeded(version=door.terms.version, address=door.terms.address)
    return found


def _record_plugin_consent(connection: Connection, door: Door, contributor_id: int, *, now: datetime) -> None:
    terms = door.terms
    contributors.insert_consent(connection, contributor_id, version=terms.version, language="en", text_sha256=terms.text_sha256, now=now)
    contributors.update_plugin_version(connection, contributor_id, version=terms.version)


def _new_row(door: Door, giver: bytes, conversation: Conversation, *, now: datetime) -> dict[str, Any]:
    return {
        "public_id": secrets.token_hex(16),
        "client_digest": client_digest(door.keys, giver, conversation.conversation_id),
        "client_id": conversation.conversation_id,
        "stage": Stage.RECEIVED,
        "received_at": now,
        "unreleased_since": now,
        "began_at": _began_at(conversation, now) or now,
        "change": 1,
        "failures": 0,
        "quarantined": False,
        "flags": "",
        "source": conversation.source,
        "consent_version": door.terms.version,
        "rating": conversation.rating or None,
        "pending": dump_messages(conversation.messages),
        **_circumstances(conversation, messages=conversation.messages),
        **_hold(door, now, unreleased_since=now),
    }


def _grow(connection: Connection, door: Door, row: Row[Any], arrived: Conversation, *, now: datetime) -> Outcome:
    digest = message_digest(door.keys, row.public_id)
    messages = load_current(row.pending, row.messages, row.branches)
    corrections = load_corrections(row.corrections)
    ways: dict[str, Any] = {"digest": digest, "id_digest": id_digest(door.keys, row.public_id)}
    coming, left_out = without_deleted(messages, arrived.messages, corrections.deleted, **ways)
    arrived = replace(arrived, messages=coming)
    is_rated_here = corrections.is_rated
    kept = Kept(messages, row.rating, row.message_count, row.character_count, row.sent_at, row.revision, is_rated_here)
    merge = merge_whole if door.terms.is_plugin else merge_by_id
    merged = merge(kept, arrived, digest)
    values = _newer_marks(row, arrived, now=now) | _left_out_for_good(corrections, left_out, ways["id_digest"])
    if merged is None:
        if values:
            conversations.update_conversation(connection, row.id, values)
        return Outcome.UNCHANGED
    if len(merged.messages) > MAX_MESSAGES:
        raise InvalidPayload(f"A conversation may have at most {MAX_MESSAGES} messages; this one would have more.")
    values |= _new_text(door, row, arrived, merged, now=now) if merged.is_new_text else new_labels(row, merged.messages, digest)
    conversations.update_conversation(connection, row.id, values | {"rating": merged.rating, "change": row.change + 1})
    return Outcome.UPDATED


def id_digest(keys: Keys, public_id: str) -> Callable[[str], str]:
    """How the ids that a client gave its messages are recognised once the messages are deleted."""
    return lambda message_id: content_digest(keys, public_id, f"id\0{message_id}")


def _left_out_for_good(corrections: Corrections, left_out: Sequence[Message], digest: Callable[[str], str]) -> dict[str, Any]:
    """The ids of what was left out are remembered: a later copy may bring only what follows it."""
    known = {mark.id_digest for mark in corrections.deleted}
    ids = dict.fromkeys(digest(message.id) for message in left_out if message.id is not None)
    marks = [Deleted(None, one) for one in ids if one not in known][: max(0, MAX_MESSAGES - len(known))]
    return {"corrections": dump_corrections(replace(corrections, deleted=(*corrections.deleted, *marks)))} if marks else {}


def _newer_marks(row: Row[Any], arrived: Conversation, *, now: datetime) -> dict[str, Any]:
    """What a copy proves even if it brings nothing new: how old the conversation is, and which copies are older than this one."""
    values: dict[str, Any] = {}
    began_at = _began_at(arrived, now)
    if began_at is not None and began_at < row.began_at:
        values["began_at"] = began_at
    if arrived.revision > row.revision:
        values["revision"] = arrived.revision
    is_as_full = len(arrived.messages) == row.message_count
    if is_as_full and arrived.sent_at is not None and (row.sent_at is None or arrived.sent_at > row.sent_at):
        values["sent_at"] = arrived.sent_at
    return values


def _new_text(door: Door, row: Row[Any], arrived: Conversation, merged: Merged, *, now: datetime) -> dict[str, Any]:
    """Back to `received`, hold anew; what was released stays in releases in its released form meanwhile."""
    since = row.unreleased_since or now
    values: dict[str, Any] = {
        "stage": Stage.RECEIVED,
        "pending": dump_pending(merged.messages),
        "unreleased_since": since,
        "failures": 0,
        "quarantined": False,
        "claimed_at": None,
        **_circumstances(arrived, messages=merged.messages, before=row),
        **_hold(door, now, unreleased_since=since),
    }
    if row.stage == Stage.RELEASED:
        values |= {"published": row.messages, "published_hash": row.content_hash}
    return values


def _circumstances(conversation: Conversation, *, messages: tuple[Message, ...], before: Row[Any] | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(conversation, name) for name in ("platform", "page_host", "model", "client_version", "sent_at")}
    if before is not None:  # a copy that does not say it takes nothing away
        values = {name: value if value is not None else getattr(before, name) for name, value in values.items()}
    revision = max(conversation.revision, before.revision if before is not None else 0)
    is_whole = conversation.source == "plugin"
    counted = conversation.messages if is_whole else messages
    return {**values, "revision": revision, "message_count": len(counted), "character_count": character_count(counted)}


def _hold(door: Door, now: datetime, *, unreleased_since: datetime) -> dict[str, Any]:
    return {"changed_at": now, "releasable_at": min(now + door.hold, max(unreleased_since + LONGEST_HOLD, now))}


def _began_at(conversation: Conversation, now: datetime) -> datetime | None:
    """The earliest time that this copy carries; a clock that runs ahead counts as now."""
    times = [message.sent_at for message in conversation.messages if message.sent_at is not None]
    if conversation.sent_at is not None:
        times.append(conversation.sent_at)
    return min(*times, now) if times else None
