"""Card numbers: issuer and Luhn digit together; one digit off stays as it is. All numbers are the issuers' published test numbers."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import credit_card

HITS = [
    ("4111111111111111", ["4111111111111111"]),
    ("my card 4111 1111 1111 1111 exp 04/27", ["4111 1111 1111 1111"]),
    ("4111-1111-1111-1111.", ["4111-1111-1111-1111"]),
    ("3782 822463 10005", ["3782 822463 10005"]),
    ("378282246310005, 5555555555554444", ["378282246310005", "5555555555554444"]),
    ("6011111111111117", ["6011111111111117"]),
    ("3530111333300000", ["3530111333300000"]),
    ("2223003122003222", ["2223003122003222"]),
    ("30569309025904", ["30569309025904"]),
    ("4111 1111 1111 1111 123 is the code", ["4111 1111 1111 1111"]),
    ("old visa 4222222222222", ["4222222222222"]),
    ("Charge it to 4222222222222", ["4222222222222"]),
    ("Block my card 3508305890599560 please", ["3508305890599560"]),
]

NEAR_MISSES = [
    "4111111111111112",
    "4111 1111 1111 1112",
    "1111111111111117",
    "0000000000000000",
    "411111111111111",
    "41111111111111111",
    "4222222222222",
    "4111 1111-1111 1111",
    "a4111111111111111",
    "4111111111111111b",
    "1609459200000",
    "9783161484100",
    "4111111111111111.5",
    "0.4111111111111111",
    "1234567812345670",
    "3508305890599560",
    "my card 3508305890599561",
    "d41d8cd98f00b204e9800998ecf8427e",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_card_numbers(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_card_number(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("digits", "is_valid"), [("79927398713", True), ("79927398710", False), ("0", True), ("18", True), ("81", False)])
def test_the_luhn_digit(digits: str, is_valid: bool) -> None:
    assert credit_card.has_valid_check_digit(digits) is is_valid


def found(text: str) -> list[str]:
    spans = list(credit_card.find(text))
    assert {span.entity_type for span in spans} <= {"CREDIT_CARD"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
