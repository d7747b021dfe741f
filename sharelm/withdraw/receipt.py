"""The contributor's proof: a receipt signed with Ed25519 (RFC 8032) over its canonical JSON (RFC 8785).

Everything but `signature` is signed. Who checks one needs the public key and nothing else of this server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from sharelm.errors import English, ShareLMError
from sharelm.keys import Keys
from sharelm.signatures import ALGORITHM, PublicKey, PublicKeys, is_signed, public_entry, read_entries, sign

TYPE = "sharelm withdrawal receipt"
FIELDS = {"type", "server", "receipt_id", "public_ids", "everything", "asked_at", "erased_at", "releases", "algorithm", "key_id", "signature"}
Receipt = dict[str, Any]


class NotGenuine(ShareLMError):
    """What was shown as a receipt is none, or not ours; the sentence says why."""

    status = 422
    title = English("Not a genuine receipt")


def sign_receipt(keys: Keys, facts: Mapping[str, Any]) -> Receipt:
    """The receipt with `type`, `algorithm`, `key_id` and `signature`; the same facts give the same signature."""
    receipt = {"type": TYPE, **facts, "algorithm": ALGORITHM, "key_id": public_entry(keys.receipt)["key_id"]}
    return receipt | {"signature": sign(keys.receipt, rfc8785.dumps(receipt))}


def receipt_keys(keys: Keys) -> list[dict[str, str]]:
    """The public keys that check this server's receipts, as they are published."""
    return [public_entry(keys.receipt)]


def read_keys(published: object) -> PublicKeys:
    """Public keys by id, from the list that `receipt_keys` makes or a document that has it under that name. Raises NotGenuine."""
    entries = published.get("receipt_keys") if isinstance(published, dict) else published
    try:
        return read_entries(entries)  # type: ignore[arg-type]
    except (TypeError, ValueError, KeyError):
        raise NotGenuine(English("These are no public keys of a ShareLM server.")) from None


def published_keys(text: bytes) -> PublicKeys:
    """As `read_keys`, from a file."""
    try:
        return read_keys(json.loads(text))
    except ValueError:
        raise NotGenuine(English("These are no public keys of a ShareLM server.")) from None


def check_receipt(text: str | bytes, public_keys: PublicKeys) -> Receipt:
    """The receipt that was signed with one of these keys, as it stands in `text`. Raises NotGenuine with one sentence."""
    receipt = _read(text)
    if set(receipt) != FIELDS or receipt["type"] != TYPE or receipt["algorithm"] != ALGORITHM:
        raise NotGenuine(English("This is not a receipt: fields are missing or were added."))
    key = public_keys.get(str(receipt["key_id"]))
    if key is None:
        raise NotGenuine(English("It names a key that is not among the keys it was checked with: it is from another server, or made up."))
    if not _fits(receipt, key):
        raise NotGenuine(English("The signature does not fit: something in it was changed."))
    return receipt


def _fits(receipt: Receipt, key: PublicKey) -> bool:
    try:
        signed = rfc8785.dumps({name: value for name, value in receipt.items() if name != "signature"})
    except (ValueError, TypeError):
        return False
    return is_signed(key, receipt["signature"], signed)


def _read(text: str | bytes) -> Receipt:
    try:
        receipt = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):  # a name twice, no JSON, no UTF-8, nested without end
        raise NotGenuine(English("This is not a receipt: it cannot be read as JSON.")) from None
    if not isinstance(receipt, dict):
        raise NotGenuine(English("This is not a receipt."))
    return receipt


def _without_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands there twice would be shown once and could have been signed the other time."""
    listed = list(pairs)
    found = dict(listed)
    if len(found) != len(listed):
        raise ValueError("a name stands there twice")
    return found
