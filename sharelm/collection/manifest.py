"""`manifest.json` of a source: what came in, what went out, and why the rest did not. Made anew from the reports of the shards."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharelm.collection.shard import IMPORTER_VERSION, REPORTS, Report, read_report
from sharelm.collection.source import Source
from sharelm.release.layout import DEFAULT, MANIFEST, PAIRS


def read_manifest(out: Path) -> dict[str, Any]:
    """Empty where nothing was imported yet."""
    try:
        said = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def finished_reports(out: Path) -> list[Report]:
    """In the order of their names, which come from what the files hold: the same on every machine."""
    found = (read_report(path) for path in sorted((out / REPORTS).glob("*.json")))
    return [report for report in found if report is not None]


def write_manifest(out: Path, source: Source, *, is_anonymised: bool) -> dict[str, Any]:
    said = manifest_of(source, finished_reports(out), is_anonymised=is_anonymised)
    draft = out / f".{MANIFEST}.{os.getpid()}"
    draft.write_text(json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(draft, out / MANIFEST)
    return said


def manifest_of(source: Source, reports: Sequence[Report], *, is_anonymised: bool) -> dict[str, Any]:
    counts = {name: _sum(reports, name) for name in ("left_out", "bad_rows", "pairs_left_out")}
    withheld = sum(report.tally.withheld for report in reports)
    read = {report.sha256: {"file": report.file, "bytes": report.bytes, "sha256": report.sha256} for report in reports}
    return {
        "source": source.name,
        "licence": source.licence,
        "redistributable": source.is_redistributable and not withheld,
        "unified": source.is_unified,
        "anonymised": is_anonymised,
        "rows_in": sum(report.tally.rows_in for report in reports),
        "rows_out": _rows(reports, DEFAULT),
        "pairs_out": _rows(reports, PAIRS),
        **counts,
        "source_checksum": checksum(read),
        "source_files": [read[digest] for digest in sorted(read)],
        "files": sorted((asdict(part) for report in reports for part in report.parts), key=lambda part: str(part["path"])),
        "writer": {"importer": IMPORTER_VERSION, "pyarrow": pa.__version__},
    }


def checksum(digests: Sequence[str] | dict[str, Any]) -> str:
    """SHA-256 of a single file; of several, of their SHA-256 in order, one a line."""
    ordered = sorted(digests)
    return ordered[0] if len(ordered) == 1 else hashlib.sha256("".join(f"{digest}\n" for digest in ordered).encode()).hexdigest()


def _rows(reports: Sequence[Report], config: str) -> int:
    return sum(part.rows for report in reports for part in report.parts if part.path.startswith(f"{config}/"))


def _sum(reports: Sequence[Report], name: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(getattr(report.tally, name))
    return dict(sorted(counts.items()))
