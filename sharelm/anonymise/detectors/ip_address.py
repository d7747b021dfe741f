"""IP addresses that can belong to somebody, private ranges included; loopback and netmasks stay."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = re.compile(rf"(?<![\w.])(?<![A-Za-z]-)(?:{_OCTET}\.){{3}}{_OCTET}(?!\w|\.\d|-[A-Za-z])")
# One run of hex digits, colons and dots; `IP:2001:...` begins after the label. What it is, `ipaddress` decides.
_V6 = re.compile(r"(?:(?<![\w:.])|(?<=[G-Zg-z]:))(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:.]{3,45}(?:%[A-Za-z][\w\-]{0,15})?(?![\w:])")

_ANY_SIGN = re.compile(r"[A-Za-z=<>~!^@/]")
_VERSION_BEFORE = re.compile(
    r"(?:\b(?:versions?|ver|release|build|section|chapter|rev|upgraded? to|firmware|driver|v)\.?[ :]*|[=<>~!^]=?\s?|[A-Za-z]/)\Z",
    re.IGNORECASE,
)
_NETWORK_WORD = re.compile(
    r"\bip(?:v4)?s?\b|addr|host|server|\bping|\bssh|\bdns\b|network|gateway|router|subnet|client|proxy|\bvpn\b|firewall|@\Z|//\Z",
    re.IGNORECASE,
)
_NETWORKS = frozenset({"10.0.0.0", "172.16.0.0", "192.168.0.0"})
_MASKS_AND_LOOPBACK = ("0.", "255.", "127.")  # never somebody's host


def find(text: str) -> Iterator[PiiSpan]:
    if "." in text:
        for match in _V4.finditer(text):
            if not match[0].startswith(_MASKS_AND_LOOPBACK) and not _is_version(text, match) and _is_somebodys(match[0]):
                yield PiiSpan(match.start(), match.end(), "IP_ADDRESS")
    if "::" in text or text.count(":") >= 7:
        for match in _V6.finditer(text):
            value = match[0].rstrip(".:") if not match[0].endswith("::") else match[0]
            if _looks_like_v6(value) and _is_somebodys(value):
                yield PiiSpan(match.start(), match.start() + len(value), "IP_ADDRESS")


def normalise(value: str) -> str:
    """The shortest spelling, so that `2A00:0:0::1` and `2a00::1` are one address."""
    try:
        return ipaddress.ip_address(value).compressed
    except ValueError:
        return value.casefold()


def _is_somebodys(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return not (value in _NETWORKS or address.is_loopback or address.is_unspecified or address.is_multicast)


def _is_version(text: str, match: re.Match[str]) -> bool:
    start = match.start()
    octets = [int(octet) for octet in match[0].split(".")]
    # 1.2.3.4 is a section or a version more often than a host, unless the sentence speaks of networks.
    is_low = max(octets) < 20 and octets[0] != 10
    if not _ANY_SIGN.search(text, max(0, start - 40), start):
        return is_low
    if _VERSION_BEFORE.search(text, max(0, start - 14), start):
        return True
    return is_low and not _NETWORK_WORD.search(text, max(0, start - 40), start)


def _looks_like_v6(value: str) -> bool:
    """`a[::2]` and `dead::beef` are code; an address has a digit and a group of three or more."""
    groups = value.partition("%")[0].split(":")
    return any(len(group) >= 3 for group in groups) and any(char.isdecimal() for char in value)
