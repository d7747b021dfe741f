"""The gate's look at the folder itself: whatever it would not read must not be there."""

from __future__ import annotations

import re
from pathlib import Path

from sharelm.release.collected import said_of_datasets
from sharelm.release.derive import TRAIN_ONLY
from sharelm.release.findings import Findings
from sharelm.release.gate_text import TextCheck
from sharelm.release.layout import ALL, DEFAULT, MANIFEST, SPLITS, TRAIN
from sharelm.release.parquet import shards
from sharelm.release.schema import SCHEMAS, TOMBSTONES
from sharelm.release.signed import NAME as SIGNATURE
from sharelm.release.sorted_rows import read_rows

TABLE = re.compile(rf"({'|'.join(SPLITS)})-[0-9]{{5,}}-of-[0-9]{{5,}}\.parquet")
TEXTS = re.compile(
    rf"README\.md|CITATION\.cff|croissant\.json|{re.escape(MANIFEST)}|{re.escape(SIGNATURE)}|charts/[a-z]+\.svg|recipes/[a-z0-9-]+\.py"
)


def find_in_folder(folder: Path, text: TextCheck, found: Findings) -> None:
    """Into `found` what is no file of a release, and a release without a conversation, such as a delta, of which the gate would read nothing."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    configs = {*SCHEMAS, ALL, *said_of_datasets(folder)}
    found.add("file that no release has", (name for name in names if not (TEXTS.fullmatch(name) or _is_read(name, configs))))
    if not any(shards(folder, DEFAULT, split) for split in SPLITS):
        found.add("release without a conversation", [folder.name])
    for batch in read_rows(folder, TOMBSTONES, "tombstones"):
        for entity_type, ids in text.find_personal_data(batch).items():
            found.add(f"tombstone with {entity_type}", ids)


def _is_read(name: str, configs: set[str]) -> bool:
    config, _, file = name.partition("/")
    table = TABLE.fullmatch(file)
    return table is not None and config in configs and (table[1] == TRAIN or config not in TRAIN_ONLY)
