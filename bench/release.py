"""How fast a release is written and looked at, and with how much memory, beside what else could write it: from SQLite and from Postgres.

A scratch database is filled with invented conversations (1.2 kB on average), every measurement runs in a process of its own, in turns:

  default    ours, the config `default` alone, from the database to the files on the disk
  all        ours, all configs
  next       ours, all configs of a second release: rows are compared with the first one's, and the delta is written
  copy       a bare copy: ADBC into a ParquetWriter, messages as one string, nothing parsed
  datasets   `Dataset.from_generator` and `to_parquet` of the same rows as dictionaries, read by a cursor and `json.loads`
  fed        the same two, with the rows from our own reader, in its process and threads
  gate       the gate over the files of `all`

Rows per second are of the whole way; CPU seconds are those of the process and its children with their start;
memory is the peak of the process. The reader of SQLite is a process of its own with 67 MB; a system counts more for it, what its parent had when
it started it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from _many import COLUMNS, Vocabulary
from _plain_rows import plain_rows
from _postgres import postgres

from sharelm import ShareLM, create_app
from sharelm.config import Config
from sharelm.jobs import workshop
from sharelm.release import make
from sharelm.release.build import Workshop
from sharelm.release.delta import DeltaWriter, Neighbours
from sharelm.release.gate import find_obstacles
from sharelm.release.history import follow
from sharelm.release.layout import DEFAULT
from sharelm.release.licences import licence_by_model
from sharelm.release.parquet import WRITER
from sharelm.release.rows import Publisher
from sharelm.release.schema import SCHEMAS
from sharelm.release.write import Written, parts_pool, release_writer, write_manifest
from sharelm.store.arrow import SCHEMA, stream_candidates
from sharelm.store.types import to_micros

SECRET = "a secret for measuring, which opens nothing at all"
CONTRIBUTORS = 20_000
CORPUS_WORDS = 4_000_000
MEAN_CHARACTERS = 1_100  # of text; 1.2 kB with what stands around it
MODELS = ("gpt-4o", "tern-mini", "heron/heron-2-70b-instruct", "open-forest/larch-8b", None)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = ("default", "all", "next", "copy", "datasets", "fed", "gate")
COMPARED_ROWS = 5_000


def main() -> None:
    options = parse_options()
    if options.measure:
        measure_here(options)
        return
    folder = Path(tempfile.mkdtemp(prefix="slrelease", dir=options.data))
    try:
        with ExitStack() as stack:
            for name in options.databases.split(","):
                (folder / name).mkdir()
                address = stack.enter_context(postgres()).make_database("slrelease") if name == "postgres" else ""
                fill(folder / name, address, options.conversations)
                compare_rows(folder / name, address)
                print_table(name, options, [(kind, run(kind, folder / name, address, options)) for kind in options.kinds.split(",")])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=200_000, help="default 200,000; the aims are for 2,300,000")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement; the median counts (default 3)")
    parser.add_argument("--databases", default="sqlite,postgres", help="default sqlite,postgres")
    parser.add_argument("--kinds", default=",".join(KINDS), help="what to measure, in this order")
    parser.add_argument("--data", type=Path, default=None, help="folder for the data, on the disk to measure (default: the temporary folder)")
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def run(kind: str, folder: Path, address: str, options: argparse.Namespace) -> list[dict[str, float]]:
    rounds = []
    for _ in range(1 if kind in ("datasets", "fed") else options.rounds):
        command = [sys.executable, __file__, "--measure", kind, "--folder", str(folder), "--address", address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr[-2_000:])
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    return rounds


def measure_here(options: argparse.Namespace) -> None:
    app = open_app(options.folder, options.address)
    out = options.folder / f"out-{options.measure}"
    if options.measure != "gate":
        shutil.rmtree(out, ignore_errors=True)
    begun = time.perf_counter()
    rows = MEASURES[options.measure](workshop(app.server), out)
    seconds = time.perf_counter() - begun
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)
    size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, "mb": peak_mb(), "file_mb": size / 1e6}))


def peak_mb() -> float:
    """Of this process since it began; `ru_maxrss` would count what its parent had."""
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) / 1_024


def measure_default(shop: Workshop, out: Path) -> int:
    return write_all(shop, out, configs=(DEFAULT,))


def measure_all(shop: Workshop, out: Path) -> int:
    return write_all(shop, out, configs=SCHEMAS)


def write_all(shop: Workshop, out: Path, *, configs: Any) -> int:
    written = Written()
    with release_writer(out, configs=configs) as writer:
        for step in follow(published(shop), None):
            written.count(step.batch)
            writer.add(step.batch)
        written.files = writer.close()
    write_manifest(out, {"version": "v1", "configs": written.configs}, written.files)
    return written.row_count


def measure_next(shop: Workshop, out: Path) -> int:
    """After `all`: everything is as it was, which takes longest to find out."""
    before, rows = out.parent / "out-all", 0
    with release_writer(out) as writer, parts_pool() as pool:
        delta = DeltaWriter(out.parent / "out-delta", pool)
        for step in follow(published(shop, "v2"), before):
            rows += step.batch.num_rows
            if step.batch.num_rows:
                writer.add(step.batch)
            delta.add(step)
        write_manifest(out, {"version": "v2"}, writer.close())
        delta.close(out, Neighbours("v1", "v2", "0" * 64), code_version="bench")
    return rows


def measure_copy(shop: Workshop, out: Path) -> int:
    import pyarrow.parquet as pq

    out.mkdir(parents=True)
    rows = 0
    with pq.ParquetWriter(out / "copy.parquet", SCHEMA, **WRITER) as writer:
        for table in make._handfuls(stream_candidates(shop.engine, now=NOW)):
            writer.write_table(table)
            rows += table.num_rows
    return rows


def measure_datasets(shop: Workshop, out: Path) -> int:
    return write_by_datasets(lambda: plain_rows(shop.engine, publisher_of(shop)), out)


def measure_fed(shop: Workshop, out: Path) -> int:
    return write_by_datasets(lambda: dictionaries(shop), out)


def dictionaries(shop: Workshop) -> Iterator[dict[str, Any]]:
    for batch in published(shop):
        yield from batch.to_pylist()


def write_by_datasets(rows: Callable[[], Iterator[dict[str, Any]]], out: Path) -> int:
    from datasets import Dataset

    out.mkdir(parents=True)
    # Types are left to be guessed, which is twice as fast; with a fingerprint: else it pickles all that the rows refer to.
    made = Dataset.from_generator(rows, cache_dir=str(out / "cache"), fingerprint="rows-of-a-release")
    made.to_parquet(str(out / "train.parquet"))
    shutil.rmtree(out / "cache")
    return int(made.num_rows)


def measure_gate(shop: Workshop, out: Path) -> int:
    """Over the files of `all`."""
    folder = out.parent / "out-all"
    obstacles = find_obstacles(folder, shop.lookout)
    if obstacles:
        sys.exit(" ".join(obstacles)[:500])
    return sum(json.loads((folder / "manifest.json").read_text())["configs"][DEFAULT].values())


MEASURES: dict[str, Callable[[Workshop, Path], int]] = {
    "default": measure_default,
    "all": measure_all,
    "next": measure_next,
    "copy": measure_copy,
    "datasets": measure_datasets,
    "fed": measure_fed,
    "gate": measure_gate,
}


def published(shop: Workshop, version: str = "v1") -> Iterator[Any]:
    return make.published_rows(stream_candidates(shop.engine, now=NOW), publisher_of(shop, version))


def publisher_of(shop: Workshop, version: str = "v1") -> Publisher:
    return Publisher(version, shop.lookout.pseudonym, licence_by_model("CC-BY-4.0"))


def open_app(folder: Path, address: str) -> ShareLM:
    environment = {"SHARELM_INSTANCE": str(folder), "SHARELM_SECRET": SECRET, "SHARELM_JOBS": "off", "DATABASE_URL": address}
    app = create_app(Config.from_environment(environment))
    app.open()
    return app


def fill(folder: Path, address: str, count: int) -> None:
    app = open_app(folder, address)
    app.server.engine.dispose()
    at = to_micros(NOW) - 86_400_000_000
    people = [(n, n.to_bytes(32, "big"), at, False) for n in range(1, CONTRIBUTORS + 1)]
    consents = [(n, n, "1", "en", "0" * 64, at) for n in range(1, CONTRIBUTORS + 1)]
    tables: list[tuple[str, tuple[str, ...], Any]] = [
        ("contributor", ("id", "user_digest", "created_at", "is_ungrouped"), people),
        ("consent", ("id", "contributor_id", "version", "language", "text_sha256", "given_at"), consents),
        ("conversation", COLUMNS, conversations(count, at)),
    ]
    fill_postgres(address, tables) if address else fill_sqlite(app.server.config.sqlite_file, tables)


def compare_rows(folder: Path, address: str) -> None:
    """What is measured side by side writes the same rows."""
    shop = workshop(open_app(folder, address).server)
    plain, ours = plain_rows(shop.engine, publisher_of(shop)), dictionaries(shop)
    if list(itertools.islice(plain, COMPARED_ROWS)) != list(itertools.islice(ours, COMPARED_ROWS)):
        sys.exit("The rows that are compared are not the same.")


def conversations(count: int, at: int) -> Iterator[tuple[Any, ...]]:
    """In the order of `_many.COLUMNS`; pieces of a long text of made-up words, so that no two are alike."""
    corpus, chance = Vocabulary().text(CORPUS_WORDS), random.Random(11)
    for number in range(1, count + 1):
        messages, said = conversation_json(corpus, chance)
        yield (
            number, f"{chance.getrandbits(128):032x}", chance.randint(1, CONTRIBUTORS), chance.randbytes(32), "approved", at, at, at, at, said, 1000,
            1, 1, chance.choice((None, None, None, None, 1, -1)), "plugin", "1", 0, False, "gradio", chance.choice(MODELS), None, "1", "",
            f"c-{number}", chance.choice(("en", "en", "de", None)), said // 2, 0, 0, messages,
        )  # fmt: skip


def conversation_json(corpus: str, chance: random.Random) -> tuple[str, int]:
    count = 2 * chance.choice((1, 1, 2, 2, 3, 4))
    parts = []
    for place in range(count):
        length = int(chance.expovariate(count / MEAN_CHARACTERS)) + 10
        start = chance.randrange(len(corpus) - length)
        rating = ',"rating":1' if place % 2 and chance.random() < 0.05 else ""
        role = "assistant" if place % 2 else "user"
        parts.append(f'{{"role":"{role}","content":"{corpus[start : start + length].strip() or "x"}","n":{place}{rating}}}')
    return f"[{','.join(parts)}]", count


def fill_sqlite(path: Path, tables: list[tuple[str, tuple[str, ...], Any]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "secure_delete=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for name, columns, rows in tables:
        connection.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def fill_postgres(address: str, tables: list[tuple[str, tuple[str, ...], Any]]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for name, columns, rows in tables:
            with connection.transaction(), connection.cursor().copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute("VACUUM ANALYZE")


def print_table(name: str, options: argparse.Namespace, found: list[tuple[str, list[dict[str, float]]]]) -> None:
    print(f"\n{name}, {options.conversations:,} conversations, medians of {options.rounds} rounds")
    print(f"{'':10} {'seconds':>9} {'rows/s':>9} {'CPU s':>9} {'peak MB':>9} {'files MB':>9}")
    for kind, rounds in found:
        median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        speed = median["rows"] / median["seconds"]
        memory = f"{median['mb']:9.0f} {median['file_mb']:9.1f}"
        print(f"{kind:10} {median['seconds']:9.1f} {speed:9,.0f} {median['cpu']:9.1f} {memory}")


if __name__ == "__main__":
    main()
