"""Fill a scratch database with millions of invented conversations, past the server."""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent))  # programs here are run from wherever one stands

from sharelm.keys import Keys, user_digest
from sharelm.store.types import to_micros
from sharelm.vocabulary import UserId

OWN_ID = "bench-contributor-with-many-conversations"
PLATFORMS = ("chatgpt", "claude", "gradio", "chatui", "gemini", "mistral", None)
MODELS = ("gpt-4o", "claude-sonnet", "tern-mini", "heron/heron-2-70b-instruct", "open-forest/larch-8b", "quartz-1.5", None)
LANGUAGES = ("en", "en", "en", "de", "es", "it", "zh", None)
STAGES = ("released",) * 6 + ("approved",) * 3 + ("anonymised",)
YEAR = 365 * 86_400
OTHERS_TEXTS = 64
WORDS = 30_000
WORDS_PER_CONVERSATION = 1_600  # about 10 kB
COLUMNS = (
    "id", "public_id", "contributor_id", "client_digest", "stage", "received_at", "changed_at", "releasable_at", "began_at", "message_count",
    "character_count", "revision", "change", "rating", "source", "consent_version", "failures", "quarantined", "platform", "model", "first_release",
    "anonymiser_version", "flags", "client_id", "language", "response_count", "thumbs_up", "thumbs_down", "messages",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much there is: `own` conversations of the one who is measured among `total`, the rest of `others` contributors."""

    total: int
    own: int
    others: int


class Vocabulary:
    """Made-up words as frequent as words are (Zipf's law); seeded."""

    def __init__(self, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        letters = "etaoinshrdlucmfwypvbgk"
        self.words = list(dict.fromkeys("".join(self.chance.choices(letters, k=self.chance.randint(2, 11))) for _ in range(WORDS)))
        self._weights = [1 / (rank + 3) for rank in range(len(self.words))]

    def text(self, count: int) -> str:
        return " ".join(self.chance.choices(self.words, self._weights, k=count))


def contributors(keys: Keys, size: Size) -> Iterator[tuple[Any, ...]]:
    """(id, user_digest, created_at); the first is the one who is measured."""
    for number in range(size.others + 1):
        name = OWN_ID if number == 0 else f"bench-contributor-{number:08d}"
        yield number + 1, user_digest(keys, UserId(name)), to_micros(datetime(2025, 1, 1, tzinfo=UTC))


def conversations(size: Size, vocabulary: Vocabulary) -> Iterator[tuple[Any, ...]]:
    """Rows in the order they came, over a year; the measured contributor's lie evenly among the others'."""
    chance = vocabulary.chance
    start, step = to_micros(datetime.now(UTC) - timedelta(days=366)), YEAR * 1_000_000 // size.total
    texts = [_messages(vocabulary, 160) for _ in range(OTHERS_TEXTS)]
    every = size.total / size.own
    own = 0
    for number in range(size.total):
        is_own = number >= own * every and own < size.own
        own += is_own
        messages = _messages(vocabulary, WORDS_PER_CONVERSATION) if is_own else texts[number % OTHERS_TEXTS]
        owner = 1 if is_own else chance.randint(2, size.others + 1)
        yield _row(number + 1, owner, start + number * step, messages, chance)


def _row(row_id: int, owner: int, at: int, messages: tuple[str, int], chance: random.Random) -> tuple[Any, ...]:
    stage = chance.choice(STAGES)
    return (
        row_id, f"{chance.getrandbits(128):032x}", owner, chance.randbytes(32), stage, at, at, at, at, messages[1], 1000, 1, 1,
        chance.choice((None, None, None, 1, -1)), "plugin", "1", 0, False, chance.choice(PLATFORMS), chance.choice(MODELS),
        "2026.01.0" if stage == "released" else None, "1", "", f"c-{row_id}", chance.choice(LANGUAGES), messages[1] // 2, 0, 0, messages[0],
    )  # fmt: skip


def _messages(vocabulary: Vocabulary, words: int) -> tuple[str, int]:
    count = 2 * vocabulary.chance.randint(1, 6)
    parts = [vocabulary.text(max(words // count, 1)) for _ in range(count)]
    roles = ("user", "assistant")
    elements = [{"role": roles[place % 2], "content": text, "n": place, "digest": f"{place:064x}"} for place, text in enumerate(parts)]
    return json.dumps(elements, separators=(",", ":")), count


def fill_sqlite(path: str, keys: Keys, size: Size) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "secure_delete=OFF", "cache_size=-600000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO contributor (id, user_digest, created_at) VALUES (?, ?, ?)", contributors(keys, size))
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT INTO conversation ({', '.join(COLUMNS)}) VALUES ({marks})", conversations(size, Vocabulary()))
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def fill_postgres(address: str, keys: Keys, size: Size) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        with connection.transaction():
            _copy(connection, "contributor", ("id", "user_digest", "created_at"), contributors(keys, size))
            _copy(connection, "conversation", COLUMNS, conversations(size, Vocabulary()))
        connection.execute("VACUUM ANALYZE")


def _copy(connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)
