"""Chatbot Arena: two models answer the same person, who says which is better. Two conversations of each battle, and a pair unless it is a tie.

Two shapes: the 33k of 2023 (`question_id`, texts), and the human preferences of 2025 (`id`, texts in typed parts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sharelm.collection.fields import id_of, mapping_of, maybe_bool, maybe_text, maybe_user, micros_of
from sharelm.collection.found import Found, Item, LeftOut, Pair, Said
from sharelm.collection.source import Row, Source
from sharelm.collection.turns import common_prefix, messages_of
from sharelm.vocabulary import Role

NAME = "chatbot-arena"
LICENCE = "CC-BY-4.0 AND CC-BY-NC-4.0"  # prompts, and answers of the 33k; later ones are under the terms of each model
SIDES = {"a": "model_a", "b": "model_b"}
TIES = {"tie", "tie (bothbad)", "both_bad", "bothbad"}
ERRORS = ("NETWORK ERROR DUE TO HIGH TRAFFIC", "$MODERATION$", "**API REQUEST ERROR**", "API REQUEST ERROR. ")
UNFINISHED = "▌"


def read_row(row: Row) -> Iterator[Item]:
    value = row.value
    winner = value["winner"]
    if winner not in TIES and winner not in SIDES.values():
        raise ValueError("an unknown winner")
    native = id_of(value["question_id"] if value.get("question_id") is not None else value["id"])
    said = {side: messages_of(value[f"conversation_{side}"]) for side in SIDES}
    failed = {side for side in SIDES if has_failed(said[side])}
    for side in SIDES:
        yield LeftOut("provider error") if side in failed else _conversation(f"arena:{native}:{side}", said[side], side, value)
    if winner in TIES:
        yield LeftOut("tie", is_pair=True)
    elif failed:
        yield LeftOut("provider error", is_pair=True)
    else:
        best, other = ("a", "b") if winner == "model_a" else ("b", "a")
        yield _pair(f"arena:{native}:{best}", said[best], said[other])


def has_failed(said: list[Said]) -> bool:
    """The site wrote its errors into the answers."""
    answers = [text for role, text in said if role is Role.ASSISTANT]
    return any(error in text for text in answers for error in ERRORS) or any(text.rstrip().endswith(UNFINISHED) for text in answers)


def _conversation(conversation_id: str, said: list[Said], side: str, value: Mapping[str, Any]) -> Found:
    winner = value["winner"]
    return Found(
        conversation_id,
        said,
        model_name=maybe_text(value.get(SIDES[side])),
        user_id=maybe_user(NAME, value.get("judge")),
        timestamp=micros_of(value.get("tstamp") if value.get("tstamp") is not None else value.get("timestamp")),
        language=maybe_text(value.get("language")),
        toxic=_toxic(value.get("toxic_chat_tag")),
        rate=0 if winner in TIES else 1 if winner == SIDES[side] else -1,
        extra={"winner": winner, "anony": maybe_bool(value.get("anony"))},
    )


def _pair(conversation_id: str, best: list[Said], other: list[Said]) -> Pair:
    start = common_prefix(best, other)
    return Pair(conversation_id, best[:start], best[start:], other[start:])


def _toxic(tag: Any) -> bool | None:
    """Whether one of the two classifiers of the source says so."""
    told = [mapping_of(by)["flagged"] for by in mapping_of(tag).values() if by is not None] if tag else []
    return any(told) if told else None


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="33,000 battles (2023), 140,000 (2025)",
    how="the Hub, after accepting its terms there: lmsys/chatbot_arena_conversations, lmarena-ai/arena-human-preference-140k",
    hub="lmsys/chatbot_arena_conversations",
    hub_files=("data/*.parquet",),
    is_gated=True,
    is_redistributable=False,
    columns=(
        "question_id", "id", "model_a", "model_b", "winner", "judge", "language", "tstamp", "timestamp", "anony", "toxic_chat_tag",
        "conversation_a", "conversation_b",
    ),
)  # fmt: skip
