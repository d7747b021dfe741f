"""A worker that is killed in the middle of a shard costs nothing but time: in processes of this machine, and with dask."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import LocalCluster

from sharelm.collection.engines import dask_engine, local_engine
from sharelm.collection.importer import import_source
from sharelm.collection.sources import source_named
from sharelm.errors import ShareLMError
from tests.collection.dawdler import ROWS, Dawdler, pids
from tests.collection.made import files_of, lmsys, write_parquet
from tests.waiting import wait_for

ENGINES = {"local": lambda: local_engine(2), "dask": lambda: dask_engine(workers=2)}


@pytest.fixture
def dumps(tmp_path):
    """Two shards."""
    for name in (1, 2):
        write_parquet(tmp_path / f"{name}.parquet", [lmsys(number * name) for number in range(1, ROWS + 1)])
    return [tmp_path / "1.parquet", tmp_path / "2.parquet"]


def bring(dumps, out, engine, waits):
    return import_source(source_named("lmsys-chat-1m"), dumps, out, engine=engine, anonymise=Dawdler(waits))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_worker_killed_in_the_middle_of_a_shard_changes_nothing(tmp_path, dumps, engine):
    waits, calm = tmp_path / "waits", tmp_path / "calm"
    waits.mkdir()
    calm.mkdir()
    (calm / "go").touch()
    out = tmp_path / "out"
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(bring, dumps, out, ENGINES[engine](), waits)
        try:
            wait_for(lambda: pids(waits) or work.done(), seconds=60)
            assert list((out / "default").glob(".train-*")), "nothing is half done yet"
            os.kill(pids(waits)[0], signal.SIGKILL)
        finally:
            (waits / "go").touch()
        manifest = work.result(timeout=120)
    assert manifest == bring(dumps, tmp_path / "undisturbed", local_engine(1), calm)
    assert files_of(out) == files_of(tmp_path / "undisturbed")


def test_workers_of_a_scheduler_that_runs_elsewhere_give_the_same_bytes(tmp_path, dumps):
    (tmp_path / "go").touch()
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as cluster:
        bring(dumps, tmp_path / "dask", dask_engine(cluster.scheduler_address), tmp_path)
    bring(dumps, tmp_path / "local", local_engine(2), tmp_path)
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")


def test_a_worker_that_dies_every_time_is_an_error_in_one_sentence(tmp_path, dumps):
    with pytest.raises(ShareLMError, match="Workers die"):
        import_source(source_named("lmsys-chat-1m"), dumps, tmp_path / "out", engine=local_engine(2), anonymise=die)


def die(texts, roles):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_nobody_expected_is_told_by_its_type(tmp_path, dumps, engine, capfd, caplog):
    with pytest.raises(ShareLMError, match="ZeroDivisionError"):
        import_source(source_named("lmsys-chat-1m"), dumps, tmp_path / "out", engine=ENGINES[engine](), anonymise=quote)
    assert "canary" not in caplog.text + "".join(capfd.readouterr())


def quote(texts, roles):
    raise ZeroDivisionError(f"canary {texts[0]}")


def test_finished_shards_ask_for_no_workers(tmp_path, dumps):
    (tmp_path / "go").touch()
    bring(dumps, tmp_path / "out", local_engine(1), tmp_path)
    bring(dumps, tmp_path / "out", dask_engine("tcp://127.0.0.1:1"), tmp_path)  # nobody is there
