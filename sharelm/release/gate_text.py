"""Personal data in the texts of a batch of written rows: what they say, and whatever else stands there in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from string import hexdigits

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.keys import MAYBE_USER_ID
from sharelm.release.columns import parent_rows
from sharelm.release.sorted_rows import KEY
from sharelm.release.suspect import LONG_TOKEN, SUSPECT
from sharelm.release.tidy import as_numpy
from sharelm.vocabulary import PiiSpan

# Made by us of nothing that anybody said: ids, hashes, names of versions; pseudonyms are compared with those that they must be.
OURS = frozenset({KEY, "user_id", "content_hash", "release", "near_dup_group", "role", "message_id", "parent_id"})
DIGEST_LENGTH = 64  # hexadecimal digits


class TextCheck:
    """`find_spans` are the anonymiser's own rules, so that code is judged as it was when the text was anonymised."""

    def __init__(self, find_spans: Callable[[str], Sequence[PiiSpan]]) -> None:
        self._find_spans = find_spans

    def find_personal_data(self, batch: pa.RecordBatch) -> dict[str, list[str]]:
        """Ids of conversations by the entity type that stands in them."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row, text in _matching(batch, SUSPECT):
            for entity_type in {span.entity_type for span in self._find_spans(text)}:
                found[entity_type].append(batch[KEY][row].as_py())
        return found

    def find_tokens(self, batch: pa.RecordBatch, digest: Callable[[str], bytes]) -> dict[bytes, list[str]]:
        """Ids of conversations by the digest that each word which may be a user ID has, or may itself be."""
        found: defaultdict[bytes, list[str]] = defaultdict(list)
        for row, text in _matching(batch, LONG_TOKEN):
            for known_by in digests_in(text, digest):
                found[known_by].append(batch[KEY][row].as_py())
        return found


def digests_in(text: str, digest: Callable[[str], bytes]) -> set[bytes]:
    """The digest that each word which may be a user ID has, or may itself be."""
    words = set(MAYBE_USER_ID.findall(text))
    written = {bytes.fromhex(word) for word in words if len(word) == DIGEST_LENGTH and all(sign in hexdigits for sign in word)}
    return {digest(word) for word in words} | written


def _matching(batch: pa.RecordBatch, pattern: str) -> Iterator[tuple[int, str]]:
    """(row, text) of every text in which the pattern is found."""
    for name in batch.schema.names:
        if name not in OURS:
            for rows, texts in _leaves(batch[name], np.arange(batch.num_rows)):
                places = np.flatnonzero(as_numpy(pc.fill_null(pc.match_substring_regex(texts, pattern), False)))
                yield from zip(rows[places].tolist(), texts.take(pa.array(places)).to_pylist(), strict=True)


def _leaves(column: pa.Array, rows: np.ndarray) -> Iterator[tuple[np.ndarray, pa.Array]]:
    """Every column of strings within a column, with the row that each string belongs to."""
    if pa.types.is_struct(column.type):
        for field, values in zip(column.type, column.flatten(), strict=True):
            if field.name not in OURS:
                yield from _leaves(values, rows)
    elif pa.types.is_list(column.type):
        yield from _leaves(column.flatten(), rows[parent_rows(column)])
    elif pa.types.is_string(column.type):
        yield rows, column
