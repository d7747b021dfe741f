"""The last look before a release becomes final: what fails here stays in."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharelm.release.verify import find_damage

PREFIX = "sharelm:"


def find_obstacles(folder: Path, *, row_count: int) -> list[str]:
    """Why the files in `folder` must not go out, one sentence each: damage, doubled or foreign ids, conversations without text."""
    obstacles = find_damage(folder)
    seen = 0
    last = ""
    for path in sorted(folder.rglob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(columns=["conversation_id", "conversation", "license"], batch_size=10_000):
            ids = batch["conversation_id"].to_pylist()
            seen += len(ids)
            obstacles += _look_at(batch, [last, *ids])
            last = ids[-1] if ids else last
    if seen != row_count:
        obstacles.append("The files hold another number of conversations than were written.")
    return list(dict.fromkeys(obstacles))


def written_hashes(folder: Path) -> Iterable[dict[str, str]]:
    """The content hash of every conversation in the files by its public id, in batches."""
    for path in sorted(folder.rglob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(columns=["conversation_id", "content_hash"], batch_size=5_000):
            ids = (public_id.removeprefix(PREFIX) for public_id in batch["conversation_id"].to_pylist())
            yield dict(zip(ids, batch["content_hash"].to_pylist(), strict=True))


def _look_at(batch: object, ids: list[str]) -> list[str]:
    obstacles = []
    if any(former >= later for former, later in pairwise(ids)):
        obstacles.append("Two rows have the same id, or the rows are not in order.")
    if not all(public_id.startswith(PREFIX) for public_id in ids[1:]):
        obstacles.append("A row has an id that is not ours.")
    if pc.min(pc.list_value_length(batch["conversation"])).as_py() == 0:  # type: ignore[index]
        obstacles.append("A conversation has no message.")
    if batch["license"].null_count:  # type: ignore[index]
        obstacles.append("A row has no licence.")
    return obstacles
