"""A moderation service on this machine, in OpenAI's shape: it flags what holds a given word, and fails as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FLAGGED = "turnip"


@dataclass
class Service:
    """`asked` are the requests as they came: headers and text. `answer` stands in for the right one, `status` goes with it."""

    address: str = ""
    asked: list[tuple[dict[str, str], str]] = field(default_factory=list)
    status: int = 200
    answer: str | None = None
    location: str = ""

    def inputs(self) -> list[str]:
        return [text for _, body in self.asked for text in json.loads(body)["input"]]


@contextmanager
def moderation_service() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            service.asked.append((dict(self.headers), body))
            results = [{"flagged": FLAGGED in text, "categories": {"harassment": FLAGGED in text}} for text in json.loads(body)["input"]]
            answer = json.dumps({"id": "1", "model": "m", "results": results}) if service.answer is None else service.answer
            self.send_response(service.status)
            if service.location:
                self.send_header("Location", service.location)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}/v1/moderations"
    yield service
    server.shutdown()
    server.server_close()
    thread.join()
