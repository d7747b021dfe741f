"""MAC addresses: three spellings, and rows of pairs that are none."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import mac_address

HITS = [
    ("42:4F:98:7D:49:89", ["42:4F:98:7D:49:89"]),
    ("the router is a2-8a-f4-f4-dd-aa.", ["a2-8a-f4-f4-dd-aa"]),
    ("aabb.ccdd.ee01", ["aabb.ccdd.ee01"]),
    ("It is aabb.ccdd.ee01.", ["aabb.ccdd.ee01"]),
    ("42:4F:98:7D:49:89 dc:2d:bc:8f:ba:2d", ["42:4F:98:7D:49:89", "dc:2d:bc:8f:ba:2d"]),
    ("mac:42:4F:98:7D:49:89", ["42:4F:98:7D:49:89"]),
    ("HWaddr=42:4F:98:7D:49:89,up", ["42:4F:98:7D:49:89"]),
]

NEAR_MISSES = [
    "42:4F:98:7D:49",
    "42:4F:98:7D:49:89:1A",
    "42:4F:98:7D:49:8G",
    "42:4F-98:7D-49:89",
    "00:00:00:00:00:00",
    "ff:ff:ff:ff:ff:ff",
    "12-23-34-45-56-67",
    "1234.5678.9012",
    "12:30:45",
    "x42:4F:98:7D:49:89",
    "SHA1 42:4F:98:7D:49:89:42:4F:98:7D:49:89:42:4F:98:7D:49:89:AA:BB",
    "aabb.ccdd.ee01.ff",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_mac_addresses(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_mac_address(text: str) -> None:
    assert found(text) == []


def found(text: str) -> list[str]:
    spans = list(mac_address.find(text))
    assert {span.entity_type for span in spans} <= {"MAC_ADDRESS"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
