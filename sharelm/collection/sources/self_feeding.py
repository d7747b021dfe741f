"""The self-feeding chatbot: rows with a growing context, one for each utterance; the whole conversation is the longest.

`__p1__` is whoever the learner talks with: in files of human and bot (`hb`) the learner's part was played by the human, so p2 is the user
and p1 the bot, and the response is the human's. Files of two humans, of feedback and of satisfaction hold no conversation with a model.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from sharelm.collection.fields import mapping_of, text_of
from sharelm.collection.found import Found, Item, LeftOut, Said
from sharelm.collection.source import Row, Source
from sharelm.vocabulary import Role

NAME = "self-feeding"
LICENCE = "LicenseRef-uncertain"
NOTHING = "__null__"
SPEAKER = re.compile(r"__p([12])__")
ROLES = {"1": Role.ASSISTANT, "2": Role.USER}
KIND = re.compile(r"(?:^|[^a-z])(hh|hb|fb|st)(?![a-z])", re.IGNORECASE)
NOT_OURS = {"hh": "human to human", "fb": "feedback, no answer", "st": "a measure of satisfaction", "": "an unknown kind of file"}
SPLITS = ("valid", "test")


def read_row(row: Row) -> Iterator[Item]:
    kind = kind_of(row.file)
    if kind in NOT_OURS:
        yield LeftOut(NOT_OURS[kind])
        return
    said = messages_of_row(row.value)
    if _digest(said) in row.aside["begun"]:
        yield LeftOut("the beginning of a longer row")
        return
    split = next((f"{name}:" for name in SPLITS if name in row.file.name.lower()), "")
    yield Found(f"selffeeding:hb:{split}{row.number}", said)


def beginnings(values: Iterable[Any]) -> Mapping[str, Any]:
    """Everything that some row goes on from, by its hash: in whatever order the rows stand, only the longest are conversations."""
    begun: set[bytes] = set()
    for value in values:
        try:
            said = messages_of_row(value)
        except (TypeError, ValueError, LookupError):
            continue
        begun.update(_digest(said[:end]) for end in range(1, len(said)))
    return {"begun": begun}


def kind_of(file: PurePath) -> str:
    """A file of several kinds, such as `hh131k_hb60k`, is taken for the one that must stay out."""
    kinds = {found.lower() for found in KIND.findall(file.name)}
    return next((kind for kind in NOT_OURS if kind in kinds), "hb" if "hb" in kinds else "")


def messages_of_row(value: Any) -> list[Said]:
    row = mapping_of(value)
    context = text_of(row["context"]).strip()
    said = [] if context == NOTHING else parse_context(context)
    return [*said, (Role.USER, text_of(row["response"]).strip())]


def parse_context(context: str) -> list[Said]:
    before, *parts = SPEAKER.split(context)
    if before.strip():
        raise ValueError("words before the first speaker")
    return [(ROLES[number], text.strip()) for number, text in zip(parts[::2], parts[1::2], strict=True)]


def _digest(said: list[Said]) -> bytes:
    return hashlib.blake2b("\0".join(f"{role}\0{text}" for role, text in said).encode(), digest_size=8).digest()


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="131,923 rows of human and bot, of which the longest of each conversation",
    how="self_feeding_v031.tar.gz of ParlAI (parl.ai/downloads/self_feeding), unpacked; the files with hb in their names",
    is_redistributable=False,
    prepare=beginnings,
)
