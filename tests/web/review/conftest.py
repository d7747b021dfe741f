"""Rae reviews: a browser of hers, and conversations that wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.jobs import clock
from sharelm.review.reviewers import add_reviewer
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from tests.web.pages.conftest import TOKEN

NAME, PASSWORD = "rae", "a long password of Rae's"


class Reviewer:
    """A client that does what forms on a page do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> TestResponse:
        token = TOKEN.search(self.client.get("/review/login").text)
        assert token
        return self.client.post(path, data={"csrf_token": token[1], **fields})

    def log_in(self, name: str = NAME, password: str = PASSWORD) -> TestResponse:
        return self.post("/review/login", name=name, password=password)

    def queue(self, **query: str) -> list[str]:
        page = self.client.get("/review", query_string=query).text
        return re.findall(r"/review\?open=([0-9a-f]{32})[^\"]*\"><bdi>", page)

    def change(self, public_id: str) -> str:
        found = re.search(r'name="change" value="(\d+)"', self.get(f"/review/conversations/{public_id}").text)
        assert found
        return found[1]

    def decide(self, public_id: str, act: str, **fields: str) -> TestResponse:
        return self.post(f"/review/conversations/{public_id}/{act}", **({"change": self.change(public_id)} | fields))


@pytest.fixture
def rae(app: ShareLM) -> Reviewer:
    with write(app.server.engine) as connection:
        add_reviewer(connection, NAME, PASSWORD, now=clock())
    reviewer = Reviewer(app.test_client())
    assert reviewer.log_in().status_code == 303
    return reviewer


@pytest.fixture
def rows(app: ShareLM) -> Callable[[], dict[str, Any]]:
    """Every conversation by its sender's id."""

    def look() -> dict[str, Any]:
        with read(app.server.engine) as connection:
            return {row.client_id: row for row in connection.execute(select(conversation))}

    return look
