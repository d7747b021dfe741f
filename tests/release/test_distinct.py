"""Counting different values of columns that come one after the other."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sharelm.release import columns
from sharelm.release.columns import Distinct


@pytest.mark.parametrize("waiting", [1, 3, 100])
def test_values_are_counted_once_whatever_batch_they_come_in(monkeypatch, waiting):
    monkeypatch.setattr(columns, "WAITING_VALUES", waiting)
    seen = Distinct()
    assert len(seen) == 0
    for batch in (["a", None, "b", "a"], [], [None], ["b", "c"], ["a"]):
        seen.add(pa.array(batch, pa.string()))
    assert len(seen) == 3
    seen.add(pa.array(["d", "c"]))
    assert len(seen) == 4
