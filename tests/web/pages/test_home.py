"""The first page, and what all pages share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.config import CHECKOUT
from sharelm.store.engine import read
from tests.web.pages.conftest import Browser

HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
OPEN_PAGES = ("/", "/install", "/login", "/terms", "/privacy", "/faq", "/releases", "/receipts/verify", "/models", "/statistics")


def numbers(page: str) -> list[str]:
    return re.findall(r"<dd>([\d\u202f]+)</dd>", page)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_counts_from_ten_people_on(client: FlaskClient, upload: Callable[..., TestResponse], run_job: Callable[[str], object]) -> None:
    def give(first: int, last: int) -> None:
        for number in range(first, last):
            upload(f"Person-{number:02}-user-ID_0123456789abcdefghijk")
        for name in ("anonymise", "figures"):
            run_job(name)

    assert numbers(client.get("/").text) == ["0"]
    give(0, 9)
    page = client.get("/").text
    assert numbers(page) == ["0"]
    assert "once ten people have given something" in page
    give(9, 10)
    run_job("release")
    page = client.get("/").text
    assert numbers(page) == ["10", "10", "1", "10"]
    assert "language with ten contributors" in page


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_it_changes_nothing_and_sets_no_cookie(app: ShareLM, client: FlaskClient, path: str) -> None:
    statements: list[str] = []
    event.listen(app.server.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answer = client.get(path)
    assert answer.status_code == client.head(path).status_code == 200
    assert not [statement for statement in statements if not statement.lstrip().upper().startswith("SELECT")]
    assert ("Set-Cookie" in answer.headers) == (path in {"/login", "/receipts/verify"})


@pytest.mark.parametrize("path", [*OPEN_PAGES, "/nothing"])
def test_it_has_nothing_inline_and_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script>", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert '<html lang="en" dir="ltr">' in page
    assert page.count("<h1") == 1
    assert "!" not in re.sub(r"<!doctype html>|<!--.*?-->", "", page)


def test_it_names_the_page_one_is_on(client: FlaskClient, inside: Callable[[str], Browser], alice: str) -> None:
    assert 'href="/faq" aria-current="page"' in client.get("/faq").text
    assert 'href="/conversations" aria-current="page"' in inside(alice).get("/conversations").text


@pytest.mark.settings(SHARELM_OPERATOR="Library <of> Musterstadt")
def test_it_names_the_operator(client: FlaskClient) -> None:
    assert "run by <bdi>Library &lt;of&gt; Musterstadt</bdi>" in client.get("/").text


def test_its_errors_are_pages(client: FlaskClient) -> None:
    page = client.get("/nothing")
    assert page.status_code == 404
    assert "There is nothing at this address." in page.text
    fragment = client.get("/nothing", headers={"HX-Request": "true"})
    assert fragment.text.startswith('<div class="note bad">')


def test_its_errors_need_no_database(app: ShareLM, inside: Callable[[str], Browser], alice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = inside(alice)

    def fail(*_: object) -> None:
        with read(app.server.engine) as connection:
            connection.execute(text("SELECT 1 FROM nowhere"))

    monkeypatch.setattr("sharelm.store.session.select_session_owner", fail)
    monkeypatch.setattr("sharelm.store.figure.select_figure", fail)
    for path in ("/", "/conversations"):
        answer = visitor.get(path)
        assert answer.status_code in {500, 503}
        assert "nowhere" not in answer.text
        assert "Sign out" in answer.text


def test_its_files_are_cached_under_an_address_of_their_content(client: FlaskClient) -> None:
    page = client.get("/").text
    files = set(re.findall(r'"(/static/[^"#]+)', page))
    assert len(files) >= 4
    for path in files:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.cache_control.max_age == 365 * 24 * 3600
        assert "no-store" not in answer.headers["Cache-Control"]
        assert re.search(r"\?v=[0-9a-f]{10}$", path)


def test_vendored_files_are_what_they_say() -> None:
    assert sha256(CHECKOUT / "static/htmx-2.0.11.min.js") == HTMX_SHA256
    folder = CHECKOUT / "tests/vendor/axe"
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert sha256(folder / name) == digest


def test_fonts_carry_their_version() -> None:
    named = re.findall(r'url\("([^"]+)"\)', (CHECKOUT / "static/sharelm.css").read_text())
    assert named
    assert all(re.search(r"-\d+\.\d+\.\d+\.woff2$", name) and (CHECKOUT / "static" / name).exists() for name in named)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
