"""How the files of a release are called and laid out. Free of pyarrow, so that pages and commands can speak of releases without loading it."""

from __future__ import annotations

import hashlib
from pathlib import Path

MANIFEST = "manifest.json"
DEFAULT = "default"
PAIRS = "preference"
ALL = "all"
"""Contributions and public datasets together, where a release was built with the collection. It and each of the datasets is as `default` is."""
TRAIN, TEST = "train", "test"
SPLITS = (TRAIN, TEST)
PREFIX = "sharelm:"
"""Before the public id of a contribution, in every release."""


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
