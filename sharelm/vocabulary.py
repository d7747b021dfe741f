"""The words of the project as types: imported everywhere, imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

GENDERS = ("female", "male", "non-binary")
"""The only answers about gender that may ever be published, for groups that are large enough; what people put in their own words never is."""

UserId = NewType("UserId", str)
"""The secret string that opens everything its holder gave. Hashed on arrival, never in an address, a log or a release."""


class Role(StrEnum):
    """Who speaks in a message; the four roles that chat templates know."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Stage(StrEnum):
    """How far a conversation has come. Withdrawn is a mark, not a stage."""

    RECEIVED = "received"
    ANONYMISED = "anonymised"
    APPROVED = "approved"
    REJECTED = "rejected"
    RELEASED = "released"


class Outcome(StrEnum):
    """What an upload did to the conversation it names."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Report(StrEnum):
    """What a message to the operator is about."""

    COPYRIGHT = "copyright"
    DEFAMATION = "defamation"
    THREAT = "threat"
    PRIVACY = "privacy"
    HARMFUL = "harmful"
    OTHER = "other"


class Rejection(StrEnum):
    """Why a reviewer does not accept a conversation."""

    PRIVATE = "private"
    HARMFUL = "harmful"
    COPYRIGHT = "copyright"
    SPAM = "spam"
    NO_CONVERSATION = "no-conversation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation, as it was sent or as it is kept.

    `id` and `parent_id` are the sender's own and never leave the API; `gap` says that something before it was not recorded.
    `digest` recognises the message as it was sent; it is set once the content is anonymised, and None while the content is as given.
    `redactions` counts the places that were replaced. `rating` is a thumb, 1 or -1; in what a client sends, 0 takes one back and None says nothing.
    `sent_digest` is the digest of what was sent where its owner is shown it without a passage, before it is anonymised. `is_rated_here` says that its
    contributor rated it on the pages: what a client says of it does not count any more.
    """

    role: Role
    content: str
    id: str | None = None
    parent_id: str | None = None
    model: str | None = None
    sent_at: datetime | None = None
    rating: int | None = None
    gap: bool = False
    digest: str | None = None
    redactions: int = 0
    sent_digest: str | None = None
    is_rated_here: bool = False


@dataclass(frozen=True, slots=True)
class Demographics:
    """Voluntary and coarse: an age band, an ISO 3166 country code, and a gender as the person put it."""

    age_band: str | None = None
    country: str | None = None
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as a client sent it, in our own words; the client's wire names stop in `ingest.payload`."""

    conversation_id: str
    messages: tuple[Message, ...]
    source: str
    platform: str | None = None
    page_host: str | None = None
    model: str | None = None
    rating: int | None = None
    sent_at: datetime | None = None
    revision: int = 0
    client_version: str | None = None
    demographics: Demographics = field(default_factory=Demographics)


WATCHED = ("SECRET", "EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "MAC_ADDRESS", "IP_ADDRESS")
"""The entity types that must not be in a release at all: their forms leave no doubt."""


@dataclass(frozen=True, slots=True)
class PiiSpan:
    """A place in a text that identifies somebody: `text[start:end]`, with an entity type in Presidio's names."""

    start: int
    end: int
    entity_type: str
