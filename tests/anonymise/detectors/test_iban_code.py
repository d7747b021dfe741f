"""IBANs: length and check digits of the country; one digit off stays as it is. All are the examples of the registry."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import iban_code

HITS = [
    ("DE89370400440532013000", ["DE89370400440532013000"]),
    ("to DE89 3704 0044 0532 0130 00 before Tuesday", ["DE89 3704 0044 0532 0130 00"]),
    ("GB29NWBK60161331926819.", ["GB29NWBK60161331926819"]),
    ("gb29nwbk60161331926819", ["gb29nwbk60161331926819"]),
    ("NO9386011117947", ["NO9386011117947"]),
    ("MT84MALT011000012345MTLCAST001S", ["MT84MALT011000012345MTLCAST001S"]),
    ("GB24NWBK6016133192681", ["GB24NWBK6016133192681"]),
    ("IBAN:FR14-2004-1010-0505-0001-3M02-606", ["FR14-2004-1010-0505-0001-3M02-606"]),
    ("NL91ABNA0417164300 BE68539007547034", ["NL91ABNA0417164300", "BE68539007547034"]),
]

NEAR_MISSES = [
    "DE89370400440532013001",
    "DE88370400440532013000",
    "DE8937040044053201300",
    "DE893704004405320130000",
    "XX89370400440532013000",
    "ADE89370400440532013000",
    "DE89370400440532013000A",
    "DE89  3704 0044 0532 0130 00",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "AT 61 1904",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_ibans(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_an_iban(text: str) -> None:
    assert found(text) == []


def found(text: str) -> list[str]:
    spans = list(iban_code.find(text))
    assert {span.entity_type for span in spans} <= {"IBAN_CODE"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
