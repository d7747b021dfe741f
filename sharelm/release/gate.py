"""The last look before a release becomes final: what fails here stays in. It reads the written files, not the plan.

Every finding is a sentence with a number and some ids, never a text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from sharelm.release.cells import Cell, K, find_small_cells, is_publishable
from sharelm.release.columns import by_value, parent_rows
from sharelm.release.derive import DERIVED, TRAIN_ONLY
from sharelm.release.equal import equal_rows, equal_values
from sharelm.release.findings import Findings
from sharelm.release.gate_collected import find_in_collection
from sharelm.release.gate_files import find_in_folder
from sharelm.release.gate_text import TextCheck
from sharelm.release.known import Known
from sharelm.release.layout import DEFAULT, PREFIX, SPLITS, TEST, TRAIN
from sharelm.release.near import NAME
from sharelm.release.parquet import read_shards, shards
from sharelm.release.plan import VERSION
from sharelm.release.rows import DAY
from sharelm.release.schema import RELEASE, SCHEMAS, TOMBSTONES
from sharelm.release.sorted_rows import KEY, Sorted, read_rows
from sharelm.release.split import is_test, parts
from sharelm.release.tidy import as_numpy, says
from sharelm.release.verify import find_damage
from sharelm.store.engine import read
from sharelm.store.gate import select_known_digests
from sharelm.vocabulary import PiiSpan, Role

OPEN_SOURCES = frozenset({"plugin", "extension", "export"})
"""What may be published by us. Gated datasets (LMSYS-Chat-1M, WildChat's full one) may not; a new source is added here once its licence is read."""

FORMS = {"content_hash": r"^([0-9a-f]{64})?$", "release": rf"^{VERSION.pattern}$"}
EXTRA = r'^\{("host": "[^"/?#@ ]+"(, )?)?("platform": "[a-z0-9_\-]+")?\}$'
ROLE = f"^({'|'.join(Role)})$"
NUMBER = "^[0-9]{1,9}$"


@dataclass(frozen=True, slots=True)
class Lookout:
    """What the gate asks beside the files: the database, pseudonyms, digests of user IDs, and the anonymiser's rules.

    `read_again` is told the public ids of conversations in which a word became somebody's user ID after they were anonymised.
    """

    engine: Engine
    pseudonym: Callable[[int], str]
    user_digest: Callable[[str], bytes]
    find_spans: Callable[[str], Sequence[PiiSpan]]
    read_again: Callable[[Collection[str]], None]
    k: int = K


def find_obstacles(folder: Path, lookout: Lookout) -> list[str]:
    """Why the files in `folder` must not go out, one sentence for each kind of fault; empty if they may."""
    if damage := find_damage(folder):
        return damage
    found = Findings()
    check = _Check(folder, lookout, found)
    for batch in read_rows(folder, RELEASE):
        check.look_at(batch)
    check.end()
    find_in_folder(folder, check.text, found)
    find_in_collection(folder, lookout.find_spans, found)
    return found.sentences()


def written_hashes(folder: Path) -> Iterator[dict[str, str]]:
    """The content hash of every conversation in the files by its public id, in batches."""
    for split in SPLITS:
        for batch in read_shards(shards(folder, DEFAULT, split), [KEY, "content_hash"]):
            ids = (conversation_id.removeprefix(PREFIX) for conversation_id in batch[KEY].to_pylist())
            yield dict(zip(ids, batch["content_hash"].to_pylist(), strict=True))


class _Check:
    def __init__(self, folder: Path, lookout: Lookout, found: Findings) -> None:
        self.lookout, self.found = lookout, found
        self.known = Known(lookout.engine)
        self.tests = Sorted(read_shards(shards(folder, DEFAULT, TEST), [KEY]), pa.schema([RELEASE.field(KEY)]))
        self.text = TextCheck(lookout.find_spans)
        self.last = ""
        self.groups: Counter[str] = Counter()
        self.members: defaultdict[Cell, set[int]] = defaultdict(set)
        self.tombstones = Sorted(read_rows(folder, TOMBSTONES, "tombstones"), TOMBSTONES)
        self.others = {
            (config, split): Positions(read_shards(shards(folder, config, split)), SCHEMAS[config])
            for config in DERIVED
            for split in ((TRAIN,) if config in TRAIN_ONLY else SPLITS)
        }

    def look_at(self, batch: pa.RecordBatch) -> None:
        self.check_ids(batch)
        self.check_values(batch)
        self.check_forms(batch)
        self.check_people(batch)
        self.check_text(batch)
        self.check_derived(batch)
        pa.default_memory_pool().release_unused()

    def end(self) -> None:
        for (config, _), rows in self.others.items():
            if rows.take(1).num_rows:
                self.found.add(f"row of {config} that is not in default", [config])
        if small := find_small_cells(self.members, k=self.lookout.k):
            self.found.add(f"cell of age, place and gender with fewer than {self.lookout.k} people", ["user_metadata"] * small)
        alone = sum(count == 1 for count in self.groups.values())
        self.found.add("near_dup_group of one row, which tells of another that is not public", ["near_dup_group"] * alone)

    def check_ids(self, batch: pa.RecordBatch) -> None:
        ids = batch[KEY]
        before = pa.concat_arrays([pa.array([self.last], ids.type), ids[:-1]])
        self.found.mark("id that stands twice, or out of order", batch, as_numpy(pc.greater_equal(before, ids)))
        self.found.mark("id that is not ours", batch, ~as_numpy(pc.starts_with(ids, PREFIX)))
        self.last = ids[-1].as_py()
        withdrawn = self.tombstones.up_to(self.last)[KEY]
        self.found.mark("withdrawn or rejected conversation (it has a tombstone)", batch, as_numpy(pc.is_in(ids, value_set=withdrawn)))

    def check_values(self, batch: pa.RecordBatch) -> None:
        lengths = pc.fill_null(pc.list_value_length(batch["conversation"]), 0)
        self.found.mark("conversation without a message", batch, as_numpy(lengths) == 0)
        self.found.mark("row without a licence", batch, as_numpy(batch["license"].is_null()))
        self.found.mark("row without a release", batch, as_numpy(batch["release"].is_null()))
        is_open = pc.is_in(batch["source"], value_set=pa.array(sorted(OPEN_SOURCES)))
        self.found.mark("row of a source that may not be published", batch, ~as_numpy(is_open))
        self.found.mark("time of day", batch, _has_time_of_day(batch))
        named = batch["near_dup_group"]
        self.found.mark("group of another form", batch, as_numpy(pc.fill_null(pc.invert(pc.match_substring_regex(named, NAME)), False)))
        self.groups.update(named.drop_null().to_pylist())

    def check_forms(self, batch: pa.RecordBatch) -> None:
        """What is made by us of nothing that anybody said is not searched for personal data: so it must look as we make it."""
        for name, form in FORMS.items():
            self.found.mark(f"{name} of another form", batch, ~_has_form(batch[name], form))
        extra = pc.struct_field(batch["conversation_metadata"], "extra_json")
        self.found.mark("extra_json of another form", batch, ~_has_form(extra, EXTRA))
        roles = batch["conversation"].flatten().field("role")
        self._mark_parts("role of another form", batch, "conversation", ~_has_form(roles, ROLE))
        for name in ("message_id", "parent_id"):
            self._mark_parts(f"{name} of another form", batch, "turns", ~_has_form(batch["turns"].flatten().field(name), NUMBER))

    def _mark_parts(self, what: str, batch: pa.RecordBatch, column: str, is_wrong: np.ndarray) -> None:
        rows = np.zeros(batch.num_rows, dtype=bool)
        rows[parent_rows(batch[column])[is_wrong]] = True
        self.found.mark(what, batch, rows)

    def check_people(self, batch: pa.RecordBatch) -> None:
        known = self.known.beside(batch)
        self.found.mark("conversation that this server does not know", batch, as_numpy(known["contributor_id"].is_null()))
        self.found.mark("withdrawn conversation", batch, says(known["is_withdrawn"]))
        self.found.mark("rejected conversation", batch, says(known["is_rejected"]))
        self.found.mark("conversation without a recorded consent", batch, says(pc.invert(known["has_consent"])))
        is_named = pc.invert(pc.fill_null(known["is_ungrouped"], True))
        expected = by_value(pc.if_else(is_named, known["contributor_id"], None), self.pseudonym_of)
        is_wrong = ~equal_values(expected, batch["user_id"])
        self.found.mark("user_id that is not the pseudonym, or that stands where none may", batch, is_wrong)
        self.check_cells(batch, known["contributor_id"])

    def pseudonym_of(self, contributor_id: int | None) -> str | None:
        return None if contributor_id is None else self.lookout.pseudonym(contributor_id)

    def check_cells(self, batch: pa.RecordBatch, contributors: pa.Array) -> None:
        person = batch["user_metadata"]
        shown = [pc.struct_field(person, name) for name in ("age", "location", "gender")]
        rows = pa.array(np.logical_or.reduce([as_numpy(values.is_valid()) for values in shown]))
        columns = (values.filter(rows).to_pylist() for values in (batch[KEY], contributors, *shown))
        for conversation_id, number, *values in zip(*columns, strict=True):
            cell: Cell = (values[0], values[1], values[2])
            if not is_publishable(cell):
                self.found.add("age, place or gender in words that are never published", [conversation_id])
            if number is not None:
                self.members[cell].add(number)

    def check_text(self, batch: pa.RecordBatch) -> None:
        for entity_type, conversation_ids in self.text.find_personal_data(batch).items():
            self.found.add(f"conversation with {entity_type}", conversation_ids)
        holders = self.text.find_tokens(batch, self.lookout.user_digest)
        with read(self.lookout.engine) as connection:
            known = select_known_digests(connection, holders.keys()) if holders else set()
        found = [holder for digest in known for holder in holders[digest]]
        self.found.add("user ID, or its digest (the job `improve` takes IDs out)", found)
        if found:
            self.lookout.read_again({holder.removeprefix(PREFIX) for holder in found})

    def check_derived(self, batch: pa.RecordBatch) -> None:
        tested = is_test(batch[KEY])
        written = self.tests.up_to(self.last)[KEY]
        self.found.mark("row in the wrong split", batch, as_numpy(pc.is_in(batch[KEY], value_set=written)) != tested)
        divided = parts(batch, tested)
        for config, derive in DERIVED.items():
            for split, rows in ({TRAIN: batch} if config in TRAIN_ONLY else divided).items():
                for made in derive(rows):
                    written = self.others[config, split].take(made.num_rows)
                    if written.num_rows != made.num_rows or not equal_rows(made, written, made.schema.names).all():
                        self.found.add(f"part of {config} that does not say what default says", [made[KEY][0].as_py()])


class Positions:
    """A stream of rows, taken as many at a time as somebody else has."""

    def __init__(self, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> None:
        self._batches = batches
        self._schema = schema
        self._rest: list[pa.RecordBatch] = []
        self._count = 0

    def take(self, count: int) -> pa.RecordBatch:
        """The next `count` rows; fewer at the end."""
        while self._count < count and (batch := next(self._batches, None)) is not None:
            self._rest.append(batch)
            self._count += batch.num_rows
        table = pa.Table.from_batches(self._rest, schema=self._schema).combine_chunks()
        taken, rest = table.slice(0, count), table.slice(count)
        self._rest, self._count = rest.to_batches(), rest.num_rows
        return taken.to_batches()[0] if taken.num_rows else pa.RecordBatch.from_pylist([], schema=self._schema)


def _has_form(texts: pa.Array, form: str) -> np.ndarray:
    """Where nothing stands, or something of this form."""
    return as_numpy(pc.fill_null(pc.match_substring_regex(texts, form), True))


def _has_time_of_day(batch: pa.RecordBatch) -> np.ndarray:
    """In the row's own time, or in one of its turns'."""
    whole: np.ndarray = as_numpy(pc.fill_null(batch["timestamp"].cast(pa.int64()), 0)) % DAY != 0
    turns = batch["turns"]
    times = as_numpy(pc.fill_null(turns.flatten().field("timestamp").cast(pa.int64()), 0)) % DAY != 0
    whole[parent_rows(turns)[times]] = True
    return whole
