"""The gate's look at public datasets in a release. They are not ours: their texts are judged only where our anonymiser is said to have seen them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.collect import files_of_all
from sharelm.release.collected import said_of_datasets
from sharelm.release.equal import equal_rows
from sharelm.release.findings import Findings
from sharelm.release.gate_text import TextCheck
from sharelm.release.layout import ALL, MANIFEST, PAIRS, PREFIX, SPLITS, TEST
from sharelm.release.near import GROUP, NAME
from sharelm.release.parquet import read_shards, shards
from sharelm.release.schema import RELEASE
from sharelm.release.sorted_rows import KEY, read_rows
from sharelm.release.split import is_test
from sharelm.release.tidy import as_numpy, says

PASSED_ON = frozenset({"hh-rlhf", "collective-cognition", "prism", "wildchat", "oasst"})
"""Public datasets that may be passed on. A new one is added here once its licence is read; the importer's word alone does not do."""
BETWEEN_PEOPLE = frozenset({"oasst"})
OPEN_LICENCE = r"^(MIT|Apache-2\.0|ODC-By-1\.0|CC-BY-4\.0|CC-BY-4\.0 AND CC-BY-NC-4\.0)$"
SAYS_SAME = [name for name in RELEASE.names if name != "near_dup_group"]
FindSpans = Callable[[str], Sequence[Any]]


def find_in_collection(folder: Path, find_spans: FindSpans, found: Findings) -> None:
    """Into `found` whatever keeps the datasets, `all` and the pairs of a release from going out."""
    sources = said_of_datasets(folder)
    for name, facts in sources.items():
        _look_at_dataset(folder, name, TextCheck(find_spans) if facts.get("anonymised") else None, found)
    _look_at_pairs(folder, sources, TextCheck(find_spans), found)
    unified = [name for name in sources if name not in BETWEEN_PEOPLE]
    _look_at_all(folder, unified, found)
    _look_at_groups(folder, unified, found)
    _look_at_groups(folder, [ALL], found)


def _look_at_dataset(folder: Path, name: str, text: TextCheck | None, found: Findings) -> None:
    if name not in PASSED_ON:
        found.add("dataset that may not be passed on", [name])
    last = ""
    for batch in read_rows(folder, RELEASE, name):
        ids = batch[KEY].to_pylist()
        found.add("id that stands twice, or out of order", (one for former, one in zip([last, *ids[:-1]], ids, strict=True) if former >= one))
        last = ids[-1]
        _look_at_rows(batch, name, found)
        if text is not None:
            _look_at_text(batch, text, found)
    _look_at_splits(folder, name, found)


def _look_at_rows(batch: pa.RecordBatch, name: str, found: Findings) -> None:
    found.mark("id of a contribution in a public dataset", batch, as_numpy(pc.starts_with(batch[KEY], PREFIX)))
    found.mark("row under the name of another dataset", batch, ~says(pc.equal(batch["source"], name)))
    found.mark("row under a licence that does not let it be passed on", batch, ~_is_open(batch))
    found.mark("conversation without a message", batch, as_numpy(pc.fill_null(pc.list_value_length(batch["conversation"]), 0)) == 0)
    is_told = says(pc.match_substring_regex(batch["user_id"], f"^{re.escape(name)}:[0-9a-f]{{16}}$"))
    found.mark("user_id of another form", batch, ~is_told & as_numpy(batch["user_id"].is_valid()))
    if name == "wildchat":
        found.mark("row that only a gated edition has", batch, says(batch["toxic"]))


def _look_at_pairs(folder: Path, sources: Mapping[str, Mapping[str, Any]], text: TextCheck, found: Findings) -> None:
    anonymised = pa.array([name for name, facts in sources.items() if facts.get("anonymised")], pa.string())
    for split in SPLITS:
        for batch in read_shards(shards(folder, PAIRS, split)):
            known = pa.array(sorted(PASSED_ON & sources.keys()), pa.string())
            found.mark("pair of a dataset that may not be passed on", batch, ~says(pc.is_in(batch["source"], known)))
            found.mark("pair under a licence that does not let it be passed on", batch, ~_is_open(batch))
            _look_at_text(batch.filter(pc.is_in(batch["source"], anonymised)), text, found)
    _look_at_splits(folder, PAIRS, found)


def _look_at_text(batch: pa.RecordBatch, text: TextCheck, found: Findings) -> None:
    for entity_type, ids in text.find_personal_data(batch).items():
        found.add(f"conversation with {entity_type}, in a dataset that says it was anonymised", ids)


def _look_at_splits(folder: Path, config: str, found: Findings) -> None:
    for split in SPLITS:
        for batch in read_shards(shards(folder, config, split), [KEY]):
            found.mark("row in the wrong split", batch, is_test(batch[KEY]) != (split == TEST))


def _look_at_groups(folder: Path, configs: Sequence[str], found: Findings) -> None:
    """Each has two rows at least, in these configs together. Names are counted by their first 64 bits, so that millions fit into memory."""
    numbers = [np.zeros(0, dtype=np.uint64)]
    for batch in (batch for config in configs for split in SPLITS for batch in read_shards(shards(folder, config, split), [KEY, GROUP])):
        is_name = says(pc.match_substring_regex(batch[GROUP], NAME))
        found.mark("group of another form", batch, ~is_name & as_numpy(batch[GROUP].is_valid()))
        numbers.append(np.array([int(name[:16], 16) for name in batch[GROUP].filter(pa.array(is_name)).to_pylist()], dtype=np.uint64))
    counts = np.unique(np.concatenate(numbers), return_counts=True)[1]
    found.add(f"near_dup_group of one row in {', '.join(configs)}", [GROUP] * int((counts == 1).sum()))


def _look_at_all(folder: Path, datasets: Sequence[str], found: Findings) -> None:
    """Its files are those of the others, in order; where one is not the same to the byte, its rows are, but for the marks of near duplicates."""
    digests = {entry["path"]: entry["sha256"] for entry in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]}
    for split in SPLITS:
        here = shards(folder, ALL, split)
        expected = files_of_all(folder, datasets, split) if (folder / ALL).is_dir() else []
        for mine, other in zip_longest(here, expected):
            if mine is None or other is None:
                found.add("file that all has, or lacks", [str((mine or other).relative_to(folder))])
            elif digests[str(mine.relative_to(folder))] != digests[str(other.relative_to(folder))] and not _say_the_same(mine, other):
                found.add("part of all that does not say what the others say", [str(mine.relative_to(folder))])


def _say_the_same(one: Path, other: Path) -> bool:
    pairs: Iterator[tuple[pa.RecordBatch | None, pa.RecordBatch | None]] = zip_longest(read_shards([one]), read_shards([other]))
    return all(
        mine is not None and theirs is not None and mine.num_rows == theirs.num_rows and bool(equal_rows(mine, theirs, SAYS_SAME).all())
        for mine, theirs in pairs
    )


def _is_open(batch: pa.RecordBatch) -> np.ndarray:
    return says(pc.match_substring_regex(batch["license"], OPEN_LICENCE))
