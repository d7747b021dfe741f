"""Rows of releases made for tests, past any database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharelm.release.history import follow
from sharelm.release.layout import PREFIX
from sharelm.release.schema import RELEASE
from sharelm.release.write import release_writer, write_manifest

Said = tuple[str, str]


def public_id(number: int) -> str:
    return hashlib.sha256(f"made {number}".encode()).hexdigest()[:32]


def row(number: int, *said: Said, ratings: Iterable[int | None] = (), **changed: Any) -> dict[str, Any]:
    """A whole row of `default`; `said` are (role, content), `ratings` go with them."""
    said = said or (("user", f"question {number}"), ("assistant", f"answer {number}"))
    rated = [*ratings, *[None] * len(said)]
    turn = dict.fromkeys(("parent_id", "timestamp", "model", "feedback_tags", "language")) | {"redactions": 0}
    made = dict.fromkeys(RELEASE.names) | {
        "conversation_id": PREFIX + public_id(number),
        "conversation": [{"role": role, "content": content} for role, content in said],
        "source": "plugin",
        "user_metadata": {"location": None, "age": None, "gender": None},
        "conversation_metadata": {"redacted": False, "rate": changed.pop("rate", None)},
        "turns": [turn | {"message_id": str(place + 1), "rating": rated[place]} for place in range(len(said))],
        "license": "CC-BY-4.0",
        "content_hash": "0" * 64,
    }
    return made | changed


def batches(rows: Iterable[dict[str, Any]], *, size: int = 1_000) -> list[pa.RecordBatch]:
    ordered = sorted(rows, key=lambda one: one["conversation_id"])
    return [batch for batch in pa.Table.from_pylist(ordered, schema=RELEASE).to_batches(max_chunksize=size) if batch.num_rows]


def write_release(folder: Path, version: str, rows: Iterable[dict[str, Any]], *, before: Path | None = None, size: int = 1_000) -> Path:
    """A release without a database: its rows, a card, a manifest. Rows get their `release` as a build gives it."""
    with release_writer(folder) as writer:
        for step in follow(iter(batches([one | {"release": version} for one in rows], size=size)), before):
            writer.add(step.batch)
        files = writer.close()
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(f"# {version}\n", encoding="utf-8")
    write_manifest(folder, {"version": version}, [("README.md", None), *files])
    return folder
