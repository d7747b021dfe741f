"""Number plates where words speak of them."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import vehicle_plate

HITS = [
    ("my license plate is 7ABC123", ["7ABC123"]),
    ("number plate: AB12 CDE", ["AB12 CDE"]),
    ("car registration LB07 SEO", ["LB07 SEO"]),
    ("my car's plate is KA-01-HH-1234", ["KA-01-HH-1234"]),
    ("Kennzeichen B-AB 1234", ["B-AB 1234"]),
    ("kennzeichen m-xy 123", ["m-xy 123"]),
    ("plaque AB-123-CD", ["AB-123-CD"]),
    ("immatriculée AB-123-CD", ["AB-123-CD"]),
    ("matrícula 1234 BCD", ["1234 BCD"]),
    ("targa AB 123 CD", ["AB 123 CD"]),
    ("matrícula 12-AB-34", ["12-AB-34"]),
    ("kenteken 12-ABC-3", ["12-ABC-3"]),
    ("nr rejestracyjny WA 12345", ["WA 12345"]),
]

NEAR_MISSES = [
    "registration form",
    "plates 5 and 6",
    "boiler plate code",
    "Kennzeichen der Epoche: 3 Merkmale",
    "registration opens 2024",
    "plate 12",
    "AB12 CDE",
    "template B2",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_plates(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_plate(text: str) -> None:
    assert found(text) == []


def found(text: str) -> list[str]:
    spans = list(vehicle_plate.find(text))
    assert {span.entity_type for span in spans} <= {"VEHICLE_PLATE"}
    return [text[span.start : span.end] for span in spans]
