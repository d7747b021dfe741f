"""The rows of `default` as one writes them without Arrow: a cursor of the database's driver, `json.loads`, a dictionary a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine

from sharelm.release.rows import Publisher

BATCH = 2_000
DAY = 86_400
QUERY = """
SELECT public_id, contributor_id, contributor_id IN (SELECT id FROM contributor WHERE is_ungrouped), began_at, source, model, language, rating,
       platform, page_host, messages, content_hash, coalesce(toxic, toxic_found)
FROM conversation
WHERE withdrawn_at IS NULL AND stage = 'approved'
ORDER BY public_id
"""


def plain_rows(engine: Engine, publisher: Publisher) -> Iterator[dict[str, Any]]:
    """Of a database in which nothing was released and nothing is a near duplicate, as those of the benchmarks."""
    name, licence = cache(publisher.pseudonym), cache(publisher.licence)
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor("rows") if engine.dialect.name == "postgresql" else connection.cursor()
        cursor.execute(QUERY)
        while rows := cursor.fetchmany(BATCH):
            for row in rows:
                yield _plain_row(row, publisher.version, name, licence)
    finally:
        connection.close()


def _plain_row(row: tuple[Any, ...], version: str, name: Callable[[int], str], licence: Callable[[str], str]) -> dict[str, Any]:
    public_id, contributor, is_ungrouped, began_at, source, model, language, rating, platform, host, text, content_hash, toxic = row
    messages = json.loads(text)
    places = {key: value for key, value in (("host", host), ("platform", platform)) if value}
    verdict = None if toxic is None else bool(toxic)
    return {
        "conversation_id": f"sharelm:{public_id}",
        "conversation": [{"role": message["role"], "content": message["content"]} for message in messages],
        "model_name": model,
        "user_id": None if is_ungrouped else name(contributor),
        "timestamp": _day(began_at),
        "source": source,
        "user_metadata": {"location": None, "age": None, "gender": None},
        "conversation_metadata": {
            "language": language,
            "toxic": verdict,
            "redacted": any(message.get("redactions") for message in messages),
            "rate": rating or None,
            "title": None,
            "custom_instruction": None,
            "status": None,
            "extra_json": json.dumps(places, sort_keys=True) if places else None,
        },
        "turns": [_turn(message, place) for place, message in enumerate(messages)],
        "license": licence(model or ""),
        "release": version,
        "content_hash": content_hash or "",
        "toxic": verdict,
        "near_dup_group": None,
    }


def _turn(message: dict[str, Any], place: int) -> dict[str, Any]:
    sent_at = message.get("sent_at")
    return {
        "message_id": str(place + 1),
        "parent_id": str(place) if place else None,
        "timestamp": None if sent_at is None else _day(sent_at),
        "model": message.get("model"),
        "rating": message.get("rating"),
        "feedback_tags": None,
        "redactions": message.get("redactions") or 0,
        "language": None,
    }


def _day(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000 // DAY * DAY, UTC)
