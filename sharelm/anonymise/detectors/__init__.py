"""The visible list of everything that is looked for. A new kind is one file, one line here, one row in its test table."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sharelm.anonymise.detectors import (
    credential,
    credit_card,
    date_of_birth,
    email_address,
    iban_code,
    id_number,
    ip_address,
    mac_address,
    national_id,
    person,
    phone_number,
    secret,
    street_address,
    url,
    us_ssn,
    username,
    vehicle_plate,
)
from sharelm.vocabulary import PiiSpan

Find = Callable[[str], Iterator[PiiSpan]]


def letters_and_digits(value: str) -> str:
    """The value without separators: `4111-1111 ...` and `41111111...` are the same card."""
    return "".join(filter(str.isalnum, value)).casefold()


def as_written(value: str) -> str:
    return value


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of personal data: how it is found, how two spellings are compared, and whether it is replaced in code too.

    `version` is raised, and ANONYMISER_VERSION with it, when something else is found than before.
    """

    entity_type: str
    find: Find
    in_code: bool = False
    normalise: Callable[[str], str] = str.casefold
    version: int = 1


# The order is the priority: where two detectors claim the same place, the earlier one names it.
DETECTORS: tuple[Detector, ...] = (
    Detector("SECRET", secret.find, in_code=True, normalise=as_written, version=2),
    Detector("EMAIL_ADDRESS", email_address.find, in_code=True, normalise=email_address.normalise, version=2),
    Detector("URL", url.find, normalise=as_written, version=2),
    Detector("IBAN_CODE", iban_code.find, normalise=letters_and_digits, version=2),
    Detector("CREDIT_CARD", credit_card.find, normalise=letters_and_digits, version=2),
    Detector("US_SSN", us_ssn.find, normalise=letters_and_digits, version=2),
    Detector("MAC_ADDRESS", mac_address.find, normalise=letters_and_digits),
    Detector("IP_ADDRESS", ip_address.find, normalise=ip_address.normalise, version=2),
    Detector("CREDENTIAL", credential.find, in_code=True, normalise=as_written, version=2),
    Detector("NATIONAL_ID", national_id.find, normalise=letters_and_digits),
    Detector("PHONE_NUMBER", phone_number.find, normalise=phone_number.normalise, version=2),
    Detector("VEHICLE_PLATE", vehicle_plate.find, normalise=letters_and_digits),
    Detector("ID_NUMBER", id_number.find, normalise=letters_and_digits, version=2),
    Detector("USERNAME", username.find, normalise=username.normalise, version=3),
    Detector("STREET_ADDRESS", street_address.find, normalise=letters_and_digits, version=4),
    Detector("DATE_OF_BIRTH", date_of_birth.find, normalise=letters_and_digits),
    # Last: a name inside of an address, a link or a user name is part of it.
    Detector("PERSON", person.find, normalise=person.normalise, version=4),
)

_NORMALISE = {detector.entity_type: detector.normalise for detector in DETECTORS}


def normalise(entity_type: str, value: str) -> str:
    """The spelling under which a value is compared with others of its type."""
    return _NORMALISE[entity_type](unicodedata.normalize("NFC", value))
