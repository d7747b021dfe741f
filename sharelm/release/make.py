"""From stored rows to the files of a release, and of its delta, in one pass: memory stays flat whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Engine

from sharelm.release.ahead import ahead
from sharelm.release.card import CardFacts, shown_counts, thumbs
from sharelm.release.cells import K
from sharelm.release.citation import write_citation
from sharelm.release.collect import Prepared, add_collection
from sharelm.release.collected import SECTION
from sharelm.release.croissant import About, write_croissant
from sharelm.release.delta import DeltaWriter, Neighbours, carried_files
from sharelm.release.history import follow
from sharelm.release.layout import PREFIX
from sharelm.release.plan import ReleasePlan
from sharelm.release.rows import Publisher, publish_rows
from sharelm.release.schema import RELEASE, TOMBSTONES
from sharelm.release.signed import sign_release
from sharelm.release.told import Told
from sharelm.release.write import ReleaseWriter, Written, digests_of, parts_pool, sync_folder, write_manifest, writer_versions
from sharelm.store import tombstone

BATCH_ROWS = 2_000
BATCH_BYTES = 4_000_000  # of message JSON


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a release is made by, beside its rows. `card` writes the card from what was written."""

    plan: ReleasePlan
    engine: Engine
    facts: CardFacts
    code_version: str
    card: Callable[[Written], None]
    told: Told
    seed: bytes | None = field(repr=False)  # of the key that signs it; None for what is not final
    before: Path | None
    between: Neighbours | None
    collected: Prepared | None = None


def published_rows(stored: Iterable[pa.RecordBatch], publisher: Publisher) -> Iterator[pa.RecordBatch]:
    """The rows of a release as the published schema has them, in the order of their ids."""
    return ahead(publish_rows(table, publisher) for table in ahead(_handfuls(stored)))


def write_files(folder: Path, rows: Iterator[pa.RecordBatch], recipe: Recipe, *, delta: Path | None, now: datetime) -> Written:
    """Every file into `folder`, the manifest last; the delta to the release before into `delta`, if there is one."""
    written = Written()
    with parts_pool() as pool:
        writer = ReleaseWriter(folder, pool)
        changes = DeltaWriter(delta, pool) if delta is not None and recipe.between is not None else None
        for step in follow(rows, recipe.before):
            if step.batch.num_rows:
                written.count(step.batch)
                writer.add(step.batch)
            if changes is not None:
                changes.add(step)
        for batch in _tombstones(recipe.engine, now=now):
            writer.add_to("tombstones", batch)
        written.files = writer.close()
        if recipe.collected is not None:
            written.files += add_collection(folder, recipe.collected)
        recipe.card(written)
        facts = recipe.facts
        write_citation(folder, version=recipe.plan.version, licence=facts.licence, operator=facts.operator, address=facts.address)
        digests = digests_of(folder, written.files)
        write_croissant(folder, About(recipe.plan.version, _licences(recipe), facts.operator, facts.address), digests)
        write_manifest(folder, _manifest(recipe, written), [*_texts(folder), *written.files], digests=digests)
        if recipe.seed is not None:
            sign_release(folder, recipe.seed)
        sync_folder(folder)
        if changes is not None and recipe.between is not None:
            changes.close(folder, recipe.between, code_version=recipe.code_version, old=recipe.before)
    return written


def _texts(folder: Path) -> list[tuple[str, None]]:
    """The files that are no rows, for the manifest."""
    return [(name, None) for name in carried_files(folder) if not name.endswith(".parquet")]


def _handfuls(batches: Iterable[pa.RecordBatch]) -> Generator[pa.Table, None, None]:
    """Larger batches are quicker; those of long conversations are smaller, so that memory stays flat."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch["messages"].nbytes
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting)


def _tombstones(engine: Engine, *, now: datetime) -> Iterator[pa.RecordBatch]:
    for rows in tombstone.select_by_id(engine, now=now):
        facts = [(PREFIX + row.public_id, row.first_release, row.last_release, row.withdrawn_on, row.reason) for row in rows]
        yield pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in zip(*facts, strict=True)], schema=TOMBSTONES)


def _manifest(recipe: Recipe, written: Written) -> dict[str, object]:
    plan = recipe.plan
    return {
        "version": plan.version,
        "previous": recipe.before.name if recipe.before else None,
        "rows": written.row_count,
        "configs": written.configs,
        "contributors": len(written.contributors),
        "ungrouped": written.ungrouped_count,
        "messages": written.message_count,
        "counts": shown_counts(written, recipe.told),
        "thumbs": thumbs(written),
        "left_out": dict(plan.left_out),
        "licences": dict(sorted(written.licences.items())),
        "schema": [{"name": column.name, "type": str(column.type)} for column in RELEASE],
        "smallest_cell": K,
        "anonymiser_version": recipe.facts.anonymiser_version,
        "redactions": recipe.told.redactions.facts(),
        "consent_versions": list(recipe.told.consents),
        "withdrawn_since_previous": recipe.told.withdrawn,
        "rejected_since_previous": recipe.told.rejected,
        "looked_at": recipe.told.looked_at,
        "code_version": recipe.code_version,
        "writer": writer_versions(recipe.code_version),
        **_of_collection(recipe.collected),
    }


def _of_collection(ready: Prepared | None) -> dict[str, object]:
    if ready is None:
        return {}
    return {SECTION: ready.collection.said(), "near_duplicates": ready.marks.counts if ready.marks else {}}


def _licences(recipe: Recipe) -> tuple[str, ...]:
    """The contributions' own first, then those of the datasets."""
    others = (one.facts.licence for one in recipe.collected.collection.datasets) if recipe.collected else ()
    return tuple(dict.fromkeys((recipe.facts.licence, *others)))
