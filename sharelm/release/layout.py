"""How the files of a release are called and laid out. Free of pyarrow, so that pages and commands can speak of releases without loading it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
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


def is_within(name: str) -> bool:
    """Whether a path of a manifest, which may be anybody's, names something below its folder."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
