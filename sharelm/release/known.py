"""What the database knows of the conversations in a release's files, read beside them in one stream."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from sharelm.release.layout import PREFIX
from sharelm.release.schema import RELEASE
from sharelm.release.sorted_rows import KEY, Sorted, read_rows
from sharelm.store.arrow import FACTS_SCHEMA, stream_facts

FACTS = pa.schema([RELEASE.field(KEY), *list(FACTS_SCHEMA)[1:]])
WRITTEN = pa.schema([RELEASE.field(KEY), RELEASE.field("content_hash")])


class Known:
    """The facts of every conversation, in the order of the files."""

    def __init__(self, engine: Engine) -> None:
        self._facts = Sorted(_with_keys(stream_facts(engine)), FACTS)

    def beside(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A row of `FACTS` for each row of the batch, which comes after those before; NULL throughout where nothing is known."""
        facts = self._facts.up_to(batch[KEY][-1].as_py()).combine_chunks()
        return facts.take(pc.index_in(batch[KEY], value_set=facts[KEY])).combine_chunks().to_batches()[0]


def has_changed(engine: Engine, folder: Path) -> bool:
    """Whether anything in the files is withdrawn or rejected by now, or no longer kept in the form that was written.

    A conversation that has only grown keeps that form beside the newer one.
    """
    return any(not _is_as_written(batch, facts) for batch, facts in _beside(engine, folder))


def count_gone(engine: Engine, folder: Path) -> int:
    """How many conversations in the files are withdrawn or rejected by now: who publishes them would make them public anew."""
    return sum(pc.sum(_is_gone(facts)).as_py() or 0 for _, facts in _beside(engine, folder))


def _beside(engine: Engine, folder: Path) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    known = Known(engine)
    for batch in read_rows(folder, WRITTEN, columns=WRITTEN.names):
        if batch.num_rows:
            yield batch, known.beside(batch)


def _is_as_written(batch: pa.RecordBatch, facts: pa.RecordBatch) -> bool:
    written = pc.fill_null(batch["content_hash"], "")
    is_kept = pc.or_(pc.equal(written, facts["content_hash"]), pc.equal(written, facts["published_hash"]))
    return bool(pc.all(pc.fill_null(pc.and_(is_kept, pc.invert(_is_gone(facts))), False)).as_py())


def _is_gone(facts: pa.RecordBatch) -> pa.Array:
    return pc.or_(facts["is_withdrawn"], facts["is_rejected"])


def _with_keys(facts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """With the public ids as the files have them."""
    for batch in facts:
        ids = pc.binary_join_element_wise(PREFIX, batch["public_id"], "")
        yield pa.RecordBatch.from_arrays([ids, *batch.columns[1:]], schema=FACTS)
