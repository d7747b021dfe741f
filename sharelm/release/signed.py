"""The signature of a release: over the bytes of its manifest, which names the SHA-256 of every other file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sharelm.errors import ReleaseRefused
from sharelm.release.layout import MANIFEST
from sharelm.signatures import PublicKeys, is_signed, public_entry, read_entries, sign

NAME = "signature.json"


def sign_release(folder: Path, seed: bytes) -> None:
    """Write `signature.json` beside the manifest, with the public key that checks it."""
    signed = public_entry(seed) | {"signed": MANIFEST, "signature": sign(seed, (folder / MANIFEST).read_bytes())}
    (folder / NAME).write_text(json.dumps(signed, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def find_forgery(folder: Path) -> list[str]:
    """One sentence if there is a signature and it does not fit; whose it is, `check_signer` tells."""
    if not (folder / NAME).is_file():
        return []
    return [] if _read(folder) else [f"{NAME} does not fit manifest.json: one of the two was changed."]


def signer_of(folder: Path) -> str | None:
    """The id of the key with which the manifest is signed; None where it is not."""
    found = _read(folder) if (folder / NAME).is_file() else None
    return found["key_id"] if found else None


def check_signer(folder: Path, published: bytes) -> str:
    """The id of the key, which must be among the `release_keys` of this document. Raises ReleaseRefused with one sentence."""
    try:
        keys = read_entries(json.loads(published)["release_keys"])
    except (ValueError, TypeError, KeyError):
        raise ReleaseRefused("These are no public keys of a ShareLM server: name a copy of its /.well-known/sharelm.json.") from None
    signer = signer_of(folder)
    if signer is None:
        raise ReleaseRefused("The release is not signed: it is a draft or was changed since, or it is of somebody else.")
    if signer not in keys:
        raise ReleaseRefused("The release is signed with a key that is not among those of this server.")
    return signer


def _read(folder: Path) -> dict[str, Any] | None:
    """What stands in the signature, its key's id made from the key; None if it does not fit the manifest."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        keys: PublicKeys = read_entries([found])
        manifest = (folder / MANIFEST).read_bytes()
    except (OSError, ValueError, TypeError, KeyError):
        return None
    ((name, key),) = keys.items()
    return {**found, "key_id": name} if is_signed(key, found.get("signature"), manifest) else None
