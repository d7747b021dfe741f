"""Anthropic's HH-RLHF: pairs of transcripts of which people preferred one, and red-team attempts.

The rejected branch never went on, so it is no conversation of its own; it is in `preference` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from sharelm.collection.fields import maybe_user, text_of
from sharelm.collection.found import Found, Item, LeftOut, Pair, Said
from sharelm.collection.source import Row, Source
from sharelm.collection.turns import common_prefix
from sharelm.vocabulary import Role

NAME = "hh-rlhf"
LICENCE = "MIT"
SUBSETS = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")
RED_TEAM = "red-team-attempts"
MARK = re.compile(r"\n\n(Human|Assistant):")
ROLES = {"Human": Role.USER, "Assistant": Role.ASSISTANT}
KEPT = ("min_harmlessness_score_transcript", "rating", "task_description", "task_description_harmlessness_score", "is_upworker", "tags")


def read_row(row: Row) -> Iterator[Item]:
    if "transcript" in row.value:
        yield _attempt(row)
        return
    conversation_id = f"hh:{_subset(row.file)}:{_split(row.file)}:{row.number}"
    chosen, rejected = (parse_transcript(row.value[side]) for side in ("chosen", "rejected"))
    yield Found(conversation_id, chosen)
    yield _pair(conversation_id, chosen, rejected)


def parse_transcript(value: Any) -> list[Said]:
    """Turn about: a mark of the speaker whose turn it is belongs to what they say."""
    text = "\n\n" + text_of(value).replace("\r\n", "\n").lstrip()
    said: list[tuple[Role, int, int]] = []  # who, and where what they say begins and ends
    for mark in MARK.finditer(text):
        role = ROLES[mark[1]]
        if said and said[-1][0] is role:
            continue
        if said:
            said[-1] = (*said[-1][:2], mark.start())
        elif mark.start():
            raise ValueError("a transcript that does not begin with a speaker")
        said.append((role, mark.end(), len(text)))
    if not said and text.strip():
        raise ValueError("a transcript without speakers")
    return [(role, text[start:end].strip()) for role, start, end in said]


def _pair(conversation_id: str, chosen: list[Said], rejected: list[Said]) -> Item:
    if len(chosen) != len(rejected):
        return LeftOut("different numbers of turns", is_pair=True)
    if common_prefix(chosen, rejected) < len(chosen) - 1:
        return LeftOut("the prompts differ", is_pair=True)
    return Pair(conversation_id, chosen[:-1], chosen[-1:], rejected[-1:])


def _attempt(row: Row) -> Found:
    value = row.value
    model = "/".join(text_of(str(value[name])) for name in ("model_type", "num_params") if value.get(name))
    return Found(
        f"hh:{RED_TEAM}:{_split(row.file)}:{row.number}",
        parse_transcript(value["transcript"]),
        model_name=model or None,
        user_id=maybe_user(NAME, value.get("red_team_member_id")),
        extra={name: value.get(name) for name in KEPT},
    )


def _subset(file: PurePath) -> str:
    path = "/".join(file.parts).lower().replace("_", "-")
    return next((name for name in SUBSETS if name in path), _slug(file.name))


def _split(file: PurePath) -> str:
    return "test" if "test" in re.split(r"[^a-z]+", file.name.lower()) else "train"


def _slug(name: str) -> str:
    stem = name.lower().split(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-") or "unknown"


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="169,352 pairs and 38,961 red-team attempts",
    how="the Hub: Anthropic/hh-rlhf",
    hub="Anthropic/hh-rlhf",
    hub_files=("*.jsonl.gz",),
)
