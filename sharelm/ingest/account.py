"""The wire forms of what contributors say about themselves and to the operator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sharelm.errors import English, InvalidPayload
from sharelm.ingest.demographics import AGE_BANDS, age_band, country_of, read_age, refuse_minor, tidy_gender
from sharelm.ingest.payload import Wire
from sharelm.vocabulary import Report

MAX_MESSAGE = 4_000
MAX_REPLY_TO = 255
MAX_ABOUT = 255
MAX_GENDER = 64
BANDS = tuple(band for _, band in AGE_BANDS)


def _is_said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _is_one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line")
    return text


class DemographicsChange(Wire):
    """A field that is left out stays as it is; null erases it. `age` in years or `age_band`, not both."""

    age: str | float | None = None
    age_band: Literal["18-24", "25-34", "35-44", "45-54", "55-64", "65+"] | None = None
    country: Annotated[str, Field(max_length=200)] | None = None
    gender: Annotated[str, Field(max_length=MAX_GENDER)] | None = None


class ContactMessage(Wire):
    """To the operator; `about` names a conversation or an address, `reply_to` is where an answer is wanted, if one is."""

    kind: Report = Report.OTHER
    about: Annotated[str, Field(max_length=MAX_ABOUT), AfterValidator(_is_one_line)] | None = None
    message: Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE), AfterValidator(_is_said)]
    reply_to: Annotated[str, Field(max_length=MAX_REPLY_TO), AfterValidator(_is_one_line)] | None = None


def read_changes(change: DemographicsChange) -> dict[str, str | None]:
    """What is to be kept of each answer that was sent, made coarse as on arrival; None erases it.

    Raises Refused (403) for an age below 18, InvalidPayload for what cannot be read.
    """
    sent = change.model_fields_set
    if {"age", "age_band"} <= sent:
        raise InvalidPayload("age, age_band: send one of them.")
    answers: dict[str, str | None] = {}
    if "age" in sent:
        answers["age_band"] = _band_of(change.age)
    if "age_band" in sent:
        answers["age_band"] = change.age_band
    if "country" in sent:
        answers["country"] = _kept("country", change.country, country_of(change.country or ""))
    if "gender" in sent:
        answers["gender"] = _kept("gender", change.gender, tidy_gender(change.gender))
    return answers


def _band_of(age: str | float | None) -> str | None:
    refuse_minor(age)
    return _kept("age", age, age_band(read_age(age)))


def _kept(name: str, told: str | float | None, read: str | None) -> str | None:
    """On arrival an unreadable answer is no answer; here it would erase one unasked."""
    if told is not None and told != "" and read is None:
        raise InvalidPayload(English("%(name)s: cannot be read.", name=name))
    return read
