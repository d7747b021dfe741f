"""Exactly one scheduler whatever the number of processes; when it dies, another takes over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from sharelm.config import CHECKOUT
from sharelm.jobs import JOB_NAMES, job_named, run_job
from sharelm.scheduler import Leader
from sharelm.store import job_run
from sharelm.store.engine import read, write
from sharelm.store.lock import ProcessLock
from tests.waiting import wait_for


@pytest.fixture
def serve(environment):
    """Start `flask job serve` in a process of its own; all are ended afterwards."""
    started = []

    def start():
        command = [sys.executable, "-m", "flask", "--app", "app", "job", "serve"]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def leaders(app):
    with read(app.server.engine) as connection:
        query = select(job_run.job_run).where(job_run.job_run.c.job == job_run.SCHEDULER).order_by(job_run.job_run.c.id)
        return connection.execute(query).all()


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_one_of_two_leads_and_the_other_takes_over_after_kill_9(app, client, upload, serve, alice):
    first = serve()
    wait_for(lambda: len(leaders(app)) == 1)
    second = serve()
    upload(alice)
    mine = {"Authorization": f"Bearer {alice}"}
    wait_for(lambda: client.get("/api/v1/conversations", headers=mine).json["items"][0]["stage"] == "approved")
    assert len(leaders(app)) == 1
    assert client.get("/readyz").json["scheduler"] == "ok"
    first.kill()
    first.wait()
    wait_for(lambda: len(leaders(app)) == 2)
    upload(alice, conversation_id="c-2")
    wait_for(lambda: client.get("/api/v1/conversations", headers=mine).json["items"][0]["stage"] == "approved")
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0
    assert leaders(app)[-1].finished_at is not None


def test_a_leader_that_lost_its_lock_retires(app):
    if app.server.engine.dialect.name == "sqlite":
        return  # a flock cannot be lost while its process lives
    leader = Leader(app.server)
    leader.start()
    try:
        with write(app.server.engine) as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        wait_for(lambda: len(leaders(app)) == 2)
        assert leaders(app)[0].finished_at is not None
    finally:
        leader.stop()


def test_a_run_by_hand_waits_for_a_run_in_progress(app, upload, alice):
    from concurrent.futures import ThreadPoolExecutor

    upload(alice)
    lock = ProcessLock(app.server.engine, "job-anonymise")
    assert lock.acquire(wait=False)
    assert run_job(app.server, job_named("anonymise"), wait=False) is None
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(run_job, app.server, job_named("anonymise"))
        assert not waiting.done()
        lock.release()
        assert waiting.result(timeout=60).counts["anonymised"] == 1


def test_every_run_is_recorded_with_its_counts(app, upload, run_job, alice):
    upload(alice)
    run_job("anonymise")
    with read(app.server.engine) as connection:
        row = job_run.select_last_runs(connection)["anonymise"]
    assert json.loads(row.counts) == {"anonymised": 1, "approved": 1, "checked": 1}
    assert row.started_at <= row.heartbeat_at <= row.finished_at
    assert row.error_type is None


def test_a_failing_job_is_recorded_by_type_and_does_not_raise(app, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("sharelm.jobs.advance.claim", fail)
    assert run_job(app.server, job_named("anonymise")).error_type == "ZeroDivisionError"
    with read(app.server.engine) as connection:
        assert job_run.select_last_runs(connection)["anonymise"].error_type == "ZeroDivisionError"


def test_a_scheduled_run_without_work_leaves_no_record(app):
    run_job(app.server, job_named("figures"))  # the first figures are work, even those of nothing
    for name in JOB_NAMES:
        run_job(app.server, job_named(name), wait=False, is_quiet=True)
    with read(app.server.engine) as connection:
        assert list(job_run.select_last_runs(connection)) == ["figures"]
        assert connection.execute(select(func.count()).select_from(job_run.job_run)).scalar_one() == 1


@pytest.mark.settings(SHARELM_JOBS="off")
def test_a_web_only_process_is_ready_without_a_scheduler(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["scheduler"]) == (200, "off")


def test_a_process_with_jobs_is_not_ready_while_the_scheduler_is_silent(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["scheduler"]) == (503, "silent")
    assert client.get("/healthz").status_code == 200


@pytest.mark.settings(SHARELM_JOBS="off", SHARELM_DISK_FLOOR_MB="1000000")
def test_below_the_floor_of_the_disk_uploads_wait_and_withdrawals_work(client, upload, alice):
    answer = upload(alice)
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/readyz").status_code == 503
    assert client.delete("/api/v1/me", headers={"Authorization": f"Bearer {alice}"}).status_code == 200


@pytest.mark.parametrize(
    ("cron", "shown"),
    [
        pytest.param("15 4 * * 1", "hour 4, day *, month *, day_of_week mon", marks=pytest.mark.settings(SHARELM_RELEASE_CRON="15 4 * * 1")),
        pytest.param("off", "by hand", marks=pytest.mark.settings(SHARELM_RELEASE_CRON="off")),
    ],
)
def test_the_operator_chooses_when_releases_are_built(app, cron, shown):
    leader = Leader(app.server)
    leader.start()
    try:
        planned = {job.id: str(job.trigger) for job in leader._scheduler.get_jobs()}
    finally:
        leader.stop()
    assert ("release" in planned) == (cron != "off")
    assert "anonymise" in planned
    lines = app.test_cli_runner().invoke(args=["job", "list"]).output.splitlines()
    assert shown in next(line for line in lines if line.startswith("release "))
