"""The one table from our entity types to the labels of `anonymise --explain` and of labelled test data."""

from __future__ import annotations

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
"""What is not in the table is a number or name that stands for somebody: national ids, customer numbers, handles, number plates."""


def label_of(entity_type: str) -> str:
    return LABELS.get(entity_type, OTHER)
