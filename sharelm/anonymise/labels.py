"""The entity types: what their labels are in `anonymise --explain` and in labelled test data, and which of them stand in a text.

Imports no detector: the pages need this, and detectors take a second to load.
"""

from __future__ import annotations

from collections import Counter

from sharelm.anonymise.rules import TEXT

HIDDEN = "HIDDEN"
"""What a contributor hid by hand."""

LABELS = {
    "PERSON": "PERSON",
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "STREET_ADDRESS": "ADDRESS",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "MAC",
    "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN",
    "URL": "URL",
    "US_SSN": "SSN",
    "SECRET": "SECRET",
    "CREDENTIAL": "SECRET",
    "DATE_OF_BIRTH": "x_DATE",
}
OTHER = "ID"
OTHERS = ("NATIONAL_ID", "VEHICLE_PLATE", "ID_NUMBER", "USERNAME")
"""Numbers and names that stand for somebody."""
ENTITY_TYPES = frozenset({*LABELS, *OTHERS, HIDDEN})


def label_of(entity_type: str) -> str:
    return LABELS.get(entity_type, OTHER)


def count_labels(text: str) -> Counter[str]:
    """The labels of our kinds in a text in which its client has replaced something, by entity type."""
    return Counter(match[1] for match in TEXT["numbered"].finditer(text) if match[1] in ENTITY_TYPES)
