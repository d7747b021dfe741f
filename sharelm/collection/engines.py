"""Where shards are made: in processes of this machine, or on workers of dask. A worker that dies costs the time of its shards only."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from sharelm.collection.shard import Report, Shard, import_shard
from sharelm.errors import ShareLMError

Engine = Callable[[Sequence[Shard]], Iterator[Report]]
DEATHS_ALLOWED = 3
"""A shard that was being made each time when a worker died is taken for the reason."""


def make_shard(shard: Shard) -> Report:
    """What workers run. They log what is raised, and dask also sends it on: so of what nobody expected only the type comes out."""
    try:
        return import_shard(shard)
    except ShareLMError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        raise ShareLMError(f"A shard could not be made: {type(error).__name__} in {frames[-1].name}, line {frames[-1].lineno}.") from None


def local_engine(workers: int | None = None) -> Engine:
    """Processes, one for each core unless told otherwise; a single shard is made in this one."""
    count = workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else workers or os.cpu_count() or 1

    def run(shards: Sequence[Shard]) -> Iterator[Report]:
        if len(shards) < 2 or count < 2:
            yield from map(make_shard, shards)
        else:
            yield from _in_processes(shards, count)

    return run


def _in_processes(shards: Sequence[Shard], count: int) -> Iterator[Report]:
    """With every death all processes of the pool are gone; what they had not finished begins again in a new one."""
    waiting, deaths = list(shards), 0
    while waiting:
        before = len(waiting)
        try:
            for done, report in _one_pool(waiting, count):
                waiting.remove(done)
                yield report
        except BrokenProcessPool:
            deaths = deaths + 1 if len(waiting) == before else 0
            if deaths == DEATHS_ALLOWED:
                raise ShareLMError("Workers die again and again; is there enough memory? What is finished is kept.") from None


def _one_pool(shards: Sequence[Shard], count: int) -> Iterator[tuple[Shard, Report]]:
    # Spawned, not forked: Arrow's threads do not survive a fork.
    with ProcessPoolExecutor(min(count, len(shards)), mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(make_shard, shard): shard for shard in shards}
        for future in as_completed(futures):
            yield futures[future], future.result()


def dask_engine(scheduler: str | None = None, workers: int | None = None) -> Engine:
    """A scheduler that is running, by its address, or one of our own on this machine. Its workers must see the same folders."""

    def run(shards: Sequence[Shard]) -> Iterator[Report]:
        if not shards:
            return
        with _client(scheduler, workers) as client:
            yield from _on_client(client, shards)

    return run


def _on_client(client: Any, shards: Sequence[Shard]) -> Iterator[Report]:
    from distributed import as_completed as completed

    # Not by what they say: the same shard asked for again, after its files were deleted, is to be made again.
    futures = client.map(make_shard, shards, pure=False, retries=DEATHS_ALLOWED)
    for future in completed(futures):
        yield future.result()


@contextmanager
def _client(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster

    if scheduler:
        try:
            client = Client(scheduler, timeout=30)
        except (OSError, ValueError):
            raise ShareLMError("The scheduler does not answer; its address is like tcp://10.0.0.1:8786.") from None
        with client:
            yield client
        return
    # A worker that is killed is started again, and its shards with it.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 10}),
        LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        yield client
