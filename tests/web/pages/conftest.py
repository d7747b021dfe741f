"""How the tests use the pages: as browsers do, with the CSRF token of the page they are on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HTMX = {"HX-Request": "true"}


class Browser:
    """A client with its own cookies."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path, **options)  # type: ignore[arg-type]

    def token(self, path: str = "/login") -> str:
        found = TOKEN.search(self.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **fields}, headers=headers)

    def log_in(self, user_id: str) -> TestResponse:
        return self.post("/login", user_id=user_id)

    def public_ids(self) -> list[str]:
        return re.findall(r'href="/conversations/([0-9a-f]{32})"', self.get("/conversations").text)


@pytest.fixture
def browser(app: ShareLM) -> Callable[[], Browser]:
    """A new browser at each call."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def inside(browser: Callable[[], Browser], upload: Callable[..., TestResponse]) -> Callable[[str], Browser]:
    """A browser that is logged in; its holder gives one conversation first if there is none."""

    def enter(user_id: str) -> Browser:
        visitor = browser()
        if visitor.log_in(user_id).status_code != 303:
            assert upload(user_id).status_code == 200
            assert visitor.log_in(user_id).status_code == 303
        return visitor

    return enter


@pytest.fixture
def row(app: ShareLM) -> Callable[[], Any]:
    """The one conversation that is stored, whole."""

    def only() -> Any:
        with read(app.server.engine) as connection:
            return connection.execute(select(conversation)).one()

    return only


@pytest.fixture
def send(client: FlaskClient, alice: str) -> Callable[..., str]:
    """Upload messages as our own extension does; what became of them."""
    version = client.get("/api/v1/consent").json["version"]
    mine = {"Authorization": f"Bearer {alice}"}
    client.post("/api/v1/consent", json={"version": version, "language": "en", "adult": True}, headers=mine)

    def post(*messages: dict[str, Any], revision: int = 1, **more: Any) -> str:
        payload = {"conversation_id": "c-1", "messages": list(messages), "revision": revision, **more}
        answer = client.post("/api/v1/conversations", json=payload, headers=mine)
        assert answer.status_code == 200
        return str(answer.json["items"][0]["result"])

    return post


def without_marks(text: str) -> str:
    """A body without what differs from one request to the next: the error id, and the CSRF token that holds the time."""
    return re.sub(r"[0-9a-f]{12}</span>|[\w\-]+\.[\w\-]+\.[\w\-]{20,}", "", text)
