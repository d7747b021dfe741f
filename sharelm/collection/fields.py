"""Reading single values of a source's row. A wrong type is a TypeError, which the loop counts; nobody guesses."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON can escape half of a pair; no such text can be encoded
MILLISECONDS_FROM = 100_000_000_000  # a Unix time above this is not in seconds
ANONYMOUS_DIGITS = 16
DEEPEST = 64  # of what a row says beside its conversation


def text_of(value: Any) -> str:
    """A text, never None."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return _HALF_CHARACTER.sub("\ufffd", value) if not value.isascii() else value


def maybe_text(value: Any) -> str | None:
    """A text, or None where there is none or an empty one."""
    return None if value is None else text_of(value).strip() or None


def maybe_bool(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError("not a truth value")
    return value


def id_of(value: Any) -> str:
    """An id of the source: a text or a whole number, not empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = text_of(value).strip()
    if not text:
        raise ValueError("an empty id")
    return text


def micros_of(value: Any) -> int | None:
    """Microseconds since 1970 of a time as sources write it: a datetime, ISO 8601, or Unix seconds; without a zone it is taken for UTC."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        since = aware - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a time")
    seconds = value
    for _ in ("milliseconds", "microseconds", "nanoseconds"):
        seconds = seconds / 1_000 if abs(seconds) > MILLISECONDS_FROM else seconds
    micros = round(seconds * 1_000_000)
    datetime.fromtimestamp(seconds, UTC)  # whoever reads the release must be able to
    return micros


def _parsed(text: str) -> datetime | float:
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return float(text)


def list_of(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def mapping_of(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError("not an object")
    return value


def plain_of(value: Any, depth: int = 0) -> Any:
    """The same in what JSON can say and everybody can read: no halves of characters, no NaN, other types as their text."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, Mapping):
        return {text_of(str(name)): plain_of(inside, depth + 1) for name, inside in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(inside, depth + 1) for inside in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else text_of(str(value))


def public_user(source: str, native_id: str) -> str:
    """The same on every instance, because the source is public: no key of ours is in it."""
    digest = hashlib.sha256(f"{source}:{native_id}".encode()).hexdigest()
    return f"{source}:{digest[:ANONYMOUS_DIGITS]}"


def maybe_user(source: str, native_id: Any) -> str | None:
    return None if native_id is None or native_id == "" else public_user(source, id_of(native_id))
