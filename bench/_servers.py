"""Start a server under gunicorn in a session of its own, wait until it answers, end it by its process ids."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from _original import original_python

BENCH = Path(__file__).resolve().parent
CHECKOUT = BENCH.parent
START_SECONDS = 60
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV")


@dataclass
class Command:
    """How to start one server, as often as needed; its output is appended to `log`."""

    argv: list[str]
    folder: Path
    environ: dict[str, str]
    port: int
    log: Path
    core: int | None = None  # the one core that the server may use; None: all

    def start(self) -> Running:
        """Answers on its port when this returns. Raises RuntimeError with the end of its log if it does not come up."""
        with self.log.open("ab") as out:
            process = subprocess.Popen(
                self.argv, cwd=self.folder, env=self.environ, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        if self.core is not None:
            os.sched_setaffinity(process.pid, {self.core})  # the workers that it forks inherit it
        running = Running(process, self.port)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.port):
            if process.poll() is not None or time.monotonic() > deadline:
                running.kill()
                raise RuntimeError(f"{self.argv} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        return running


@dataclass
class Running:
    """A gunicorn master with its workers: one process group, which nobody else is in."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float | None:
        """What the master and its workers have used so far; None where the system does not tell (/proc)."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == self.process.pid:  # its process group; then user and system time
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK") if ticks else None

    def stop(self) -> None:
        """As an operator would; the hard way after ten seconds."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """kill -9 of the master and every worker at once; the port is free when this returns."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        deadline = time.monotonic() + 10
        while _answers(self.port) and time.monotonic() < deadline:
            time.sleep(0.01)


def ours(name: str, folder: Path, *, database_url: str = "") -> Command:
    """ShareLM as in production (`gunicorn app:app` with our gunicorn.conf.py), as a web-only process: SHARELM_JOBS=off."""
    settings = {
        "SHARELM_INSTANCE": str(folder / name),
        "SHARELM_JOBS": "off",
        "SHARELM_UPLOADS_PER_MINUTE": "1000000",
        "SHARELM_SECRET": secrets.token_hex(32),
        "DATABASE_URL": database_url,
    }
    return _command(name, ["app:app"], folder, at=CHECKOUT, settings=settings)


def echo(name: str, folder: Path) -> Command:
    """The bare Flask application under the same settings of gunicorn."""
    return _command(name, ["-c", str(BENCH / "echo.conf.py"), "echo:app"], folder, at=BENCH, settings={"PYTHONPATH": str(CHECKOUT)})


def original(name: str, folder: Path, *, database_url: str) -> Command:
    """The original's design: two sync workers on Postgres; its table is made here."""
    python = original_python()
    settings = {"DATABASE_URL": database_url.replace("postgresql://", "postgresql+psycopg2://", 1), "PYTHONWARNINGS": "ignore"}
    command = _command(name, ["-w", "2", "-k", "sync", "original_design:app"], folder, at=BENCH, settings=settings, python=python)
    command.argv[-1:-1] = ["--bind", f"127.0.0.1:{command.port}"]
    subprocess.run([str(python), "original_design.py"], cwd=BENCH, env=command.environ, check=True)
    return command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(name: str, gunicorn: list[str], folder: Path, *, at: Path, settings: dict[str, str], python: Path | None = None) -> Command:
    port = free_port()
    kept = {variable: os.environ[variable] for variable in KEPT_VARIABLES if variable in os.environ}
    environ = {**kept, "PYTHONUNBUFFERED": "1", "HOST": "127.0.0.1", "PORT": str(port), **settings}
    return Command([str(python or sys.executable), "-m", "gunicorn", *gunicorn], at, environ, port, folder / f"{name}.log")


def _answers(port: int) -> bool:
    """Whether something listens and speaks HTTP."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            return link.recv(5) == b"HTTP/"
    except OSError:
        return False
