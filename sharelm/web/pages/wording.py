"""How numbers, sizes and times read on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from sharelm import ShareLM

NARROW_SPACE = "\u202f"  # between thousands; does not break
UNITS = ("kB", "MB", "GB", "TB")


def prepare(app: ShareLM) -> None:
    filters: tuple[Callable[..., str], ...] = (number, size, day, moment, count_of)
    for function in filters:
        app.add_template_filter(function)


def number(count: int) -> str:
    return f"{count:,}".replace(",", NARROW_SPACE)


def count_of(count: int, word: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{number(count)} {word}" if count == 1 else f"{number(count)} {word}s"


def size(byte_count: int) -> str:
    """In powers of 1000, as disks and browsers count."""
    if byte_count < 1000:
        return f"{byte_count} bytes"
    amount = float(byte_count)
    for unit in UNITS:
        amount /= 1000
        if amount < 999.95 or unit == UNITS[-1]:
            break
    return f"{amount:.1f} {unit}"


def moment_text(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def moment(at: datetime) -> Markup:
    return _time(at, moment_text(at))


def day(at: datetime) -> Markup:
    return _time(at, f"{at.day} {at:%b %Y}")


def _time(at: datetime, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", words)
