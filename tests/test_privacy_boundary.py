"""What people wrote, and who they are, is found nowhere but where it belongs: a canary text and a canary user ID through everything."""

from __future__ import annotations

import logging
import socket
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from sharelm.store.engine import write
from tests.conftest import Gunicorn, free_port, plugin_payload
from tests.waiting import wait_for

CANARY = "canary-7f3a91-text"
CANARY_MAIL = f"{CANARY}@example.org"
CANARY_USER = "canaryUserID-4d2e8b1c9f7a6053e1d2c3b4a5968778"


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text


def bodies_that_break():
    good = plugin_payload(CANARY_USER, "c-1", user=[CANARY])
    yield b'{"user_msgs": ["' + CANARY.encode() + b'"'
    for field in ("conversation_id", "timestamp", "page_url", "bot_msgs", "user_msgs"):
        yield good | {field: {CANARY: CANARY}}
    yield good | {"timestamp": CANARY}
    yield good | {"conversation_id": CANARY * 30}
    yield good | {"user_msgs": [CANARY + "\0"]}


def test_no_refusal_repeats_what_was_sent(client, said):
    for body in bodies_that_break():
        more = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
        answer = client.post("/api/endpoint", **more)
        assert 400 <= answer.status_code < 500
        assert CANARY not in answer.get_data(as_text=True)
        assert CANARY_USER not in answer.get_data(as_text=True)
    assert CANARY not in said()
    assert CANARY_USER not in said()


def test_no_failure_of_the_database_repeats_what_was_sent(app, client, said):
    with write(app.server.engine) as connection:
        connection.execute(text("ALTER TABLE conversation RENAME COLUMN pending TO elsewhere"))
    answer = client.post("/api/endpoint", json=plugin_payload(CANARY_USER, CANARY, user=[CANARY]))
    assert answer.status_code in {500, 503}
    assert CANARY not in answer.get_data(as_text=True) + said()
    assert CANARY_USER not in answer.get_data(as_text=True) + said()


def test_no_failure_of_a_view_repeats_what_was_sent(app, client, said, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError(f"{CANARY} {CANARY_USER}")

    monkeypatch.setattr("sharelm.web.api.plugin.plugin_conversation", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.post("/api/endpoint", json=plugin_payload(CANARY_USER, user=[CANARY]))
    assert answer.status_code == 500
    assert answer.json["error_id"]
    assert CANARY not in answer.get_data(as_text=True) + said()


def test_no_failing_job_repeats_what_it_read(app, client, said, upload, monkeypatch):
    from sharelm.anonymise import forms
    from sharelm.jobs import job_named, run_job

    def fail(texts, **_):
        raise ValueError(texts[0])

    upload(CANARY_USER, user=[CANARY])
    monkeypatch.setattr(forms, "anonymise_texts", fail)
    run_job(app.server, job_named("anonymise"))
    monkeypatch.setattr("sharelm.jobs.advance.claim", fail_with_canary)
    assert run_job(app.server, job_named("anonymise")).error_type == "RuntimeError"
    assert CANARY not in said()


def fail_with_canary(*_, **__):
    raise RuntimeError(CANARY)


def files_with(folder: Path, *canaries: str) -> list[str]:
    """Read by a process of its own: who closes a database's file gives up all locks that this process has on it, and SQLite loses its log."""
    patterns = [part for canary in canaries for part in ("-e", canary)]
    found = subprocess.run(["grep", "-rlaF", *patterns, str(folder)], capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    return [Path(line).name for line in found.stdout.splitlines()]


def test_nothing_of_them_is_left_on_disk_once_anonymised_and_released(tmp_path):
    import json
    import urllib.request

    port = free_port()
    log = tmp_path / "log"
    instance = tmp_path / "instance"
    environment = {"SHARELM_INSTANCE": str(instance), "PORT": str(port), "SHARELM_HOLD_HOURS": "0"}

    def call(path, body=None, method=None, **headers):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"} | headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    with Gunicorn(environment, log) as address:
        # Long enough for pages of their own in the database file, so that freed pages are looked at too.
        payload = plugin_payload(CANARY_USER, "canary-conversation", user=[f"Write to {CANARY_MAIL}. " * 400])
        call(f"/api/endpoint?user={CANARY_USER}", payload)
        call("/api/endpoint", payload | {"user_msgs": [*payload["user_msgs"], f"again {CANARY_MAIL}"], "bot_msgs": ["a", "b"]})
        mine = {"Authorization": f"Bearer {CANARY_USER}"}
        wait_for(lambda: call("/api/v1/conversations", **mine)["items"][0]["stage"] == "approved", seconds=60)
        wait_for(lambda: not files_with(instance, CANARY), seconds=60)
    from sharelm import create_app
    from sharelm.config import Config
    from sharelm.jobs import job_named, run_job

    app = create_app(Config.from_environment(environment))
    app.open()
    assert run_job(app.server, job_named("release")).counts["released"] == 1
    app.server.engine.dispose()
    assert list((instance / "releases").rglob("*.parquet"))
    assert files_with(instance, CANARY, CANARY_USER) == []
    assert CANARY not in log.read_text()
    assert CANARY_USER not in log.read_text()
    assert "/api/v1/conversations" in log.read_text()
    assert "127.0.0.1 -" not in log.read_text()


def test_a_request_that_cannot_be_read_is_neither_repeated_nor_logged(tmp_path):
    port = free_port()
    with Gunicorn({"SHARELM_INSTANCE": str(tmp_path / "instance"), "PORT": str(port)}, tmp_path / "log"):
        for request in (
            f"GET /{CANARY} what is this\r\n\r\n",
            f"GET / HTTP/1.1\r\nBad Header {CANARY}: x\r\n\r\n",
            f"{CANARY.upper().replace('-', '')} / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            f"POST /api/endpoint HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {CANARY}\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
                link.sendall(request.encode())
                link.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: link.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 4")
            assert CANARY.encode() not in answer
    log = (tmp_path / "log").read_text()
    assert CANARY not in log
    assert CANARY.upper().replace("-", "") not in log
    assert "ip=" not in log


def test_a_long_body_without_a_length_is_too_large(tmp_path):
    port = free_port()
    head = b"POST /api/endpoint HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b" " * 100_000
    server = Gunicorn({"SHARELM_INSTANCE": str(tmp_path / "instance"), "PORT": str(port)}, tmp_path / "log")
    with server, socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(head)
        for _ in range(60):
            link.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        link.sendall(b"0\r\n\r\n")
        assert link.recv(64).startswith(b"HTTP/1.1 413")


def test_no_address_and_no_browser_is_kept(app):
    from sharelm.store.tables import TABLES

    names = {column.name for table in TABLES for column in table.columns}
    words = {"address", "ip", "agent", "locale", "zone"}
    assert not [name for name in names if words & set(name.split("_"))]


def test_an_address_line_cannot_forge_a_log_line(client, said):
    client.get("/api/%0a%0dERROR forged%1b[31m")
    assert "forged" not in said()
