"""One secret, many keys: HKDF-SHA-256 (RFC 5869) with a label for each use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial

REMEMBERED = 100_000  # pseudonyms
MAYBE_USER_ID = re.compile("(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{22,64}(?![0-9A-Za-z_-])")
"""A word that may be a user ID, or the digest of one in hexadecimal digits."""


@dataclass(frozen=True)
class Keys:
    """The derived keys, 32 bytes each. The repr shows none of them."""

    user_id: bytes = field(repr=False)
    session: bytes = field(repr=False)
    release: bytes = field(repr=False)
    receipt: bytes = field(repr=False)
    receipt_link: bytes = field(repr=False)
    content: bytes = field(repr=False)
    hidden: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    near_duplicate: bytes = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> Keys:
        labels = ("user-id", "session", "release", "receipt", "receipt-link", "content", "hidden", "release-signature", "near-duplicate")
        return cls(*(derive_key(secret.encode(), label) for label in labels))


def derive_key(secret: bytes, label: str) -> bytes:
    """32 bytes from HKDF-SHA-256 without salt; one expansion block, info = label."""
    extracted = hmac.digest(b"\0" * hashlib.sha256().digest_size, secret, "sha256")
    return hmac.digest(extracted, label.encode() + b"\x01", "sha256")


def user_digest(keys: Keys, user_id: str) -> bytes:
    """What we keep of a user ID: HMAC-SHA-256, 32 bytes."""
    return _mac(keys.user_id, user_id.encode())


def client_digest(keys: Keys, user: bytes, conversation_id: str) -> bytes:
    """Stands for one contributor's conversation ID, also after the ID itself is erased; 32 bytes."""
    return _mac(keys.user_id, user + conversation_id.encode())


def content_digest(keys: Keys, public_id: str, text: str) -> str:
    """Recognises a text of one conversation without keeping it; 32 hex digits, different in every conversation."""
    return _mac(keys.content, f"{public_id}\0{text}".encode())[:16].hex()


def hidden_digest(keys: Keys, public_id: str, words: str) -> str:
    """Recognises words that were hidden by hand in one conversation; 32 hex digits, different in every conversation."""
    return _mac(keys.hidden, f"{public_id}\0{words}".encode())[:16].hex()


def token_digest(token: str) -> bytes:
    """What we keep of a random token of ours: SHA-256, 32 bytes. Enough for 256 random bits, and needs no key."""
    return hashlib.sha256(token.encode()).digest()


def pseudonym(keys: Keys, contributor_id: int) -> str:
    """The public stand-in of a contributor, the same in every release of the instance; 32 hex digits."""
    return _mac(keys.release, str(contributor_id).encode())[:16].hex()


def remembered_pseudonyms(keys: Keys) -> Callable[[int], str]:
    """`pseudonym` for who asks for the same people over and over, as a release does."""
    return lru_cache(maxsize=REMEMBERED)(partial(pseudonym, keys))


def receipt_token(keys: Keys, seed: bytes) -> str:
    """What a receipt's address ends in, 43 characters: made again from 32 random bytes for its owner's pages, so that only its digest is kept."""
    return base64.urlsafe_b64encode(_mac(keys.receipt_link, seed)).decode().rstrip("=")


def _mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256. Copying a keyed state takes a fifth of the time of keying it anew, three times in every upload."""
    state = _keyed(key).copy()
    state.update(message)
    return state.digest()


@lru_cache(maxsize=16)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")
