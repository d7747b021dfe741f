"""One stored conversation in the columns that a release is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Row

from sharelm.store.arrow import LINE, SCHEMA
from sharelm.store.types import to_micros


def candidate_row(row: Row[Any], *, messages: str, content_hash: str | None, is_ungrouped: bool) -> pa.Table:
    """As `arrow.stream_candidates` gives it, with this form of the messages. In no group of near duplicates: that depends on the others."""
    is_toxic = row.toxic_found if row.toxic is None else row.toxic
    toxic = -1 if is_toxic is None else int(is_toxic)
    form = {"messages": messages.join(LINE), "content_hash": content_hash, "is_ungrouped": int(is_ungrouped), "toxic": toxic}
    return pa.Table.from_pylist([{name: _filled(form.get(name, getattr(row, name, None)), SCHEMA.field(name).type) for name in SCHEMA.names}], SCHEMA)


def _filled(value: Any, column_type: pa.DataType) -> Any:
    """NULLs are filled as in the query."""
    if isinstance(value, datetime):
        return to_micros(value)
    if value is None:
        return "" if pa.types.is_string(column_type) else 0
    return value
