"""Style sheet, script and icons: compressed and kept. Pages: compressed where they repeat nothing that a stranger chose."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sharelm.config import CHECKOUT
from tests.web.pages.conftest import Browser

pytestmark = pytest.mark.one_database

WANTED = {"Accept-Encoding": "deflate, gzip, br"}
FILES = ("sharelm.css", "sharelm.js", "icons.svg", "htmx-2.0.11.min.js")


def test_browsers_ask_for_what_is_compressed(client: FlaskClient) -> None:
    for name in FILES:
        answer = client.get(f"/static/{name}", headers=WANTED)
        assert answer.headers["Content-Encoding"] == "br"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert len(answer.data) < len((CHECKOUT / "static" / name).read_bytes()) / 2


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "identity"}, {"Range": "bytes=0-1999", **WANTED}])
def test_who_does_not_ask_gets_the_bytes_of_the_file(client: FlaskClient, headers: dict[str, str]) -> None:
    whole = (CHECKOUT / "static/sharelm.css").read_bytes()
    answer = client.get("/static/sharelm.css", headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (whole[:2000] if "Range" in headers else whole)


def test_what_is_kept_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/static/sharelm.css", headers=WANTED)
    assert client.get("/static/sharelm.css", headers={**WANTED, "If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_page_is_compressed(inside: Callable[[str], Browser], alice: str) -> None:
    visitor = inside(alice)
    for path in ("/", "/login", "/conversations", "/overview", "/faq"):
        answer = visitor.get(path, headers=WANTED)
        assert answer.headers["Content-Encoding"] == "br"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "<html" in visitor.get(path).text


def test_a_page_that_repeats_what_its_address_says_is_not(inside: Callable[[str], Browser], alice: str) -> None:
    visitor = inside(alice)
    for path in ("/conversations?q=word", "/conversations?order=oldest", "/contact?about=x"):
        answer: TestResponse = visitor.get(path, headers=WANTED)
        assert "Content-Encoding" not in answer.headers
        assert "<html" in answer.text
    refused = visitor.client.post("/login", data={"csrf_token": visitor.token(), "user_id": "word"}, headers=WANTED)
    assert "Content-Encoding" not in refused.headers
