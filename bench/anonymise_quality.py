"""What anonymisers let through and what they damage, on any folder of labelled JSON lines: `bench/anonymise_quality.py DIR`.

A row is {"text": …, "spans": [{"start", "end", "label"}]}. A file without any labelled place holds nothing personal: there every changed line
is damage. Leak is the share of personal places that stay readable, precision the share of replaced characters that were personal.
Rows count as what a person wrote, each as a conversation of its own. Systems that are not installed are left out, and named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from _anonymisers import SYSTEMS, Worker
from _score import ENOUGH, PERSONAL, Place, Row, Score, changed_lines, score

ROWS_AT_ONCE = 200
DEFAULT = ("ours (rules)", "ours + names", "anonymization", "scrubadub", "presidio")


def main() -> None:
    options = _options()
    files = {path.name: _read(path) for path in sorted(options.folder.glob("*.jsonl"))}
    if not files:
        sys.exit(f"There is no .jsonl file in {options.folder}.")
    for name in options.systems:
        try:
            worker = Worker(name)
        except ImportError as reason:
            print(f"\n{name}: left out, {reason}")
            continue
        print(f"\n{name}")
        for file, rows in files.items():
            found = list(_find(worker, rows))
            print(f"  {file:28} {_report(rows, found)}", flush=True)
            for line in _examples(rows, found, options.show):
                print(f"      {line}")
        worker.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=DEFAULT, metavar="NAME", help=f"of: {', '.join(SYSTEMS)}")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="also print up to N misses and N false alarms of each file")
    return parser.parse_args()


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [{"spans": []} | json.loads(line) for line in lines if line.strip()]


def _find(worker: Worker, rows: Sequence[Row]) -> Iterator[list[Place]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        answer = worker.ask(texts=[row["text"] for row in rows[start : start + ROWS_AT_ONCE]])
        yield from ([(begin, end, label) for begin, end, label in places] for places in answer)


def _report(rows: Sequence[Row], found: Sequence[Sequence[Place]]) -> str:
    if not any(row["spans"] for row in rows):
        counts = [changed_lines(row["text"], places) for row, places in zip(rows, found, strict=True)]
        changed, lines = (sum(numbers) for numbers in zip(*counts, strict=True))
        return f"damage {changed / lines:7.2%} ({changed} of {lines} lines)"
    total = Score()
    for row, places in zip(rows, found, strict=True):
        total += score(row, places)
    recall = "  ".join(f"{label} {share:.1%}" for label, share in total.recall.items())
    return f"leak {_percent(total.leak)}  precision {_percent(total.precision)}  recall: {recall}"


def _percent(share: float | None) -> str:
    return "     –" if share is None else f"{share:6.1%}"


def _examples(rows: Sequence[Row], found: Sequence[Sequence[Place]], limit: int) -> Iterator[str]:
    """For development data only: what was missed and what was replaced for nothing, with a little of what is around it."""
    shown: Counter[str] = Counter()
    for row, places in zip(rows, found, strict=True):
        for kind, start, end, label in [*_missed(row, places), *_excess(row, places)]:
            shown[kind] += 1
            if shown[kind] <= limit:
                text = row["text"]
                yield f"{kind} {label}: {text[max(0, start - 40) : start]!r} [{text[start:end]!r}] {text[end : end + 30]!r}"


def _missed(row: Row, places: Sequence[Place]) -> Iterator[tuple[str, int, int, str]]:
    for span in row["spans"]:
        start, end = span["start"], span["end"]
        marks = [i for i in range(start, end) if row["text"][i].isalnum()]
        covered = sum(any(begin <= i < stop for begin, stop, _ in places) for i in marks)
        if span["label"] in PERSONAL and covered < ENOUGH * len(marks):
            yield "missed", start, end, span["label"]


def _excess(row: Row, places: Sequence[Place]) -> Iterator[tuple[str, int, int, str]]:
    for start, end, label in places:
        if not any(span["start"] < end and start < span["end"] for span in row["spans"]):
            yield "false alarm", start, end, label


if __name__ == "__main__":
    main()
