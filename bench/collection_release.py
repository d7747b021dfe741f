"""How fast public datasets become part of a release, and in how much memory: near duplicates marked, rows sorted and written.

Synthetic dumps are made and imported first, in another process.

    .venv/bin/python bench/collection_release.py                          # 100,000 rows of wildchat and hh-rlhf each
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import collection as dumps  # puts the checkout into the path

from sharelm.collected import find_collection
from sharelm.collection.engines import local_engine
from sharelm.collection.importer import import_source
from sharelm.collection.sources import source_named
from sharelm.quality.bulk import Signer, group
from sharelm.release.collect import prepared
from sharelm.release.collected import Likeness
from sharelm.release.near import Marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="of each source (default 100,000)")
    parser.add_argument("--sources", default="wildchat,hh-rlhf")
    parser.add_argument("--data", type=Path, help="folder for what is made (default: the temporary folder)")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
        return
    folder = Path(tempfile.mkdtemp(prefix="slcollected", dir=options.data))
    try:
        bring(folder, dict.fromkeys(options.sources.split(","), options.rows))
        subprocess.run([sys.executable, __file__, "--measure", str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bring(folder: Path, sizes: dict[str, int]) -> None:
    dumps.make_dumps(folder, sizes)
    for name in sizes:
        import_source(source_named(name), [folder / "dumps" / name], folder / "collection" / name, engine=local_engine(2))
    shutil.rmtree(folder / "dumps")


def measure(folder: Path) -> None:
    found = find_collection(folder / "collection")
    rows = sum(one.facts.rows for one in found.datasets)
    begun = time.perf_counter(), time.process_time()
    marks = Marks(found.datasets, folder / "signatures", Likeness(Signer().sign, group))
    print_line("marks alone", rows, begun)
    print(f"{'':16} {marks.counts}")
    begun = time.perf_counter(), time.process_time()
    with prepared(found, folder) as ready:
        print_line("the whole", rows, begun)
        size = sum((ready.folder / name).stat().st_size for name, _ in ready.files) if ready else 0
    print(f"{'':16} {size / rows:,.0f} bytes for each row, pairs included")


def print_line(what: str, rows: int, begun: tuple[float, float]) -> None:
    seconds, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
    print(f"{what:16} {rows:,} rows, {seconds:.1f} s, CPU {cpu:.1f} s, {rows / cpu:,.0f} rows/s of a core, peak {dumps.peak_mb():.0f} MB")


if __name__ == "__main__":
    main()
