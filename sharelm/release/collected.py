"""What a release is told of the collection of public datasets: facts and folders, found by the edge. Releases do not know how they are imported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sharelm.errors import ReleaseRefused
from sharelm.release.layout import MANIFEST, sha256_of

SECTION = "collection"
"""Of the manifest of a release that was built with the collection."""


def said_of_collection(folder: Path) -> dict[str, Any]:
    """What the manifest of a release says of it; empty for one that was built without."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get(SECTION, {})
    except (OSError, ValueError):
        return {}
    return found


def said_of_datasets(folder: Path) -> dict[str, dict[str, Any]]:
    """What the manifest of a release says of each public dataset in it."""
    found: dict[str, dict[str, Any]] = said_of_collection(folder).get("sources", {})
    return found


@dataclass(frozen=True, slots=True)
class Facts:
    """Of an imported dataset: whence it comes, the checksum of what was read, the SHA-256 of its import's manifest, which names every file."""

    licence: str
    origin: str
    rows: int
    pairs: int
    is_anonymised: bool
    source_checksum: str
    manifest_sha256: str

    def said(self) -> dict[str, Any]:
        return {
            "licence": self.licence,
            "from": self.origin,
            "rows": self.rows,
            "pairs": self.pairs,
            "anonymised": self.is_anonymised,
            "source_checksum": self.source_checksum,
            "manifest_sha256": self.manifest_sha256,
        }


@dataclass(frozen=True, slots=True)
class Dataset:
    """One that may be passed on. `files` are the SHA-256 of its Parquet files by their paths in `folder`; not `in_all` is what people wrote on
    both sides."""

    name: str
    facts: Facts
    folder: Path
    files: Mapping[str, str]
    in_all: bool = True

    def paths(self, config: str) -> list[Path]:
        return [self.folder / path for path in sorted(self.files) if path.startswith(f"{config}/")]


@dataclass(frozen=True, slots=True)
class Withheld:
    """One that stays on this machine: `program` makes the same of it for whoever may have it."""

    name: str
    facts: Facts
    program: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near duplicates are told: `sign` makes rows of 32-bit numbers of what conversations say, `group` finds in them, and in columns of numbers
    that tell of equal ones (0 tells nothing), the first row of each row's group."""

    sign: Callable[[Iterable[Sequence[str]]], np.ndarray]
    group: Callable[[Any, Sequence[np.ndarray]], np.ndarray]


@dataclass(frozen=True, slots=True)
class Collection:
    datasets: tuple[Dataset, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    likeness: Likeness | None = None

    def said(self) -> dict[str, Any]:
        """For the manifest of a release."""
        return {
            "sources": {one.name: one.facts.said() | {"in_all": one.in_all} for one in self.datasets},
            "recipes": {one.name: one.facts.said() for one in self.withheld},
        }

    def check(self) -> None:
        """Raises ReleaseRefused where there is nothing, or files are not as their import left them."""
        if not (self.datasets or self.withheld):
            raise ReleaseRefused("Nothing of the collection is imported yet: `collection import` brings it, `collection list` says what there is.")
        for dataset in self.datasets:
            for path, digest in dataset.files.items():
                if not (dataset.folder / path).is_file() or sha256_of(dataset.folder / path) != digest:
                    raise ReleaseRefused(f"{dataset.name} is not as its import left it: import it again.")
