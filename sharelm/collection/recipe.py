"""Programs that stand in a release for what must not be passed on: with the user's own token they make the same of it as was made here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from sharelm.collection.source import Source

TEMPLATE = Path(__file__).parent / "recipe.txt"
CHECKED = ("rows_in", "rows_out", "pairs_out", "left_out", "bad_rows", "source_checksum")
"""Of the manifest of an import: the same for everybody who has the same files."""


def recipe_of(source: Source, said: Mapping[str, Any]) -> str:
    """A program of one file that needs a checkout of ShareLM; `said` is the manifest of the import here."""
    expected = json.dumps({name: said[name] for name in CHECKED}, indent=4, sort_keys=True)
    values = {
        "name": source.name,
        "licence": source.licence,
        "how": source.how,
        "place": json.dumps(source.hub),
        "options": json.dumps(["--anonymise"] if said["anonymised"] else []),
        "expected": expected,
        "terms": f"Accept its terms at https://huggingface.co/datasets/{source.hub} first."
        if source.is_gated and source.hub
        else "Keep to its terms.",
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)
