"""Edge: what was imported of the collection, as a release takes it along; the two stages do not know each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sharelm.quality.bulk import Signer, group
from sharelm.release.collected import Collection, Dataset, Facts, Likeness, Withheld
from sharelm.release.layout import MANIFEST, sha256_of


def find_collection(folder: Path) -> Collection:
    """Every source that was imported into `folder`, under its own name; only what may be passed on with its rows."""
    # Imported here because only releases with a collection need it.
    from sharelm.collection.manifest import read_manifest
    from sharelm.collection.recipe import recipe_of
    from sharelm.collection.sources import SOURCES

    datasets, withheld = [], []
    for source in SOURCES:
        place = folder / source.name
        said = read_manifest(place)
        if said.get("source") != source.name or not said["rows_out"] + said["pairs_out"]:
            continue
        facts = _facts(said, source.how, sha256_of(place / MANIFEST))
        if source.is_redistributable and said["redistributable"]:
            files = {part["path"]: part["sha256"] for part in said["files"]}
            datasets.append(Dataset(source.name, facts, place, files, in_all=source.is_unified))
        else:
            withheld.append(Withheld(source.name, facts, recipe_of(source, said)))
    return Collection(tuple(datasets), tuple(withheld), Likeness(Signer().sign, group))


def _facts(said: dict[str, Any], origin: str, manifest_sha256: str) -> Facts:
    return Facts(said["licence"], origin, said["rows_out"], said["pairs_out"], said["anonymised"], said["source_checksum"], manifest_sha256)
