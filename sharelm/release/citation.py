"""CITATION.cff: how a release wishes to be cited (Citation File Format 1.2.0)."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "CITATION.cff"


def write_citation(folder: Path, *, version: str, licence: str, operator: str, address: str) -> None:
    """Values are JSON strings, which YAML reads as they are. There is no date: the version names the month, and the same rows give the same bytes."""
    authors = ["  - name: " + _text("The contributors of ShareLM")]
    authors += ["  - name: " + _text(operator)] if operator else []
    lines = [
        "cff-version: 1.2.0",
        "message: " + _text("If you use this dataset, please cite it as below."),
        "type: dataset",
        "title: " + _text("ShareLM: conversations between people and language models"),
        "version: " + _text(version),
        "license: " + _text(licence),
        "url: " + _text(f"{address}/releases/{version}"),
        "authors:",
        *authors,
    ]
    (folder / NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
