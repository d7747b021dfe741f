"""The settings of our own gunicorn.conf.py without its hooks, which belong to our application."""

from __future__ import annotations

import runpy
from pathlib import Path

OURS = runpy.run_path(str(Path(__file__).resolve().parent.parent / "gunicorn.conf.py"))
TAKEN = (
    "bind", "workers", "worker_class", "threads", "worker_connections", "keepalive", "timeout", "graceful_timeout", "control_socket_disable",
    "accesslog", "logger_class", "logconfig_dict",
)  # fmt: skip
globals().update({name: OURS[name] for name in TAKEN if name in OURS})
