"""A closed-loop load of uploads over kept-alive connections: wrk where it is installed, else this program's own threads.

As a program (`python _load.py PORT SECONDS`, settings in the environment) it is that second client, in a process of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from _conversations import ID_PLACE

CONNECTIONS = 8
MOST_UPLOADS = 100_000  # of one round, so that a fast machine's disk has an end too
HOW_TO_GET_WRK = "wrk (a small C program; on Debian and Ubuntu: apt-get install wrk, with Homebrew: brew install wrk)"


@dataclass(frozen=True)
class Result:
    """One round as the client saw it. `refused` were answered with a status of 400 or more, `failed` not at all."""

    answered: int
    seconds: float
    refused: int
    failed: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float = 0.0  # of the server, per answer; 0 if it is not known

    @property
    def per_second(self) -> float:
        return (self.answered - self.refused) / self.seconds

    @property
    def errors(self) -> int:
        return self.refused + self.failed


def client_name() -> str:
    return "wrk" if shutil.which("wrk") else "Python threads (slower than wrk; it takes CPU away from the server)"


def run_load(port: int, bodies: Path, *, seconds: float) -> Result:
    """Upload the bodies in `bodies` in turn, each under an id of its own, until the time is over."""
    environ = {**os.environ, "BENCH_BODIES": str(bodies), "BENCH_RUN": secrets.token_hex(11), "BENCH_MOST": str(MOST_UPLOADS)}
    here = Path(__file__).resolve()
    if shutil.which("wrk"):
        target = f"http://127.0.0.1:{port}"
        argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(here.parent / "load.lua"), target]
    else:
        argv = [sys.executable, str(here), str(port), str(seconds)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=seconds + 60, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return Result(**json.loads(line.removeprefix("RESULT ")))


def _threads(port: int, seconds: float) -> Result:
    """The load of wrk with threads."""
    uploads = _uploads(Path(os.environ["BENCH_BODIES"]), os.environ["BENCH_RUN"], int(os.environ["BENCH_MOST"]))
    clients = [_Client(port, uploads, time.monotonic() + seconds) for _ in range(CONNECTIONS)]
    began = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    took = time.monotonic() - began
    times = sorted(each for client in clients for each in client.times) or [0.0]
    return Result(
        answered=sum(len(client.times) for client in clients),
        seconds=took,
        refused=sum(client.refused for client in clients),
        failed=sum(client.failed for client in clients),
        p50_ms=1000 * statistics.median(times),
        p99_ms=1000 * times[int(0.99 * (len(times) - 1))],
    )


class _Uploads:
    """Requests without end, to be shared by threads."""

    def __init__(self, templates: list[tuple[bytes, bytes]], run: str, most: int) -> None:
        self._templates, self._run, self._most, self._count, self._guard = templates, run, most, count(), threading.Lock()

    def next(self) -> bytes | None:
        with self._guard:
            number = next(self._count)
        if number >= self._most:
            return None
        before, behind = self._templates[number % len(self._templates)]
        return b"%b%b%010d%b" % (before, self._run.encode(), number, behind)


def _uploads(bodies: Path, run: str, most: int) -> _Uploads:
    return _Uploads(list(_templates(bodies, run)), run, most)


def _templates(bodies: Path, run: str) -> Iterator[tuple[bytes, bytes]]:
    for line in bodies.read_bytes().splitlines():
        before, _, behind = line.partition(ID_PLACE.encode())
        length = len(before) + len(run) + 10 + len(behind)
        head = f"POST /api/endpoint HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        yield head.encode() + before, behind


class _Client(threading.Thread):
    """One connection that sends, waits for the answer and sends again."""

    def __init__(self, port: int, uploads: _Uploads, deadline: float) -> None:
        super().__init__(daemon=True)
        self._port, self._uploads, self._deadline = port, uploads, deadline
        self._link: socket.socket | None = None
        self.times: list[float] = []
        self.refused = self.failed = 0

    def run(self) -> None:
        while time.monotonic() < self._deadline and (request := self._uploads.next()) is not None:
            began = time.monotonic()
            try:
                status = self._exchange(request)
            except OSError:
                self.failed += 1
                self._link = None
                continue
            self.times.append(time.monotonic() - began)
            self.refused += status >= 400

    def _exchange(self, request: bytes) -> int:
        if self._link is None:
            self._link = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        self._link.sendall(request)
        head, _, body = self._receive(b"").partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(fields.get(b"content-length", b"0")):
            body = self._receive(body, once=True)
        if fields.get(b"connection") == b"close":
            self._link.close()
            self._link = None
        return int(head.split(b" ", 2)[1])

    def _receive(self, have: bytes, *, once: bool = False) -> bytes:
        """More bytes: one piece, or all up to the end of the head."""
        assert self._link is not None
        while True:
            piece = self._link.recv(65536)
            if not piece:
                raise ConnectionError
            have += piece
            if once or b"\r\n\r\n" in have:
                return have


if __name__ == "__main__":
    print("RESULT", json.dumps(asdict(_threads(int(sys.argv[1]), float(sys.argv[2])))))
