"""The files of a release are read as streams: however large they are, little of them is in memory."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from sharelm.release.parquet import ROW_GROUP_BYTES, PartWriter, read_shards
from sharelm.release.schema import SCHEMAS
from tests.release.made import batches, row

GROUPS = 6


def test_no_more_than_a_row_group_is_in_memory(tmp_path):
    chance = random.Random(5)
    text = [chance.randbytes(ROW_GROUP_BYTES // 4).hex() for _ in range(2 * GROUPS)]  # two fill a group, and no compression helps
    with ThreadPoolExecutor(1) as pool:
        writer = PartWriter(tmp_path, "train", SCHEMAS["default"], pool=pool)
        for number, one in enumerate(text):
            for batch in batches([row(number, conversation=[{"role": "user", "content": one}])]):
                writer.add(batch)
        [(name, rows)] = writer.close()
    del text, writer, batch
    before, most, count = pa.total_allocated_bytes(), 0, 0
    for batch in read_shards([tmp_path / name]):
        most, count = max(most, pa.total_allocated_bytes() - before), count + batch.num_rows
    assert count == rows == 2 * GROUPS
    assert most < GROUPS * ROW_GROUP_BYTES / 2
