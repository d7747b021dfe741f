"""The contributor's proof: a receipt signed with Ed25519 (RFC 8032) over its canonical JSON (RFC 8785).

Everything but `signature` is signed. Who checks one needs the public key and nothing else of this server.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sharelm.errors import English, ShareLMError
from sharelm.keys import Keys

TYPE = "sharelm withdrawal receipt"
ALGORITHM = "Ed25519"
FIELDS = {"type", "server", "receipt_id", "public_ids", "everything", "asked_at", "erased_at", "releases", "algorithm", "key_id", "signature"}
PublicKeys = Mapping[str, Ed25519PublicKey]
Receipt = dict[str, Any]


class NotGenuine(ShareLMError):
    """What was shown as a receipt is none, or not ours; the sentence says why."""

    status = 422
    title = English("Not a genuine receipt")


def sign_receipt(keys: Keys, facts: Mapping[str, Any]) -> Receipt:
    """The receipt with `type`, `algorithm`, `key_id` and `signature`; the same facts give the same signature."""
    key = _private_key(keys)
    receipt = {"type": TYPE, **facts, "algorithm": ALGORITHM, "key_id": key_id(key.public_key())}
    return receipt | {"signature": encode(key.sign(rfc8785.dumps(receipt)))}


def receipt_keys(keys: Keys) -> list[dict[str, str]]:
    """The public keys that check this server's receipts, as they are published."""
    public_key = _private_key(keys).public_key()
    return [{"key_id": key_id(public_key), "algorithm": ALGORITHM, "public_key": encode(public_key.public_bytes_raw())}]


def read_keys(published: object) -> PublicKeys:
    """Public keys by id, from the list that `receipt_keys` makes or a document that has it under that name. Raises NotGenuine."""
    entries = published.get("receipt_keys") if isinstance(published, dict) else published
    try:
        found = [Ed25519PublicKey.from_public_bytes(decode(entry["public_key"])) for entry in entries]  # type: ignore[union-attr]
    except (TypeError, ValueError, KeyError):
        raise NotGenuine(English("These are no public keys of a ShareLM server.")) from None
    return {key_id(key): key for key in found}


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
    try:
        signed = rfc8785.dumps({name: value for name, value in receipt.items() if name != "signature"})
        key.verify(decode(receipt["signature"]), signed)
    except (InvalidSignature, ValueError, TypeError):
        raise NotGenuine(English("The signature does not fit: something in it was changed.")) from None
    return receipt


def key_id(key: Ed25519PublicKey) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Raises ValueError for everything that `encode` would not write: one signature has one form."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not base64url")
    return data


def _private_key(keys: Keys) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.receipt)


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
