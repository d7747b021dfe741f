"""SCHEDULER: exactly one process runs the jobs, whatever the number of workers and replicas; when it dies, another takes over."""

from __future__ import annotations

import logging
import threading
import time

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from sharelm.errors import log_error
from sharelm.jobs import JOBS, Job, clock, run_job
from sharelm.server import Server
from sharelm.store import job_run
from sharelm.store.engine import write
from sharelm.store.lock import ProcessLock

log = logging.getLogger("sharelm.jobs")
LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0


class Leader:
    """Stands for election once a second; runs the schedule while it holds the lock."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = ProcessLock(server.engine, "scheduler")
        self._scheduler: BackgroundScheduler | None = None
        self._run_id: int | None = None
        self._last_beat = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="leader", daemon=True)

    def start(self) -> None:
        """Looks once at once, so that the first process is ready when it begins to serve."""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Let a running batch finish, then leave."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._retire()

    def wait(self) -> None:
        self._stop.wait()

    def ask_to_stop(self) -> None:
        self._stop.set()

    def _loop(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        try:
            if self._scheduler is None:
                self._stand()
            elif not self._lock.is_held():
                log.warning("the scheduler's lock was lost")
                self._retire()
            elif time.monotonic() - self._last_beat > HEARTBEAT_SECONDS:
                self._beat()
        except SQLAlchemyError as error:  # the database will be back; so shall we
            log.warning("scheduler: database not available: %s", type(error).__name__)
        except Exception as error:  # the thread must live; logged by type and place
            log_error(log, error)

    def _stand(self) -> None:
        if not self._lock.acquire(wait=False):
            return
        self._beat()
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600})
        for job in JOBS:
            if schedule := job.schedule(self._server.config):
                kind = "interval" if "seconds" in schedule else "cron"
                self._scheduler.add_job(self._run, kind, args=(job,), id=job.name, **schedule)
            if job.end:  # a process that died may have left text in the database's log, and work half done
                self._scheduler.add_job(run_job, args=(self._server, job))
        self._scheduler.start()

    def _run(self, job: Job) -> None:
        run_job(self._server, job, wait=False, is_quiet=True)

    def _beat(self) -> None:
        with write(self._server.engine) as connection:
            if self._run_id is None:
                self._run_id = job_run.insert_run(connection, job_run.SCHEDULER, now=clock())
            else:
                job_run.update_run(connection, self._run_id, now=clock(), counts={})
        self._last_beat = time.monotonic()

    def _retire(self) -> None:
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None
        if self._run_id is not None:
            try:
                with write(self._server.engine) as connection:
                    job_run.update_run(connection, self._run_id, now=clock(), counts={}, finished=True)
            except SQLAlchemyError:
                log.warning("scheduler: its last sign could not be written")
            self._run_id = None
        self._lock.release()
