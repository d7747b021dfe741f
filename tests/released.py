"""Reads what was released, whatever its splits and shards are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def rows_in(folder: Path, config: str = "default", split: str = "*") -> list[dict[str, Any]]:
    """The rows of one config in a release's folder, by id; none where it has none."""
    found = [row for path in sorted((folder / config).glob(f"{split}-*.parquet")) for row in pq.read_table(path).to_pylist()]
    return sorted(found, key=lambda row: str(row["conversation_id"]))


def newest(releases: Path) -> Path:
    """The folder of the release that was made last."""
    made = [folder for folder in releases.iterdir() if (folder / "default").is_dir() and ".." not in folder.name]
    return max(made, key=lambda folder: (folder / "manifest.json").stat().st_mtime_ns)
