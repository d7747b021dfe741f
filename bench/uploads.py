"""Uploads per second: ours beside a server of the original's design and a bare Flask application, in interleaved rounds of one run.

(a) the original's design: one session, anonymises inline, Postgres, 2 sync workers    (b) a bare Flask JSON endpoint under our gunicorn settings
(c) ours on SQLite, synchronous=FULL                                                    (d) ours on Postgres

Ours is started as in production through `gunicorn app:app`, with SHARELM_JOBS=off: a web-only process, the anonymiser does not run beside it.
Every server gets one core, the same for all, and the load and Postgres get the others, so that uploads/s compare what an upload costs;
`--spread` leaves all of them on all cores, where two workers of (a) use twice the CPU of the one process of the others.

Every request is a new conversation of 3–6 turns and about 10 kB, from 200 contributors who have uploaded before. CPU ms is what the
server's own processes use per upload (Postgres' not among them). Trust the ratios, and the CPU time on a machine that others use too.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from _conversations import upload_bodies, user_ids, warm_up_bodies
from _load import HOW_TO_GET_WRK, Result, client_name, run_load
from _postgres import Postgres, postgres
from _servers import Command, Running, echo, original, ours

VARIANTS = {"a": "the original's design, Postgres", "b": "bare Flask, no storage", "c": "ours, SQLite FULL", "d": "ours, Postgres"}
ON_POSTGRES = {"a", "d"}


@dataclass(frozen=True)
class Target:
    """What a variant must reach: a ratio of medians to another variant, or a longest p99."""

    variant: str
    to: str = ""
    ratio: float = 0.0
    p99_ms: float = 0.0

    def verdict(self, rounds: Mapping[str, Sequence[Result]]) -> str | None:
        """None where a variant that it compares was not run."""
        if self.variant not in rounds or (self.to and self.to not in rounds):
            return None
        if self.to:
            found, is_met = ratio(rounds, self.variant, self.to), ratio(rounds, self.variant, self.to) >= self.ratio
            return f"({self.variant}) ≥ {self.ratio:g} × ({self.to}): {found:.2f}  {'met' if is_met else 'MISSED'}"
        slowest = median_of(rounds[self.variant], "p99_ms")
        return f"({self.variant}) p99 ≤ {self.p99_ms:g} ms: {slowest:.1f}  {'met' if slowest <= self.p99_ms else 'MISSED'}"


TARGETS = (
    Target("c", to="a", ratio=10),
    Target("c", to="b", ratio=0.35),
    Target("d", to="a", ratio=12),
    Target("c", p99_ms=40),
    Target("d", p99_ms=70),
)


def main() -> None:
    options = parse_options()
    folder = Path(tempfile.mkdtemp(prefix="slbench", dir=options.data))
    try:
        print_machine(folder)
        core = None if options.spread else reserve_core()
        rounds = measure(folder, options.only, seconds=options.seconds, count=options.rounds, core=core)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_table(rounds)
    print_targets(rounds)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.epilog = f"The load comes from {HOW_TO_GET_WRK}; without it from Python threads."
    parser.add_argument("--seconds", type=float, default=6, help="length of one round of one variant (default 6, at most 60)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per variant (default 5, at most 20)")
    parser.add_argument("--spread", action="store_true", help="let the servers use all cores")
    parser.add_argument("--only", default="abcd", help="variants to run, such as `bc` (default abcd)")
    parser.add_argument(
        "--data", type=Path, default=None, help="folder for the servers' data, on the disk to measure (default: the temporary folder)"
    )
    options = parser.parse_args()
    if not 1 <= options.seconds <= 60 or not 1 <= options.rounds <= 20 or not set(options.only) <= set(VARIANTS):
        parser.error("--seconds 1 to 60, --rounds 1 to 20, --only letters of abcd")
    options.only = "".join(sorted(set(options.only)))
    return options


def reserve_core() -> int | None:
    """Keep the first core for the servers: this program, and what it starts from here on, moves to the others. None with a single core."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        print("one core, or a system that cannot pin: the servers share it with the load")
        return None
    os.sched_setaffinity(0, cores[1:])
    return cores[0]


def measure(folder: Path, only: str, *, seconds: float, count: int, core: int | None) -> dict[str, list[Result]]:
    """Rounds in the order A B C D A B C D …: what else happens on the machine hits all of them."""
    owners = user_ids()
    bodies = folder / "bodies"
    bodies.write_text("\n".join(upload_bodies(owners)) + "\n", encoding="utf-8")
    rounds: dict[str, list[Result]] = {variant: [] for variant in only}
    with servers(folder, only, core) as running:
        for variant in only:
            warm_up(running[variant].port, owners)
            run_load(running[variant].port, bodies, seconds=1)
        for number in range(count):
            for variant in only:
                result = one_round(running[variant], bodies, seconds=seconds)
                rounds[variant].append(result)
                print(f"  round {number + 1} ({variant}) {result.per_second:7.0f}/s  p99 {result.p99_ms:6.1f} ms  errors {result.errors}", flush=True)
    return rounds


def one_round(server: Running, bodies: Path, *, seconds: float) -> Result:
    before = server.cpu_seconds()
    result = run_load(server.port, bodies, seconds=seconds)
    after = server.cpu_seconds()
    if before is None or after is None or not result.answered:
        return result
    return replace(result, cpu_ms=1000 * (after - before) / result.answered)


@contextmanager
def servers(folder: Path, only: str, core: int | None) -> Iterator[dict[str, Running]]:
    """The running servers, by variant; all are ended afterwards."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres()) if ON_POSTGRES & set(only) else None
        running = {}
        for variant in only:
            command = command_for(variant, folder, database, stack)
            command.core = core
            running[variant] = command.start()
            stack.callback(running[variant].stop)
        yield running


def command_for(variant: str, folder: Path, database: Postgres | None, stack: ExitStack) -> Command:
    if variant == "b":
        return echo("echo", folder)
    if variant == "c":
        return ours("sqlite", folder)
    assert database is not None
    name = f"sharelm_bench_{variant}_{os.getpid()}"
    address = database.make_database(name)
    stack.callback(database.drop_database, name)
    return original("original", folder, database_url=address) if variant == "a" else ours("postgres", folder, database_url=address)


def warm_up(port: int, owners: Sequence[str]) -> None:
    """Every contributor uploads once. Raises RuntimeError if one is not taken."""
    for body in warm_up_bodies(owners):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        link.request("POST", "/api/endpoint", body.encode(), {"Content-Type": "application/json"})
        status = link.getresponse().status
        link.close()
        if status != 200:
            raise RuntimeError(f"the warm-up upload was answered with {status}")


def median_of(results: Sequence[Result], name: str) -> float:
    return statistics.median(getattr(result, name) for result in results)


def ratio(rounds: Mapping[str, Sequence[Result]], variant: str, to: str) -> float:
    return median_of(rounds[variant], "per_second") / median_of(rounds[to], "per_second")


def print_table(rounds: Mapping[str, Sequence[Result]]) -> None:
    print(f"\n{'':2} {'variant (medians)':34} {'uploads/s':>9} {'to (a)':>8} {'to (b)':>8} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8} {'errors':>7}")
    for variant, results in rounds.items():
        ratios = [f"{ratio(rounds, variant, to):8.2f}" if to in rounds else f"{'–':>8}" for to in "ab"]
        speed, p50, p99, cpu = (median_of(results, name) for name in ("per_second", "p50_ms", "p99_ms", "cpu_ms"))
        errors = sum(result.errors for result in results)
        print(f"{variant:2} {VARIANTS[variant]:34} {speed:9.0f} {ratios[0]} {ratios[1]} {p50:8.1f} {p99:8.1f} {cpu:8.2f} {errors:7}")


def print_targets(rounds: Mapping[str, Sequence[Result]]) -> None:
    verdicts = [verdict for target in TARGETS if (verdict := target.verdict(rounds))]
    print("\ntargets" if verdicts else "", *verdicts, sep="\n  ")


def print_machine(folder: Path) -> None:
    """What the numbers depend on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("flask", "sqlalchemy", "gunicorn", "psycopg"))
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, {packages}")
    print(
        f"load: {client_name()}, 8 connections; fsync of 10 kB: {1000 * fsync_seconds(folder):.2f} ms; load average {os.getloadavg()[0]:.1f}\n",
        flush=True,
    )


def fsync_seconds(folder: Path) -> float:
    """The median of 50, on the disk that the servers write to."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            file.write(bytes(10_000))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
