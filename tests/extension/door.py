"""A door before the real server: it passes everything on, and fails as a test asks."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Door:
    """`mode`: open, closed (cuts the connection), error (500), half (a cut answer), deaf (passes on, answer is lost), status:<n>[:<Retry-After>]."""

    behind: str
    mode: str = "open"
    uploads: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __enter__(self) -> Door:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


def handler(door: Door) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            door.seen.append(f"{self.command} {self.path}")
            is_upload = self.command == "POST" and self.path == "/api/v1/conversations"
            if is_upload:
                door.uploads.append(json.loads(body))
            mode = door.mode if self.command in {"POST", "DELETE"} else ("closed" if door.mode == "closed" else "open")
            if mode == "closed":
                return self.cut()
            if mode == "error":
                return self.answer(500, b"<h1>Internal Server Error</h1>", {})
            if mode.startswith("status:"):
                _, status, *retry = mode.split(":")
                return self.answer(int(status), b'{"detail": "no, thank you"}', {"Retry-After": retry[0]} if retry else {})
            status, answer = self.ask(body)
            if mode == "deaf":
                return self.cut()
            if mode == "half":
                self.answer(status, answer, {}, length=len(answer) + 50)
                return self.cut()
            return self.answer(status, answer, {})

        def ask(self, body: bytes) -> tuple[int, bytes]:
            at = urlsplit(door.behind)
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

    return Handler
