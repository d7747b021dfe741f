"""Synthetic dumps of the collection's sources, in the format and the sizes that each really has. Invented words; seeded."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from _many import Vocabulary

CORPUS_WORDS = 1_500_000
ROW_GROUP = 1_000  # as the Hub writes them
PIECE = 10_000
CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
MODERATION = pa.list_(
    pa.struct(
        [
            ("categories", pa.struct([(name, pa.bool_()) for name in CATEGORIES])),
            ("category_scores", pa.struct([(name, pa.float64()) for name in CATEGORIES])),
            ("flagged", pa.bool_()),
        ]
    )
)
LMSYS = pa.schema(
    [
        ("conversation_id", pa.string()), ("model", pa.string()),
        ("conversation", pa.list_(pa.struct([("content", pa.string()), ("role", pa.string())]))),
        ("turn", pa.int64()), ("language", pa.string()), ("openai_moderation", MODERATION), ("redacted", pa.bool_()),
    ]
)  # fmt: skip
HEADER = pa.struct([("accept-language", pa.string()), ("user-agent", pa.string())])
TIME = pa.timestamp("us", tz="UTC")
TURN = pa.struct(
    [
        ("content", pa.string()), ("country", pa.string()), ("hashed_ip", pa.string()), ("header", HEADER), ("language", pa.string()),
        ("redacted", pa.bool_()), ("role", pa.string()), ("state", pa.string()), ("timestamp", TIME), ("toxic", pa.bool_()),
        ("turn_identifier", pa.int64()),
    ]
)  # fmt: skip
WILDCHAT = pa.schema(
    [
        ("conversation_hash", pa.string()), ("model", pa.string()), ("timestamp", TIME), ("conversation", pa.list_(TURN)), ("turn", pa.int64()),
        ("language", pa.string()), ("openai_moderation", MODERATION), ("toxic", pa.bool_()), ("redacted", pa.bool_()), ("state", pa.string()),
        ("country", pa.string()), ("hashed_ip", pa.string()), ("header", HEADER),
    ]
)  # fmt: skip
ARENA = pa.schema(
    [
        ("question_id", pa.string()), ("model_a", pa.string()), ("model_b", pa.string()), ("winner", pa.string()), ("judge", pa.string()),
        ("conversation_a", LMSYS.field("conversation").type), ("conversation_b", LMSYS.field("conversation").type), ("turn", pa.int64()),
        ("anony", pa.bool_()), ("language", pa.string()), ("tstamp", pa.float64()), ("openai_moderation", MODERATION.value_type),
    ]
)  # fmt: skip


class Texts:
    """Pieces of one long text of made-up words, with paragraphs, and one in ten in another script; no two alike."""

    def __init__(self, seed: int = 11) -> None:
        self.chance = random.Random(seed)
        words = Vocabulary().text(CORPUS_WORDS).split(" ")
        # Real answers have a line break about every twelve words.
        latin = "".join(word + self.chance.choices((" ", "\n", "\n\n"), (11, 0.5, 0.5))[0] for word in words)
        self._corpora = (latin, latin[: len(latin) // 3].translate(str.maketrans("abcdefghijklmnoprstuvwxyz", "абцдефгхийклмнопрстувжшызщ"[:25])))

    def piece(self, mean: int) -> str:
        corpus = self._corpora[self.chance.random() < 0.1]
        length = int(self.chance.expovariate(1 / mean)) + 10
        start = self.chance.randrange(len(corpus) - length)
        return corpus[start : start + length].strip() or "x"

    def turns(self, mean: float) -> int:
        return 1 + min(int(self.chance.expovariate(1 / (mean - 1))), 20)

    def id(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"


def lmsys_row(texts: Texts) -> dict[str, Any]:
    """2.0 turns, 70 tokens in a prompt, 215 in an answer."""
    turns = texts.turns(2.0)
    said = [message for _ in range(turns) for message in _turn(texts, 280, 860)]
    return {
        "conversation_id": texts.id(), "model": texts.chance.choice(("vicuna-13b", "koala-13b", "gpt-4")), "conversation": said, "turn": turns,
        "language": "English", "redacted": texts.chance.random() < 0.2,
    }  # fmt: skip


def wildchat_row(texts: Texts) -> dict[str, Any]:
    """2.6 turns, twice the length."""
    turns, address, at = texts.turns(2.6), f"{texts.chance.randrange(200_000):064x}", datetime(2024, 1, 1, tzinfo=UTC)
    beside = {"country": "Chile", "hashed_ip": address, "header": {"accept-language": "es", "user-agent": "made up"}, "language": "English"}
    number = texts.chance.getrandbits(40)
    said = [
        {**message, **beside, "redacted": False, "state": "RM", "timestamp": None, "toxic": False, "turn_identifier": number + place}
        for place in range(turns)
        for message in _turn(texts, 600, 1_400)
    ]
    return {
        **beside, "conversation_hash": texts.id(), "model": "gpt-4-0314", "timestamp": at, "conversation": said, "turn": turns, "toxic": False,
        "redacted": False, "state": "RM",
    }  # fmt: skip


def arena_row(texts: Texts) -> dict[str, Any]:
    question = texts.piece(210)
    sides = [[{"content": question, "role": "user"}, {"content": texts.piece(760), "role": "assistant"}] for _ in "ab"]
    return {
        "question_id": texts.id(), "model_a": "koala-13b", "model_b": "alpaca-13b", "conversation_a": sides[0], "conversation_b": sides[1],
        "winner": texts.chance.choice(("model_a", "model_b", "tie", "tie (bothbad)")), "judge": f"arena_user_{texts.chance.randrange(13_383)}",
        "turn": 1, "anony": True, "language": "English", "tstamp": 1_682_351_591.1,
    }  # fmt: skip


def _turn(texts: Texts, prompt: int, answer: int) -> list[dict[str, str]]:
    return [{"content": texts.piece(prompt), "role": "user"}, {"content": texts.piece(answer), "role": "assistant"}]


def hh_row(texts: Texts) -> dict[str, Any]:
    turns = texts.turns(2.3)
    start = "".join(f"\n\nHuman: {texts.piece(130)}\n\nAssistant: {texts.piece(250)}" for _ in range(turns - 1)) + f"\n\nHuman: {texts.piece(130)}"
    return {side: f"{start}\n\nAssistant: {texts.piece(250)}" for side in ("chosen", "rejected")}


def prism_row(texts: Texts) -> dict[str, Any]:
    number = texts.chance.getrandbits(40)
    history = []
    for turn in range(texts.turns(3.4)):
        history.append({"turn": turn, "role": "user", "content": texts.piece(100)})
        for place in range(4 if turn == 0 else 2):
            score = texts.chance.randrange(1, 101)
            said = {"content": texts.piece(800), "model_provider": "p", "model_name": f"m{place}", "score": score, "if_chosen": place == 0}
            history.append({"turn": turn, "role": "model", **said, "within_turn_id": place})
    return {
        "conversation_id": f"c{number}", "user_id": f"user{number % 1_500}", "conversation_type": "unguided", "conversation_history": history,
        "generated_datetime": "2023-12-01 11:00:00", "included_in_balanced_subset": False,
    }  # fmt: skip


def sharegpt_row(texts: Texts) -> dict[str, Any]:
    said = [
        {"from": who, "value": message["content"]}
        for _ in range(texts.turns(3.5))
        for who, message in zip(("human", "gpt"), _turn(texts, 400, 1_500), strict=True)
    ]
    return {"id": texts.id(), "conversations": said}


def selffeeding_lines(texts: Texts, rows: int) -> Iterator[str]:
    """Growing contexts: a row for each utterance of the human."""
    made = 0
    while made < rows:
        context = "__null__"
        for _ in range(texts.turns(3.0)):
            said = texts.piece(45).replace("\n", " ")
            yield json.dumps({"context": context, "response": said})
            context = f"{'' if context == '__null__' else context + ' '}__p2__ {said} __p1__ {texts.piece(45)}".replace("\n", " ")
            made += 1


def babi_lines(texts: Texts, rows: int) -> Iterator[str]:
    for _ in range(rows):
        for number in range(1, 12):
            user = "<SILENCE>" if number % 4 == 3 else texts.piece(30).replace("\n", " ")
            yield f"{number} {user}\t{texts.piece(50)}".replace("\n", " ")
        yield ""


def write_parquet(path: Path, schema: pa.Schema, rows: int, row: Callable[[Texts], dict[str, Any]], *, seed: int) -> None:
    texts = Texts(seed)
    flags = _moderation(schema)
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for start in range(0, rows, PIECE):
            made = [{**flags, **row(texts)} for _ in range(min(PIECE, rows - start))]
            writer.write_table(pa.Table.from_pylist(made, schema=schema), row_group_size=ROW_GROUP)


def _moderation(schema: pa.Schema) -> dict[str, Any]:
    one = {"categories": dict.fromkeys(CATEGORIES, False), "category_scores": {name: 1e-5 * len(name) for name in CATEGORIES}, "flagged": False}
    is_list = pa.types.is_list(schema.field("openai_moderation").type)
    return {"openai_moderation": [one] * 4 if is_list else one}


def write_lines(path: Path, lines: Iterator[str]) -> None:
    is_gzip = path.suffix == ".gz"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) if is_gzip else path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def json_lines(rows: int, row: Callable[[Texts], dict[str, Any]], *, seed: int) -> Iterator[str]:
    texts = Texts(seed)
    return (json.dumps(row(texts), ensure_ascii=False) for _ in range(rows))
