"""Whole columns of conversations at once, for the sources that come as Parquet with millions of rows.

A row in which anything is unusual is left to the source's `read_row`; what both read, both read alike, and a test compares them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.collection.columns import conversation_column
from sharelm.collection.digest import digest_rows
from sharelm.collection.found import EMPTY_CONVERSATION, EMPTY_MESSAGE, ONE_SIDED
from sharelm.release.columns import message_offsets
from sharelm.release.schema import TEXT, TIMESTAMP
from sharelm.vocabulary import Role

PLAIN_ROLES = pa.array([str(Role.USER), str(Role.ASSISTANT)], TEXT)
_ROLE_BYTES = (b"user", b"assistant")


@dataclass(frozen=True)
class Plain:
    """The conversations that went through: `kept` says which rows, `rest` which have to be read one by one."""

    kept: np.ndarray
    rest: list[int]
    left_out: Mapping[str, int]
    conversation: pa.ListArray
    digests: pa.Array

    def of(self, column: pa.Array) -> pa.Array:
        """The values of the rows that went through."""
        return column if self.kept.all() else column.filter(pa.array(self.kept))


def has_shape(batch: pa.RecordBatch, texts: Sequence[str], *, flags: Sequence[str], within: Mapping[str, pa.DataType] = MappingProxyType({})) -> bool:
    """Whether these columns are texts and truth values, and `conversation` a list of messages with at least these fields."""
    schema = batch.schema
    wanted = {**dict.fromkeys(texts, TEXT), **dict.fromkeys(flags, pa.bool_())}
    if any(schema.get_field_index(name) < 0 or schema.field(name).type != type_ for name, type_ in wanted.items()):
        return False
    place = schema.get_field_index("conversation")
    if place < 0 or not pa.types.is_list(schema.field(place).type):
        return False
    message = schema.field(place).type.value_type
    return pa.types.is_struct(message) and {field.name: field.type for field in message}.items() >= {"role": TEXT, "content": TEXT, **within}.items()


def plain_conversations(batch: pa.RecordBatch, usable: np.ndarray) -> Plain:
    """Sort the rows: read here, left out with the same reasons as everywhere, or unusual (also where the caller says they are not `usable`)."""
    lists = batch["conversation"]
    starts, flat = message_offsets(lists), lists.flatten()
    codes, contents = pc.index_in(flat.field("role"), value_set=PLAIN_ROLES), flat.field("content")
    odd = ~(mask(flat.is_valid()) & mask(codes.is_valid()) & mask(contents.is_valid()))
    is_rest = ~usable | ~mask(lists.is_valid()) | (count_within(odd, starts) > 0)
    numbers = codes.fill_null(0).to_numpy()
    digests, has_blank = digest_rows([_ROLE_BYTES[number] for number in numbers.tolist()], contents, starts)
    reasons = (
        (EMPTY_CONVERSATION, np.diff(starts) == 0),
        (EMPTY_MESSAGE, has_blank),
        (ONE_SIDED, (count_within(numbers == 0, starts) == 0) | (count_within(numbers == 1, starts) == 0)),
    )
    kept, left_out = ~is_rest, Counter[str]()
    for reason, applies in reasons:
        left_out[reason] += int((kept & applies).sum())
        kept &= ~applies
    conversation = conversation_column(flat.field("role"), contents, starts)
    rest = np.flatnonzero(is_rest).tolist()
    found = Plain(kept, rest, +left_out, conversation, pa.array(digests, TEXT))
    return Plain(kept, rest, +left_out, found.of(conversation), found.of(found.digests))


def mask(values: pa.Array) -> np.ndarray:
    found: np.ndarray = values.to_numpy(zero_copy_only=False)
    return found


def count_within(flags: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """For each row, how many of its messages are so."""
    sums = np.concatenate([[0], np.cumsum(flags)])
    counts: np.ndarray = sums[starts[1:]] - sums[starts[:-1]]
    return counts


def is_plain_id(column: pa.Array) -> np.ndarray:
    """Where an id is there and has nothing to be trimmed."""
    trimmed = pc.utf8_trim_whitespace(column)
    return mask(pc.and_(pc.equal(trimmed, column), pc.not_equal(column, "")).fill_null(False))


def known_text(column: pa.Array) -> pa.Array:
    """Trimmed; NULL where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, TEXT), trimmed)


def prefixed(prefix: str, ids: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(prefix, ids, "")


def utc(column: pa.Array) -> pa.Array:
    """Times of any unit; those without a zone are taken for UTC."""
    return column.cast(pa.timestamp("us", tz=column.type.tz), safe=column.type.unit != "ns").cast(pa.int64()).cast(TIMESTAMP)
