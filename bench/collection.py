"""How fast and in how much memory the collection is unified, side by side with `datasets.load_dataset(...).map(...).to_parquet`.

Synthetic dumps in each source's real format and mix are made once. Every measurement runs in a process of its own. `rows/s` counts what one core
does in a second of its time, `peak MB` is the largest process.

    .venv/bin/python bench/collection.py                     # the whole: 2.3 million rows, some GB on the disk
    .venv/bin/python bench/collection.py --scale 0.01        # a look
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import _dumps as dumps

from sharelm.collection.digest import digest_of
from sharelm.collection.engines import dask_engine, local_engine
from sharelm.collection.importer import import_source
from sharelm.collection.source import Row
from sharelm.collection.sources import source_named

PER_FILE = 100_000
MIX = {
    "lmsys-chat-1m": 1_000_000,
    "wildchat": 838_000,
    "hh-rlhf": 169_000,
    "self-feeding": 132_000,
    "sharegpt": 91_000,
    "chatbot-arena": 33_000,
    "babi-dialog": 29_000,
    "prism": 8_000,
}
"""2.3 million rows, in the proportions of the published sources."""
AIMS = "aims: 25,000 rows/s for lmsys-chat-1m, 500 MB at most, the whole within 180 s on two cores, 3 times as fast as datasets"


def main() -> None:
    options = parse_options()
    if options.measure:
        print(json.dumps(measure(options)))
        return
    folder = Path(tempfile.mkdtemp(prefix="slcollection", dir=options.data))
    try:
        sizes = {name: max(int(rows * options.scale), 100) for name, rows in MIX.items() if name in options.sources.split(",")}
        make_dumps(folder, sizes)
        print_sources(folder, sizes)
        print_compared(folder, sizes)
        print_whole(folder, sizes, options)
        print(AIMS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the 2.3 million rows (default 1)")
    parser.add_argument("--sources", default=",".join(MIX), help="default: all")
    parser.add_argument("--workers", type=int, default=2, help="for the whole (default 2)")
    parser.add_argument("--engines", default="local", help="for the whole: local, dask or both with a comma (default local)")
    parser.add_argument("--data", type=Path, default=None, help="folder for the dumps and what is made of them (default: the temporary folder)")
    parser.add_argument("--measure", choices=("ours", "datasets", "whole"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="local", help=argparse.SUPPRESS)
    return parser.parse_args()


def make_dumps(folder: Path, sizes: dict[str, int]) -> None:
    jobs = [
        (folder, name, number, min(PER_FILE, rows - start)) for name, rows in sizes.items() for number, start in enumerate(range(0, rows, PER_FILE))
    ]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(make_dump, jobs))


def make_dump(job: tuple[Path, str, int, int]) -> None:
    folder, name, number, rows = job
    place = folder / "dumps" / name
    place.mkdir(parents=True, exist_ok=True)
    seed = number + 1
    texts = dumps.Texts(seed)
    writers: dict[str, Callable[[], None]] = {
        "lmsys-chat-1m": lambda: dumps.write_parquet(place / f"train-{number:05}.parquet", dumps.LMSYS, rows, dumps.lmsys_row, seed=seed),
        "wildchat": lambda: dumps.write_parquet(place / f"train-{number:05}.parquet", dumps.WILDCHAT, rows, dumps.wildchat_row, seed=seed),
        "chatbot-arena": lambda: dumps.write_parquet(place / f"train-{number:05}.parquet", dumps.ARENA, rows, dumps.arena_row, seed=seed),
        "hh-rlhf": lambda: dumps.write_lines(place / f"helpful-base-{number}-train.jsonl.gz", dumps.json_lines(rows, dumps.hh_row, seed=seed)),
        "sharegpt": lambda: dumps.write_lines(place / f"sg-{number}.jsonl", dumps.json_lines(rows, dumps.sharegpt_row, seed=seed)),
        "prism": lambda: dumps.write_lines(place / "conversations.jsonl", dumps.json_lines(rows, dumps.prism_row, seed=seed)),
        "self-feeding": lambda: dumps.write_lines(place / f"train_hb_{number}.txt", dumps.selffeeding_lines(texts, rows)),
        "babi-dialog": lambda: dumps.write_lines(place / "dialog-babi-task6-dstc2-trn.txt", dumps.babi_lines(texts, rows)),
    }
    writers[name]()


def print_sources(folder: Path, sizes: dict[str, int]) -> None:
    """Each source alone, in one process."""
    print(f"{'one core':16} {'rows':>10} {'seconds':>9} {'CPU s':>8} {'rows/s':>9} {'peak MB':>8} {'B/row in':>9} {'B/row out':>9}")
    for name in sizes:
        found = in_a_process("ours", folder, sources=name)
        size = sum(path.stat().st_size for path in (folder / "dumps" / name).iterdir())
        speed, out = found["rows"] / found["cpu"], found["bytes"] / found["rows"]
        numbers = f"{found['rows']:>10,} {found['seconds']:>9.1f} {found['cpu']:>8.1f} {speed:>9,.0f} {found['mb']:>8.0f}"
        print(f"{name:16} {numbers} {size / found['rows']:>9.0f} {out:>9.0f}")


def print_compared(folder: Path, sizes: dict[str, int]) -> None:
    """The same mapping of the same file, by us and with datasets, one after the other."""
    print(f"\n{'one file':16} {'ours s':>9} {'datasets s':>11} {'times':>6} {'ours MB':>8} {'datasets MB':>12}")
    for name in (name for name in ("lmsys-chat-1m", "wildchat") if name in sizes):
        only = folder / "one" / "dumps" / name
        only.mkdir(parents=True)
        first = sorted((folder / "dumps" / name).iterdir())[0]
        (only / first.name).symlink_to(first)
        ours, theirs = (in_a_process(kind, folder / "one", sources=name) for kind in ("ours", "datasets"))
        memory = f"{ours['mb']:>8.0f} {theirs['mb']:>12.0f}"
        print(f"{name:16} {ours['seconds']:>9.1f} {theirs['seconds']:>11.1f} {theirs['seconds'] / ours['seconds']:>6.1f} {memory}")


def print_whole(folder: Path, sizes: dict[str, int], options: argparse.Namespace) -> None:
    """All sources, from the dumps to the manifests."""
    print(f"\n{'the whole':16} {'rows':>10} {'seconds':>9} {'rows/s':>9} {'worker MB':>10}   with {options.workers} workers")
    for engine in options.engines.split(","):
        found = in_a_process("whole", folder, sources=",".join(sizes), workers=options.workers, engine=engine)
        memory = max(found["child_mb"], found["mb"])
        print(f"{engine:16} {found['rows']:>10,} {found['seconds']:>9.1f} {found['rows'] / found['seconds']:>9,.0f} {memory:>10.0f}")


def in_a_process(kind: str, folder: Path, *, sources: str, workers: int = 1, engine: str = "local") -> dict[str, Any]:
    words = ["--measure", kind, "--folder", str(folder), "--sources", sources, "--workers", str(workers), "--engine", engine]
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2_000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(options: argparse.Namespace) -> dict[str, float]:
    names, out = options.sources.split(","), options.folder / f"out-{options.measure}"
    shutil.rmtree(out, ignore_errors=True)
    begun, cpu_begun = time.perf_counter(), time.process_time()  # without what the imports above took
    if options.measure == "datasets":
        rows = map_with_datasets(names[0], sorted((options.folder / "dumps" / names[0]).iterdir()), out)
    else:
        rows = sum(bring(name, options, out / name) for name in names)
    seconds = time.perf_counter() - begun
    cpu, children = time.process_time() - cpu_begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    shutil.rmtree(out, ignore_errors=True)
    return {"rows": rows, "seconds": seconds, "cpu": cpu, "mb": peak_mb(), "child_mb": children.ru_maxrss / 1_024, "bytes": size}


def bring(name: str, options: argparse.Namespace, out: Path) -> int:
    engine = dask_engine(workers=options.workers) if options.engine == "dask" else local_engine(options.workers)
    manifest = import_source(source_named(name), [options.folder / "dumps" / name], out, engine=engine)
    return int(manifest["rows_in"])


def map_with_datasets(name: str, files: Sequence[Path], out: Path) -> int:
    """What a researcher writes: the same columns, row by row."""
    from datasets import load_dataset

    source = source_named(name)

    def unify(row: dict[str, Any], number: int) -> dict[str, Any]:
        found: Any = next(iter(source.read_row(Row(row, number))))
        metadata = {"language": found.language, "toxic": found.toxic, "redacted": found.redacted}
        return {
            "conversation_id": found.conversation_id, "conversation": [{"role": str(role), "content": text} for role, text in found.messages],
            "model_name": found.model_name, "user_id": found.user_id, "timestamp": found.timestamp, "source": source.name,
            "user_metadata": {"location": found.location}, "conversation_metadata": metadata, "license": source.licence,
            "content_hash": digest_of(found.messages),
        }  # fmt: skip

    cache = str(out / "cache")
    given = load_dataset("parquet", data_files=[str(path) for path in files], split="train", cache_dir=cache)
    made = given.map(unify, with_indices=True, remove_columns=given.column_names)
    made.to_parquet(str(out / "train.parquet"))
    return int(made.num_rows)


def peak_mb() -> float:
    """Of this process since it began; `ru_maxrss` would count what its parent had."""
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) / 1_024


if __name__ == "__main__":
    main()
