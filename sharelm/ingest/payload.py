"""The wire forms: what the published plugin posts, and our own. Wire names stop here.

Field errors name the place, never the value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from sharelm.errors import InvalidPayload, MalformedBody
from sharelm.ingest.accept import MAX_MESSAGES
from sharelm.ingest.demographics import read_demographics
from sharelm.ingest.platforms import read_page
from sharelm.vocabulary import Conversation, Demographics, Message, Role

MAX_ITEMS = 100
MAX_CHOSEN = 10_000  # of one export at a time
MAX_ADDRESS = 255
THUMBS = {"thumbup": 1, "thumbdown": -1}


def _read_time(value: object) -> object:
    """ISO 8601 to UTC; a time without a zone is UTC; an empty string is no time."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 64:
        raise ValueError("must be a time as in 2026-06-15T18:22:37Z")
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a time as in 2026-06-15T18:22:37Z") from None


def _read_address(value: object) -> object:
    """Without query and fragment, which are never kept; what is left must be of a sane length."""
    if not isinstance(value, str):
        return value
    bare = value.split("#", 1)[0].split("?", 1)[0]
    if len(bare) > MAX_ADDRESS:
        raise ValueError(f"must have at most {MAX_ADDRESS} characters before the query")
    return value


def _read_whole(value: object) -> object:
    """JSON knows one kind of number: 1.0 is as whole as 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_true(value: bool) -> bool:
    if not value:
        raise ValueError("must be true: only adults can agree")
    return value


ConversationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@\-]{1,200}$", description="1–200 of A–Z a–z 0–9 . _ : @ -")]
UserIdText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{22,64}$", description="22–64 of A–Z a–z 0–9 - _")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9_\-]{1,64}$")]
Label = Annotated[str, Field(max_length=200)]
Time = Annotated[datetime | None, BeforeValidator(_read_time), WithJsonSchema({"type": ["string", "null"], "format": "date-time"})]
Thumb = Annotated[int, BeforeValidator(_read_whole), Field(ge=-1, le=1), WithJsonSchema({"type": "integer", "minimum": -1, "maximum": 1})]
Revision = Annotated[int, BeforeValidator(_read_whole), Field(ge=0, le=2**53), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 2**53})]
Address = Annotated[str, BeforeValidator(_read_address), WithJsonSchema({"type": "string"})]


class Wire(BaseModel):
    """Types are taken as they are, unknown keys are dropped."""

    model_config = ConfigDict(strict=True, extra="ignore")


WireT = TypeVar("WireT", bound=Wire)


class PluginPerson(Wire):
    """The demographics form of the published plugin: free text, all voluntary."""

    age: str | float | None = None
    gender: str | None = None
    location: str | None = None


class PluginRatings(Wire):
    """Thumbs: one per bot message, and one for the whole."""

    message_ratings: list[Thumb | None] | None = None
    rate: str | None = None


class PluginUpload(Wire):
    """The published ShareLM plugin's payload: two parallel arrays."""

    conversation_id: ConversationId
    user_id: UserIdText
    user_msgs: list[str] = Field(default_factory=list, max_length=MAX_MESSAGES)
    bot_msgs: list[str] = Field(default_factory=list, max_length=MAX_MESSAGES)
    page_url: Address | None = None
    timestamp: Time = None
    user_metadata: PluginPerson | None = None
    conversation_metadata: PluginRatings | None = None


class UploadMessage(Wire):
    """One message with a stable id of the client's; `gap` says that something before it was not recorded.

    `redactions` counts the places that the client replaced before it sent the message.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    parent_id: Annotated[str, Field(max_length=64)] | None = None
    gap: bool = False
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    model: Label | None = None
    timestamp: Time = None
    rating: Thumb | None = None  # 0 takes a rating back, none leaves it as it was
    redactions: Annotated[int, Field(ge=0, le=100_000)] = 0


class Upload(Wire):
    """One conversation, or as much of it as the client has; messages are merged by their ids."""

    conversation_id: ConversationId
    revision: Revision = 0
    messages: Annotated[list[UploadMessage], Field(max_length=MAX_MESSAGES)]  # none: a rating of what is kept
    platform: Slug | None = None
    page_host: Address | None = None
    page_url: Address | None = None
    model: Label | None = None
    client_version: Annotated[str, Field(max_length=64)] | None = None
    consent_version: Annotated[str, Field(max_length=64)] | None = None
    rating: Thumb | None = None


class ConsentGiven(Wire):
    """An agreement to the consent text of `version`, shown in `language`, by somebody of 18 or older."""

    version: Annotated[str, Field(max_length=64)]
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    adult: Annotated[bool, AfterValidator(_is_true)]


class Choice(Wire):
    """Which conversations of an export its owner gives."""

    conversation_ids: Annotated[list[ConversationId], Field(min_length=1, max_length=MAX_CHOSEN)]


def read(model: type[WireT], body: bytes | dict[str, Any]) -> WireT:
    """Raises MalformedBody if it is no JSON, else InvalidPayload with the place of the first error."""
    try:
        return model.model_validate_json(body) if isinstance(body, bytes) else model.model_validate(body, strict=True)
    except ValidationError as problem:
        if problem.errors()[0]["type"] == "json_invalid":
            raise MalformedBody("The body is not valid JSON in UTF-8.") from None
        raise InvalidPayload(_first_problem(problem)) from None


def plugin_conversation(upload: PluginUpload) -> Conversation:
    """Raises InvalidPayload if there is no message at all."""
    if not upload.user_msgs and not upload.bot_msgs:
        raise InvalidPayload("user_msgs and bot_msgs are both empty: there is nothing to keep.")
    if len(upload.user_msgs) + len(upload.bot_msgs) > MAX_MESSAGES:
        raise InvalidPayload(f"A conversation may have at most {MAX_MESSAGES} messages.")
    ratings = upload.conversation_metadata or PluginRatings()
    page = read_page(upload.page_url or "")
    return Conversation(
        conversation_id=upload.conversation_id,
        messages=tuple(interleave(upload.user_msgs, upload.bot_msgs, ratings.message_ratings or [])),
        source="plugin",
        platform=page.platform,
        page_host=page.host,
        model=page.model,
        rating=THUMBS.get(ratings.rate or ""),
        sent_at=upload.timestamp,
        demographics=_demographics(upload.user_metadata),
    )


def interleave(user: list[str], bot: list[str], ratings: list[int | None]) -> list[Message]:
    """Two parallel arrays as one conversation: user first; the bot, if it has exactly one message more; the rest in order."""
    rated = [Message(Role.ASSISTANT, text, rating=_thumb(ratings, n)) for n, text in enumerate(bot)]
    asked = [Message(Role.USER, text) for text in user]
    first, second = (rated, asked) if len(bot) == len(user) + 1 else (asked, rated)
    paired = [message for pair in zip(first, second, strict=False) for message in pair]
    return paired + first[len(second) :] + second[len(first) :]


def own_conversation(upload: Upload) -> Conversation:
    """Raises InvalidPayload if two messages have the same id."""
    if len({message.id for message in upload.messages}) < len(upload.messages):
        raise InvalidPayload("messages: two messages have the same id.")
    page = read_page(upload.page_url or upload.page_host or "")
    messages = tuple(_own_message(message) for message in upload.messages)
    return Conversation(
        conversation_id=upload.conversation_id,
        messages=messages,
        source="extension",
        platform=upload.platform or page.platform,
        page_host=page.host,
        model=_model(upload.model) or page.model or _answering_model(messages),
        rating=upload.rating,
        revision=upload.revision,
        client_version=_one_line(upload.client_version),
    )


def _answering_model(messages: Iterable[Message]) -> str | None:
    """The one that gave most of the answers, where only they say it."""
    named = Counter(message.model for message in messages if message.role is Role.ASSISTANT and message.model)
    return next((name for name, _ in named.most_common(1)), None)


def _own_message(message: UploadMessage) -> Message:
    return Message(
        role=Role(message.role),
        content=message.content,
        id=message.id,
        parent_id=message.parent_id,
        model=_model(message.model),
        sent_at=message.timestamp,
        rating=message.rating,
        gap=message.gap,
        redactions=message.redactions,
    )


def _demographics(person: PluginPerson | None) -> Demographics:
    if person is None or not (person.age or person.gender or person.location):
        return Demographics()
    return read_demographics(age=person.age, gender=person.gender, location=person.location)


def _thumb(ratings: list[int | None], place: int) -> int | None:
    return ratings[place] if place < len(ratings) else None


def _one_line(text: str | None) -> str | None:
    """Labels are shown in lists and published: without control characters, without line breaks."""
    return "".join(letter for letter in " ".join((text or "").split()) if letter.isprintable()) or None


def _model(text: str | None) -> str | None:
    """A model's name is published: what could be an address of somebody, or a sentence, is none."""
    name = _one_line(text)
    return name if name and "@" not in name and len(name.split()) <= 8 else None


def _first_problem(problem: ValidationError) -> str:
    error = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in error["loc"]) or "body"
    return f"{place}: {_PROBLEMS.get(error['type']) or _own_words(error)}."


def _own_words(error: Mapping[str, Any]) -> str:
    """What our own validators say; other texts of the library might quote."""
    return str(error["msg"]).removeprefix("Value error, ") if error["type"] == "value_error" else "is not valid"


_PROBLEMS = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "string_pattern_mismatch": "has characters or a length that are not allowed",
    "list_type": "must be a list",
    "too_long": "has too many entries",
    "too_short": "has too few entries",
    "int_type": "must be a whole number",
    "model_type": "must be an object",
    "literal_error": "is not one of the allowed values",
}
