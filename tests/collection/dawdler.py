"""Stands in for an anonymiser that takes long: a worker can be killed while it is in the middle of a shard."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sharelm.vocabulary import Role
from tests.waiting import wait_for

ROWS = 14_000
AT_ROW = 13_000  # one row group is written by then, the next is not


@dataclass
class Dawdler:
    """Changes nothing. Writes its process's number into `folder` in the middle of a shard, and goes on when `go` is there."""

    folder: Path
    seen: int = field(default=0, compare=False)

    def __call__(self, texts: Sequence[str], roles: Sequence[Role]) -> tuple[Sequence[str], int]:
        self.seen += 1
        if self.seen == AT_ROW and not (self.folder / "go").exists():
            (self.folder / f"{os.getpid()}.pid").touch()
            wait_for((self.folder / "go").exists, seconds=120)
        return texts, 0


def pids(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.pid")]
