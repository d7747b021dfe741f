"""How numbers, sizes and times read on the pages, in the language of their reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from sharelm.web.language import gettext, locale, ngettext, reader

if TYPE_CHECKING:
    from sharelm import ShareLM

NARROW_SPACE = "\u202f"  # between thousands in English; does not break
ENGLISH_DAY = "d MMM y"  # Babel's English is American
UNITS = ("kB", "MB", "GB", "TB")


def prepare(app: ShareLM) -> None:
    filters: tuple[Callable[..., str], ...] = (number, percent, size, day, moment, moment_text, count_of)
    for function in filters:
        app.add_template_filter(function)


def number(count: int) -> str:
    if count < 1000:
        return str(count)
    return f"{count:,}".replace(",", NARROW_SPACE) if locale().language == "en" else format_decimal(count, locale=locale())


def percent(value: float, digits: int = 0) -> str:
    if locale().language == "en":
        return f"{value:.{digits}f} %"
    pattern = locale().percent_formats[None].pattern
    return format_percent(value / 100, pattern.replace("0", f"0.{'0' * digits}", 1) if digits else pattern, locale())


def count_of(count: int, word: str) -> str:
    """`1 message`, `2 messages`."""
    return _count_words(count, word, reader().language)


@lru_cache(maxsize=4096)
def _count_words(count: int, word: str, _language: str) -> str:
    shown = number(count)
    match word:
        case "conversation":
            return ngettext("%(count)s conversation", "%(count)s conversations", count, count=shown)
        case "message":
            return ngettext("%(count)s message", "%(count)s messages", count, count=shown)
        case "hour":
            return ngettext("%(count)s hour", "%(count)s hours", count, count=shown)
    raise ValueError(word)


def size(byte_count: int) -> str:
    """In powers of 1000, as disks and browsers count."""
    if byte_count < 1000:
        return ngettext("%(count)s byte", "%(count)s bytes", byte_count, count=byte_count)
    amount = float(byte_count)
    for unit in UNITS:
        amount /= 1000
        if amount < 999.95 or unit == UNITS[-1]:
            break
    return f"{format_decimal(amount, format='0.0', locale=locale())} {unit}"


def day_text(at: date) -> str:
    return _day_words(date(at.year, at.month, at.day), reader().language)


def short_day(at: date) -> str:
    """Without the year."""
    return format_date(at, "d MMM", locale()) if locale().language == "en" else format_skeleton("MMMd", at, locale=locale())


def month_text(at: date) -> str:
    return format_skeleton("yMMM", at, locale=locale())


def moment_text(at: datetime) -> str:
    return gettext("%(day)s, %(time)s UTC", day=day_text(at), time=_clock_words(time(at.hour, at.minute), reader().language))


def moment(at: datetime) -> Markup:
    return _time(at, moment_text(at))


def day(at: datetime) -> Markup:
    return _time(at, day_text(at))


# Kept, because a list says the same days and minutes again and again, and finding the words takes its time.
@lru_cache(maxsize=4096)
def _day_words(at: date, language: str) -> str:
    return format_date(at, ENGLISH_DAY if language == "en" else "medium", Locale.parse(language))


@lru_cache(maxsize=4096)
def _clock_words(at: time, language: str) -> str:
    return f"{at:%H:%M}" if language == "en" else format_time(at, "short", locale=Locale.parse(language))


def _time(at: datetime, words: str) -> Markup:
    return Markup(f'<time datetime="{at.isoformat(timespec="seconds")[:19]}Z">{escape(words)}</time>')
