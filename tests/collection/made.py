"""Invented dumps, and what importing them gives."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sharelm.collection.engines import local_engine
from sharelm.collection.importer import import_source
from sharelm.collection.sources import source_named

FIXTURES = Path(__file__).parent / "fixtures"
USER, BOT = "user", "assistant"


class Imported:
    """The rows of both configs, by file name and place, and the manifest."""

    def __init__(self, out: Path, manifest: dict[str, Any]) -> None:
        self.out, self.manifest = out, manifest
        self.rows, self.pairs = rows_of(out / "default"), rows_of(out / "preference")

    @property
    def ids(self) -> list[str]:
        return [row["conversation_id"] for row in self.rows]

    @property
    def only(self) -> dict[str, Any]:
        assert len(self.rows) == 1
        return self.rows[0]

    @property
    def left_out(self) -> dict[str, int]:
        return dict(self.manifest["left_out"])

    @property
    def bad_rows(self) -> dict[str, int]:
        return dict(self.manifest["bad_rows"])


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def said(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in row["conversation"]]


def talk(*texts: str) -> list[dict[str, str]]:
    """Messages turn about, the user first."""
    return [{"role": (USER, BOT)[place % 2], "content": text} for place, text in enumerate(texts)]


def extra(row: dict[str, Any]) -> dict[str, Any]:
    return json.loads(row["conversation_metadata"]["extra_json"] or "{}")


def run(source: str, *paths: Path, out: Path, workers: int = 1, **more: Any) -> Imported:
    return Imported(out, import_source(source_named(source), paths, out, engine=local_engine(workers), **more))


def write_lines(path: Path, rows: list[Any], *, end: str = "\n") -> Path:
    """JSON Lines; a text stands for a line that is none."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    data = "".join(line + end for line in lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_parquet(path: Path, rows: list[dict[str, Any]], *, group: int = 1_000, schema: pa.Schema | None = None) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=group)
    return path


def files_of(out: Path) -> dict[str, bytes]:
    """Everything but the lock."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file() and path.name != ".lock"}


def lmsys(number: int, *texts: str, **more: Any) -> dict[str, Any]:
    return {
        "conversation_id": f"{number:032x}", "model": "vicuna-13b", "conversation": talk(*(texts or ("Hi", "Hello"))), "turn": 1,
        "language": "English", "openai_moderation": [], "redacted": False, **more,
    }  # fmt: skip
