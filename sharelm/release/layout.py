"""How the files of a release are called and laid out. Free of pyarrow, so that pages and commands can speak of releases without loading it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
DEFAULT = "default"
PAIRS = "preference"
ALL = "all"
"""Contributions and public datasets together, where a release was built with the collection. It and each of the datasets is as `default` is."""
TRAIN, TEST = "train", "test"
SPLITS = (TRAIN, TEST)
PREFIX = "sharelm:"
"""Before the public id of a contribution, in every release."""


def read_json(path: Path) -> Any:
    """What stands in the file. Raises OSError, or ValueError, also where it is nested deeper than anything of ours."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("nested too deep") from None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
