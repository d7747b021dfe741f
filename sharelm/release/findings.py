"""What the gate finds: how many rows of each kind of fault, and the first ids, never a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from sharelm.release.sorted_rows import KEY

EXAMPLES = 3


@dataclass
class Findings:
    """What was found, with the first ids of each kind."""

    rows: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    examples: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, what: str, ids: Iterable[str]) -> None:
        for conversation_id in ids:
            self.rows[what] += 1
            if len(self.examples[what]) < EXAMPLES:
                self.examples[what].append(conversation_id)

    def mark(self, what: str, batch: pa.RecordBatch, mask: np.ndarray) -> None:
        if mask.any():
            self.add(what, batch[KEY].filter(pa.array(mask)).to_pylist())

    def sentences(self) -> list[str]:
        return [f"{count} × {what}: {', '.join(self.examples[what])}{' …' if count > EXAMPLES else ''}." for what, count in self.rows.items()]
