"""As operators run it: from the Procfile, and with several processes on one SQLite file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sharelm.config import CHECKOUT
from tests.conftest import Gunicorn, free_port, plugin_payload
from tests.waiting import wait_for


def call(address, path, body=None, **headers):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"} | headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_the_procfile_serves_and_migrates(tmp_path, alice):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": str(port), "SHARELM_PUBLIC_URL": address, "SHARELM_INSTANCE": str(tmp_path / "instance"),
    }  # fmt: skip
    honcho = [sys.executable, "-m", "honcho", "-f", "Procfile"]
    migrated = subprocess.run([*honcho, "start", "release"], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert "stopped (rc=0)" in migrated.stdout + migrated.stderr
    with (tmp_path / "log").open("wb") as log:
        web = subprocess.Popen([*honcho, "start", "-p", str(port), "web"], cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(lambda: is_up(address), seconds=60)
            assert call(address, "/api/endpoint", plugin_payload(alice))["conversation_id"] == "c-1"
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait(timeout=60)


def is_up(address):
    try:
        return call(address, "/readyz")["status"] == "ok"
    except OSError:
        return False


def test_two_processes_on_one_sqlite_file_lose_and_double_nothing(tmp_path, alice):
    port = free_port()
    environment = {"SHARELM_INSTANCE": str(tmp_path / "instance"), "PORT": str(port), "WEB_CONCURRENCY": "2", "SHARELM_HOLD_HOURS": "0"}
    with Gunicorn(environment, tmp_path / "log") as address:
        wait_for(lambda: is_up(address))
        copies = [plugin_payload(alice, f"c-{number % 40}", user=["u"] * (1 + number // 40), bot=["b"]) for number in range(160)]
        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(lambda copy: call(address, "/api/endpoint", copy), copies))
        assert {answer["conversation_id"] for answer in answers} == {f"c-{number}" for number in range(40)}
        mine = {"Authorization": f"Bearer {alice}"}
        items = call(address, "/api/v1/conversations?limit=200", **mine)["items"]
        assert sorted(item["conversation_id"] for item in items) == sorted(f"c-{number}" for number in range(40))
        assert {item["message_count"] for item in items} == {5}
        wait_for(lambda: {item["stage"] for item in call(address, "/api/v1/conversations?limit=200", **mine)["items"]} == {"approved"}, seconds=60)
    assert (tmp_path / "log").read_text().count("quarantined") == 0
