"""Ed25519 (RFC 8032) as receipts and releases are signed with it. A private key is made of 32 bytes of ours; the public one is enough to check."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "Ed25519"
PublicKey = Ed25519PublicKey
PublicKeys = Mapping[str, PublicKey]


def sign(seed: bytes, data: bytes) -> str:
    """The same data gives the same signature."""
    return encode(Ed25519PrivateKey.from_private_bytes(seed).sign(data))


def is_signed(key: PublicKey, signature: object, data: bytes) -> bool:
    try:
        key.verify(decode(str(signature)), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_entry(seed: bytes) -> dict[str, str]:
    """The public key as it is published."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return {"key_id": key_id(key), "algorithm": ALGORITHM, "public_key": encode(key.public_bytes_raw())}


def read_entries(entries: Iterable[Mapping[str, Any]]) -> PublicKeys:
    """Public keys by id. Raises ValueError, TypeError or KeyError for what `public_entry` would not make."""
    found = [Ed25519PublicKey.from_public_bytes(decode(entry["public_key"])) for entry in entries]
    return {key_id(key): key for key in found}


def key_id(key: PublicKey) -> str:
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
