"""How gunicorn serves the application: one process, eight threads, jobs inside. Read by `gunicorn app:app` in this folder."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.util import write_error
from gunicorn.workers.gthread import ThreadWorker

from sharelm import create_app
from sharelm.config import Config
from sharelm.errors import ConfigError
from sharelm.scheduler import Leader

try:
    settings = Config.from_environment(os.environ)
except ConfigError as problem:
    print(problem.message, file=sys.stderr)
    raise SystemExit(2) from None

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))


class Worker(ThreadWorker):
    """gunicorn's threads, but for its word about broken requests: it would log and send back the address and what was sent."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        self.log.warning("a request could not be read: %s", type(exc).__name__)
        with contextlib.suppress(OSError):
            write_error(client, 400, "Bad Request", "This request cannot be read.")


class Log(Logger):
    """One line per request: time, method, route pattern, status, bytes, seconds. No address, no query, no id is ever put together for it."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        method, route = environ.get("sharelm.method", "-"), environ.get("sharelm.route", "-")
        status = str(resp.status).partition(" ")[0]
        self.access_log.info("%s %s %s %s %s %.6f", self.now(), method, route, status, resp.sent, request_time.total_seconds())


worker_class = Worker
threads = 8
worker_connections = 512
keepalive = 5
# The heartbeat of a worker is a file; on the disk it would wait behind the database's syncs.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
timeout = 60
graceful_timeout = 20
control_socket_disable = True
logger_class = Log
accesslog = "-"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "plain"}},
    "root": {"level": "WARNING", "handlers": ["out"]},
    "loggers": {
        "gunicorn.error": {"level": os.environ.get("GUNICORN_LOG_LEVEL", "WARNING").upper(), "handlers": ["out"], "propagate": False},
        "sharelm": {"level": "INFO", "handlers": ["out"], "propagate": False},
        "apscheduler": {"level": "ERROR", "handlers": ["out"], "propagate": False},
    },
}
_leader: list[Leader] = []


def on_starting(server: Any) -> None:
    """Before any worker: make the instance, migrate; a wrong setting is one sentence and exit code 2."""
    app = create_app(settings)
    try:
        app.open()
    except ConfigError as problem:
        print(problem.message, file=sys.stderr)
        raise SystemExit(2) from None
    app.server.engine.dispose()


def when_ready(server: Any) -> None:
    data = "SQLite" if settings.owns_database else "the database at DATABASE_URL"
    print(f"\n  ShareLM is here:    {settings.public_url}")
    print(f"  Data and secrets:   {settings.instance} ({data})")
    print("  Reviewer's login:   none is needed, what carries no flag is approved by rule (SHARELM_REVIEW=auto)"
          if settings.review == "auto" else "  Reviewing:          by hand (SHARELM_REVIEW=manual)")  # fmt: skip
    print(f"  The plugin posts to {settings.public_url}/api/endpoint")
    print("  Next:               `make demo` fills it with invented conversations; Ctrl-C ends it\n", flush=True)


def post_worker_init(worker: Any) -> None:
    """After the fork: threads do not survive it."""
    logging.captureWarnings(True)
    app = worker.wsgi
    server = app.open()
    gc.collect()
    gc.freeze()  # what the start made stays: looking through it again with every few requests costs each of them
    gc.set_threshold(20_000, 20, 20)
    if settings.jobs == "on":
        _leader.append(Leader(server))
        _leader[0].start()


def worker_exit(server: Any, worker: Any) -> None:
    for leader in _leader:
        leader.stop()
