"""Real third-party chat pages on loopback, each from an environment of its own that the Makefile builds."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sharelm.config import CHECKOUT
from tests.conftest import free_port
from tests.waiting import wait_for

HOST = "heron-real.hf.space"  # Gradio is recorded at its real host name
HERE = Path(__file__).parent
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}


@contextmanager
def running(ui: str, folder: Path) -> Iterator[int]:
    """The port of a chat page that answers."""
    environment, port = CHECKOUT / f".pytest_cache/venv-{ui}", free_port()
    if not (environment / ".installed").exists():
        pytest.skip(f"the real {ui} is not installed: make test-ui installs it")
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(CHECKOUT), "CHAINLIT_APP_ROOT": str(folder)} | QUIET
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [environment / "bin/python", *command(ui, port, folder)], env=variables, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(lambda: is_up(port), seconds=120)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def command(ui: str, port: int, folder: Path) -> list[str | os.PathLike[str]]:
    if ui == "streamlit":
        return ["-m", "streamlit", "run", HERE / "streamlit_app.py", f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    if ui == "chainlit":
        return ["-m", "chainlit", "run", HERE / "chainlit_app.py", "--port", str(port), "--host", "127.0.0.1", "--headless"]
    return [HERE / "gradio_app.py", str(port), *certificate(folder)]


def certificate(folder: Path) -> list[Path]:
    """A certificate for the real host name that only the tests believe, and its key."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-days", "30", "-subj", f"/CN={HOST}"]
    subprocess.run(asked, check=True, capture_output=True)
    return [made, key]


def is_up(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
