"""US social security numbers: ranges that are given out, and words where dashes are missing."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import us_ssn

HITS = [
    ("536-90-4399", ["536-90-4399"]),
    ("My SSN is 536-90-4399, ok?", ["536-90-4399"]),
    ("536-90-4399 899-01-0001", ["536-90-4399", "899-01-0001"]),
    ("ssn: 536904399", ["536904399"]),
    ("SSN 536 90 4399", ["536 90 4399"]),
    ("social security number is 536.90.4399.", ["536.90.4399"]),
    ("my social is 536 90 4399", ["536 90 4399"]),
    ("536 90 4399 is my SSN", ["536 90 4399"]),
    ("Yes, 536904399 was her social security number.", ["536904399"]),
    ("536.90.4399 (SSN)", ["536.90.4399"]),
]

NEAR_MISSES = [
    "000-90-4399",
    "666-90-4399",
    "900-90-4399",
    "536-00-4399",
    "536-90-0000",
    "536-90-43990",
    "1536-90-4399",
    "536-90-4399-1",
    "A-536-90-4399",
    "536 90 4399",
    "536904399",
    "536-9-04399",
    "ssn: 666904399",
    "social distance 536904399",
    "part no. 536-904-399",
    "536904399 is my favourite number",
    "536904399 is my socialist party number",
    "666 90 4399 is my SSN",
    "1536 90 4399 is my SSN",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_social_security_numbers(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_social_security_number(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("area", "is_valid"), [("001", True), ("000", False), ("665", True), ("666", False), ("667", True), ("899", True), ("900", False)]
)
def test_the_areas_that_are_given_out(area: str, is_valid: bool) -> None:
    assert us_ssn.is_given_out(area, "01", "0001") is is_valid


def found(text: str) -> list[str]:
    spans = list(us_ssn.find(text))
    assert {span.entity_type for span in spans} <= {"US_SSN"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
