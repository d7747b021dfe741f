"""IP addresses: somebody's are found; versions, masks, loopback and code stay."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import ip_address

HITS = [
    ("ssh root@57.156.130.127 hangs", ["57.156.130.127"]),
    ("57.156.130.127", ["57.156.130.127"]),
    ("192.168.178.21, 10.0.0.7", ["192.168.178.21", "10.0.0.7"]),
    ("http://84.12.7.200:8080/x", ["84.12.7.200"]),
    ("10.0.0.5-10.0.0.9", ["10.0.0.5", "10.0.0.9"]),
    ("It was 84.12.7.200.", ["84.12.7.200"]),
    ("ping 9.8.7.6", ["9.8.7.6"]),
    ("my server is 203.0.113.42", ["203.0.113.42"]),
    ("192.0.2.77 198.51.100.7", ["192.0.2.77", "198.51.100.7"]),
    ("the DNS server 8.8.8.8", ["8.8.8.8"]),
    ("2001:db8:85a3::8a2e:370:7334", ["2001:db8:85a3::8a2e:370:7334"]),
    ("IP:84.12.7.200", ["84.12.7.200"]),
    ("84.12.7.0/24", ["84.12.7.0"]),
    ("2a00:1450:4001:82a::200e", ["2a00:1450:4001:82a::200e"]),
    ("[fe80::1]:443", ["fe80::1"]),
    ("fe80::1ff:fe23:4567:890a%eth0 up", ["fe80::1ff:fe23:4567:890a%eth0"]),
    ("ping6 e6bf:8aaa:4ef7:6e49:3a8d:a41a:b6f4:bb60 fails", ["e6bf:8aaa:4ef7:6e49:3a8d:a41a:b6f4:bb60"]),
    ("2a00:1450::1/64 2a00:1450::2", ["2a00:1450::1", "2a00:1450::2"]),
    ("::ffff:84.12.7.200", ["::ffff:84.12.7.200", "84.12.7.200"]),
    ("IP:2a00:1450::1", ["2a00:1450::1"]),
    ("It is 2a00:1450::1.", ["2a00:1450::1"]),
]

NEAR_MISSES = [
    "version 57.156.130.127",
    "v1.2.3.4",
    "Chrome/120.0.60.109",
    "pip install x==84.12.7.200",
    "section 1.2.3.4",
    "1.2.3.4",
    "127.0.0.1",
    "0.0.0.0",
    "255.255.255.0",
    "8.8.8.8",
    "10.0.0.0/8",
    "84.12.7.256",
    "84.12.7",
    "84.12.7.200.9",
    "84.12.07.200",
    "a84.12.7.200",
    "84.12.7.200b",
    "python-84.12.7.200",
    "::1",
    "::",
    "std::vector",
    "a[::2]",
    "dead::beef",
    "12:30:45",
    "1:2:3:4:5:6:7:8",
    "2a00:1450:4001:82a:200e",
    "g2a00::1",
    "a::b::c123",
    "42:4F:98:7D:49:89",
    "ip_network('2001:db8::1000/124')",
    'IPv6Address("2001:0DB8::1")',
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_ip_addresses(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_an_ip_address(text: str) -> None:
    assert found(text) == []


def test_it_compares_spellings_of_one_address() -> None:
    assert ip_address.normalise("2A00:0:0:0::1") == ip_address.normalise("2a00::1")
    assert ip_address.normalise("not an address") == "not an address"


def found(text: str) -> list[str]:
    spans = list(ip_address.find(text))
    assert {span.entity_type for span in spans} <= {"IP_ADDRESS"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
