"""A door before the real server: it passes everything on, and fails as a test asks."""

from __future__ import annotations

import http.client
import http.server
import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

FAILURES = ("closed", "error", "half", "deaf", "status:503:1", "status:429:1")


@dataclass
class Door:
    """`mode`: open, closed (cuts the connection), error (500), half (a cut answer), deaf (passes on, answer is lost), hang (never answers),
    busy (503 with `retry_after`), status:<n>[:<Retry-After>]; all but closed meet only what changes something: under `part`, else anything but
    the consent.

    After `flap`, a share of it fails in one of these ways.
    While `answering` is cleared, what was uploaded is on its way.
    """

    behind: str
    mode: str = "open"
    retry_after: str = ""
    part: str = ""
    uploads: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)  # paths that an older server does not have
    instead: dict[str, bytes] = field(default_factory=dict)  # what a path answers in the server's place
    troubled: set[str] = field(default_factory=set)  # conversations at which the server fails
    dice: random.Random | None = None
    share: float = 0
    failed: int = 0

    def __enter__(self) -> Door:
        self.answering.set()
        self.is_over = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("HandlerOfThisDoor", (Handler,), {"door": self}))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.server.shutdown()
        self.server.server_close()

    def flap(self, *, seed: int, share: float) -> None:
        self.dice, self.share = random.Random(seed), share

    def meets(self, command: str, path: str) -> bool:
        return command in {"POST", "PUT", "DELETE"} and (path.startswith(self.part) if self.part else path != "/api/v1/consent")

    def now(self) -> str:
        """How what is sent now fares."""
        if not self.dice or self.dice.random() >= self.share:
            return self.mode
        self.failed += 1
        return self.dice.choice(FAILURES)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    door: Door

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.door.seen.append(f"{self.command} {self.path}")
        if self.command in {"POST", "PUT"}:
            self.door.posts.append((self.path, json.loads(body)))
        is_upload = self.command == "POST" and self.path == "/api/v1/conversations"
        if is_upload:
            self.door.uploads.append(json.loads(body))
            self.door.answering.wait(timeout=25)
        self.fare(body, self.mode())

    def fare(self, body: bytes, mode: str) -> None:
        if mode == "hang":
            self.door.is_over.wait()
        if mode in {"closed", "hang"}:
            return self.cut()
        if mode == "error":
            return self.answer(500, b"<h1>Internal Server Error</h1>", {})
        if mode == "busy":
            return self.answer(503, b"{}", {"Retry-After": self.door.retry_after})
        if mode.startswith("status:"):
            _, status, *retry = mode.split(":")
            return self.answer(int(status), b'{"detail": "no, thank you"}', {"Retry-After": retry[0]} if retry else {})
        if self.path in self.door.instead:
            return self.answer(200, self.door.instead[self.path], {})
        return self.pass_on(mode, *self.ask(body))

    def pass_on(self, mode: str, status: int, answer: bytes) -> None:
        if mode != "deaf":
            self.answer(status, answer, {}, length=len(answer) + 50 * (mode == "half"))
        if mode in {"deaf", "half"}:
            self.cut()

    def mode(self) -> str:
        if self.path in self.door.missing:
            return "status:404"
        if self.is_troubled():
            return "error"
        if self.door.meets(self.command, self.path):
            return self.door.now()
        return "closed" if self.door.mode == "closed" else "open"

    def is_troubled(self) -> bool:
        uploaded = self.door.uploads[-1]["conversation_id"] if self.command == "POST" and self.path == "/api/v1/conversations" else None
        return uploaded in self.door.troubled or (self.command == "DELETE" and self.path.rpartition("/")[2] in self.door.troubled)

    def ask(self, body: bytes) -> tuple[int, bytes]:
        at = urlsplit(self.door.behind)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
        names = ("Authorization", "Content-Type", "Accept")
        connection.request(self.command, self.path, body or None, {name: self.headers[name] for name in names if self.headers[name]})
        response = connection.getresponse()
        return response.status, response.read()

    def answer(self, status: int, body: bytes, headers: dict[str, str], *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        pass

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = handle_any
