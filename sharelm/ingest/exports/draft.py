"""What a reader of one format finds in one conversation, before it becomes one of ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from sharelm.errors import ShareLMError
from sharelm.vocabulary import Role

Json = dict[str, Any]
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
TEXTS = ("text", "input_text", "output_text")
NO_TEXT = re.compile("[\x00\x1e]")  # the second stands between texts in the store


class Unreadable(Exception):
    """A conversation that is not as its format has it; it is skipped under `reason`, and nothing of it is quoted."""

    def __init__(self, reason: str = "unreadable") -> None:
        super().__init__(reason)
        self.reason = reason


class NotAnExport(ShareLMError):
    """The file cannot be read; `word` stands for a sentence of `problems`."""

    status = 422

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Node:
    """An entry of the tree. Without a role or content it is not kept, and what follows it follows its parent."""

    id: str
    parent: str | None
    role: Role | None
    content: str
    model: str | None = None
    sent_at: datetime | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """`leaf` is the newest entry of the path that the platform shows; where it does not say, the newest leaf, or the one that is found by
    the newest child of each fork.

    `native_id` is None where the format has none: then the first words make it.
    """

    nodes: list[Node]
    native_id: str | None
    leaf: str | None = None
    model: str | None = None
    changed_at: datetime | None = None
    shows_newest_child: bool = False


class Format(Protocol):
    """One file of this folder. `fits` looks at an element's shape, `read` raises Unreadable."""

    NAME: str  # begins the ids of its conversations
    PLATFORM: str | None
    MAX_DEPTH: int

    def fits(self, element: Json) -> bool: ...

    def read(self, element: Json) -> Iterator[Draft]: ...


def text_of(value: object) -> str:
    """A text as it can be stored: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    text = NO_TEXT.sub("", value) if "\x00" in value or "\x1e" in value else value
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def dict_of(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def word_of(value: object) -> str | None:
    """An id or a name; numbers are as good as words."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_of(value) or None


def moment_of(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970, or ISO 8601; None for what is no time."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            seconds = float(value)
            moment = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return moment if EARLIEST < moment < LATEST else None


def text_of_parts(parts: list[Any]) -> str:
    """What typed parts say in words; pictures, files and calls of tools are other types."""
    typed = ({"type": "text", "text": part} if isinstance(part, str) else dict_of(part) for part in parts)
    said = (part.get("text") for part in typed if part.get("type") in TEXTS)
    return "\n\n".join(text for text in map(text_of, said) if text.strip())


def thumb_of(value: object) -> int | None:
    return value if isinstance(value, int) and value in {1, -1} else None
