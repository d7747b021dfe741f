"""The receipt itself: who signs, who checks, and what is not genuine. Pure."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sharelm.keys import Keys
from sharelm.signatures import decode, key_id
from sharelm.store.tombstone import Span
from sharelm.withdraw.proof import releases_within
from sharelm.withdraw.receipt import NotGenuine, check_receipt, published_keys, read_keys, receipt_keys, sign_receipt

KEYS = Keys.from_secret("a secret that only the tests have, long enough")
OTHERS = Keys.from_secret("another secret of another server, long enough")
FACTS: dict[str, Any] = {
    "server": "https://sharelm.example.org",
    "receipt_id": "0" * 32,
    "public_ids": ["a" * 32, "b" * 32],
    "everything": False,
    "asked_at": "2026-11-21T20:14:00Z",
    "erased_at": "2026-11-21T20:14:09Z",
    "releases": ["2026.11.0"],
}
SIGNED = sign_receipt(KEYS, FACTS)
OURS = read_keys(receipt_keys(KEYS))


def test_it_is_genuine_as_it_was_signed() -> None:
    assert check_receipt(json.dumps(SIGNED), OURS) == SIGNED
    assert sign_receipt(KEYS, FACTS) == SIGNED


def test_it_may_be_written_otherwise_and_stays_genuine() -> None:
    turned = dict(reversed(SIGNED.items()))
    assert check_receipt(json.dumps(turned, indent=7, ensure_ascii=True).encode(), OURS) == SIGNED


def test_anybody_can_check_it_with_the_published_key_and_the_two_standards() -> None:
    (entry,) = receipt_keys(KEYS)
    public_key = Ed25519PublicKey.from_public_bytes(decode(entry["public_key"]))
    body = {name: value for name, value in SIGNED.items() if name != "signature"}
    public_key.verify(decode(SIGNED["signature"]), rfc8785.dumps(body))
    assert (entry["key_id"], entry["algorithm"]) == (SIGNED["key_id"], "Ed25519")
    assert key_id(public_key) == SIGNED["key_id"]


@pytest.mark.parametrize(
    "changed",
    [
        {"public_ids": ["a" * 32]}, {"public_ids": ["b" * 32, "a" * 32]}, {"erased_at": "2026-11-21T20:14:08Z"}, {"releases": []},
        {"everything": True}, {"server": "https://sharelm.example.com"}, {"receipt_id": "1" * 32}, {"signature": SIGNED["signature"][:-2] + "AA"},
        {"signature": ""}, {"signature": SIGNED["signature"] + "="}, {"signature": None}, {"signature": SIGNED["signature"] + "\u00e9"},
        {"key_id": "0" * 16}, {"key_id": None}, {"algorithm": "none"}, {"type": "another paper"}, {"more": 1}, {"receipt_id": 1.5},
        {"receipt_id": 2**60}, {"receipt_id": "\ud800"},
    ],
    ids=str,
)  # fmt: skip
def test_it_is_not_genuine_once_anything_is_changed(changed: dict[str, Any]) -> None:
    with pytest.raises(NotGenuine):
        check_receipt(json.dumps(SIGNED | changed), OURS)


@pytest.mark.parametrize("name", sorted(SIGNED))
def test_it_is_not_genuine_once_a_field_is_missing(name: str) -> None:
    with pytest.raises(NotGenuine):
        check_receipt(json.dumps({key: value for key, value in SIGNED.items() if key != name}), OURS)


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", "{", '"' * 10, b"\xff\xfe", "[" * 100_000, "1e999", json.dumps([SIGNED])], ids=lambda text: str(text)[:12]
)
def test_what_is_no_receipt_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotGenuine):
        check_receipt(text, OURS)


def test_a_name_that_stands_there_twice_is_refused() -> None:
    text = json.dumps(SIGNED).replace('"everything"', '"everything": true, "everything"')
    with pytest.raises(NotGenuine):
        check_receipt(text, OURS)


def test_a_receipt_of_another_server_is_refused() -> None:
    with pytest.raises(NotGenuine):
        check_receipt(json.dumps(sign_receipt(OTHERS, FACTS)), OURS)
    renamed = sign_receipt(OTHERS, FACTS) | {"key_id": SIGNED["key_id"]}
    with pytest.raises(NotGenuine):
        check_receipt(json.dumps(renamed), OURS)


def test_keys_are_read_from_a_list_or_from_the_servers_description() -> None:
    for published in (receipt_keys(KEYS), {"name": "x", "receipt_keys": receipt_keys(KEYS)}):
        assert check_receipt(json.dumps(SIGNED), published_keys(json.dumps(published).encode())) == SIGNED


@pytest.mark.parametrize("text", [b"", b"7", b"null", b"[7]", b"{}", b'[{"public_key": 7}]', b'[{"public_key": "AAAA"}]', b"\xff"])
def test_what_holds_no_keys_is_refused(text: bytes) -> None:
    with pytest.raises(NotGenuine):
        published_keys(text)


@pytest.mark.parametrize(
    ("spans", "inside"),
    [
        ([], []),
        ([("a", "a")], ["a"]),
        ([("a", "c")], ["a", "b", "c"]),
        ([("b", "c"), ("c", "d")], ["b", "c", "d"]),
        ([("d", "d"), ("a", "a")], ["a", "d"]),
    ],
)
def test_it_names_every_release_from_the_first_to_the_last(spans: list[tuple[str, str]], inside: list[str]) -> None:
    assert releases_within(["a", "b", "c", "d"], [Span(*span) for span in spans]) == inside


def test_it_names_no_release_that_was_built_without_all_of_them() -> None:
    without_b, without_c = Span("a", "c", frozenset("b")), Span("a", "d", frozenset("c"))
    assert releases_within(["a", "b", "c", "d"], [without_b]) == ["a", "c"]
    assert releases_within(["a", "b", "c", "d"], [without_b, without_c]) == ["a", "b", "c", "d"]
