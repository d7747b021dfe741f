"""IP addresses that can belong to somebody, private ranges included; loopback and netmasks stay."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from sharelm.anonymise.entry import Entry
from sharelm.anonymise.rules import Kind, Region
from sharelm.vocabulary import PiiSpan

_NEAR = r":[0-9A-Fa-f]{0,4}:"
_KIND = Kind("IP_ADDRESS", hints=(r"\.(?<=[0-9]\.)[0-9]{1,3}\.[0-9]", _NEAR), needs={"ip6": Entry(_NEAR, hint=_NEAR)})
_WORDS = _KIND.words
_NETWORKS = frozenset(_KIND.facts["networks"])
_COLONS = re.compile(r":(?=[0-9A-Fa-f]{0,4}:)")
_MASKS_AND_LOOPBACK = frozenset({0, 127, 255})  # what a v4 address that is never somebody's host begins with
_MULTICAST = range(224, 240)
_MAPPED = bytes(10) + b"\xff\xff"  # a v4 address written as v6

ENTRIES = _KIND.entries


def find(text: str) -> Iterator[PiiSpan]:
    """The pattern of IPv6 begins like any word: it is tried only at two colons that are near enough to each other."""
    places = sorted({place for colon in _COLONS.finditer(text) for place in range(max(0, colon.start() - 4), colon.start() + 1)})
    return _KIND.find(text, {"ip4": _ip4, "ip6": _ip6}, {"ip6": places})


def normalise(value: str) -> str:
    """The shortest spelling, so that `2A00:0:0::1` and `2a00::1` are one address."""
    try:
        return ipaddress.ip_address(value).compressed
    except ValueError:
        return value.lower()


def _ip4(text: str, match: re.Match[str]) -> Region | None:
    octets = bytes(int(octet) for octet in match[0].split("."))
    return match.span() if _is_somebodys(octets) and match[0] not in _NETWORKS and not _is_version(text, match.start(), octets) else None


def _ip6(_: str, match: re.Match[str]) -> Region | None:
    value = match[0].rstrip(".:") if not match[0].endswith("::") else match[0]
    if not _looks_like_v6(value):
        return None
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return None
    return (match.start(), match.start() + len(value)) if _is_somebodys(address.packed) else None


def _is_somebodys(address: bytes) -> bool:
    """Decided by the numbers, because `ipaddress` changes its mind about mapped addresses from version to version."""
    if len(address) == 4 or address.startswith(_MAPPED):
        return address[-4] not in _MASKS_AND_LOOPBACK and address[-4] not in _MULTICAST
    return address[0] != 0xFF and any(address[:-1])


def _is_version(text: str, start: int, octets: bytes) -> bool:
    # 1.2.3.4 is a section or a version more often than a host, unless the sentence speaks of networks.
    is_low = max(octets) < 20 and octets[0] != 10
    before = text[max(0, start - 40) : start]
    if not _WORDS["any_sign"].search(before):
        return is_low
    if _WORDS["version_before"].search(before[-14:]):
        return True
    return is_low and not _WORDS["network_word"].search(before)


def _looks_like_v6(value: str) -> bool:
    """`a[::2]` and `dead::beef` are code; an address has a digit and a group of three or more."""
    groups = value.partition("%")[0].split(":")
    return any(len(group) >= 3 for group in groups) and any(char.isdecimal() for char in value)
