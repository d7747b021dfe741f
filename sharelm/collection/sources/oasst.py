"""OpenAssistant: trees that people wrote on both sides, so no conversation with a model; an extra that stays out of the unified set.

The conversation is the path of the best-ranked replies. Rows are the trees of `*.trees.jsonl.gz`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sharelm.collection.fields import id_of, list_of, mapping_of, maybe_text, maybe_user, micros_of, text_of
from sharelm.collection.found import Found, Item
from sharelm.collection.source import Row, Source
from sharelm.collection.turns import role_of

NAME = "oasst"
LICENCE = "Apache-2.0"


def read_row(row: Row) -> Iterator[Item]:
    root = mapping_of(row.value["prompt"])
    path = list(best_path(root))
    yield Found(
        f"oasst:{id_of(row.value['message_tree_id'])}",
        [(role_of(message["role"]), text_of(message["text"])) for message in path],
        user_id=maybe_user(NAME, root.get("user_id")),
        timestamp=micros_of(root.get("created_date")),
        language=maybe_text(root.get("lang")),
        extra={"human_to_human": True, "tree_state": row.value.get("tree_state")},
    )


def best_path(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    message: Mapping[str, Any] | None = root
    while message is not None:
        yield message
        replies = [reply for reply in map(mapping_of, list_of(message.get("replies") or [])) if not reply.get("deleted")]
        message = min(replies, key=_rank, default=None)


def _rank(reply: Mapping[str, Any]) -> float:
    rank = reply.get("rank")
    return float("inf") if rank is None else float(rank)


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="about 10,000 trees",
    how="the Hub: OpenAssistant/oasst1; the trees",
    hub="OpenAssistant/oasst1",
    hub_files=("*_ready.trees.jsonl.gz",),
    is_unified=False,
)
