"""Open my data: the login with a user ID."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.engine import read, write
from sharelm.store.session import login_session
from sharelm.web.current import now
from tests.web.pages.conftest import HTMX, Browser

SENTENCE = "This ID does not open anything here. Copy it again from the extension; if you have not agreed to the terms yet, do that first."
New = Callable[[], Browser]
Upload = Callable[..., TestResponse]


def test_it_opens_the_overview(browser: New, upload: Upload, alice: str) -> None:
    upload(alice)
    visitor = browser()
    answer = visitor.log_in(alice)
    assert (answer.status_code, answer.location) == (303, "/overview")
    assert "Why does my bread not rise?" in visitor.get("/conversations").text


def test_it_takes_an_id_with_blanks_around_it(browser: New, upload: Upload, alice: str) -> None:
    upload(alice)
    assert browser().log_in(f" {alice}\n").status_code == 303


def test_it_answers_wrong_and_unknown_ids_alike(browser: New, upload: Upload, alice: str, eve: str) -> None:
    upload(alice)
    visitor = browser()
    answers = [visitor.log_in(wrong) for wrong in (eve, "x", "", "\0", "é" * 150, alice[:-1])]
    assert {answer.status_code for answer in answers} == {401}
    bodies = {re.sub(r'(csrf_token" value=")[^"]+', r"\1", answer.text) for answer in answers}
    assert len(bodies) == 1
    assert len({len(answer.data) for answer in answers}) == 1
    assert SENTENCE in bodies.pop()


def test_it_never_shows_or_logs_the_id(browser: New, upload: Upload, alice: str, eve: str, caplog: pytest.LogCaptureFixture) -> None:
    upload(alice)
    visitor = browser()
    texts = [visitor.log_in(eve).text, visitor.log_in(alice).text, visitor.get("/conversations").text, visitor.get("/").text]
    assert not any(secret in text for text in (*texts, caplog.text) for secret in (alice, eve))


def test_it_sets_a_cookie_that_scripts_and_other_sites_cannot_use(browser: New, upload: Upload, alice: str) -> None:
    upload(alice)
    cookie = browser().log_in(alice).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.settings(SHARELM_PUBLIC_URL="https://localhost")
def test_it_sets_a_secure_cookie_behind_tls(app: ShareLM) -> None:
    assert "Secure" in app.test_client().get("/login").headers["Set-Cookie"]


def test_it_keeps_a_digest_of_the_token_only(app: ShareLM, browser: New, upload: Upload, alice: str) -> None:
    upload(alice)
    visitor = browser()
    visitor.log_in(alice)
    with visitor.client.session_transaction() as session:
        token = session["login"]
    with read(app.server.engine) as connection:
        (digest,) = connection.execute(select(login_session.c.token_digest)).scalars()
    assert digest == hashlib.sha256(token.encode()).digest()
    assert len(token) == 43


def test_it_rotates_the_session(app: ShareLM, browser: New, upload: Upload, alice: str) -> None:
    upload(alice)
    visitor = browser()
    tokens = []
    for _ in range(2):
        visitor.log_in(alice)
        with visitor.client.session_transaction() as session:
            tokens.append(session["login"])
            assert set(session) == {"login"}
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(login_session)).all()) == 1
    assert tokens[0] != tokens[1]


def test_it_ends_after_twelve_hours(app: ShareLM, inside: Callable[[str], Browser], alice: str) -> None:
    visitor = inside(alice)
    with read(app.server.engine) as connection:
        (expires_at,) = connection.execute(select(login_session.c.expires_at)).scalars()
    assert timedelta(hours=11, minutes=59) < expires_at - now() <= timedelta(hours=12)
    with write(app.server.engine) as connection:
        connection.execute(update(login_session).values(expires_at=now() - timedelta(seconds=1)))
    assert visitor.get("/conversations").location == "/login"


def test_it_signs_out(app: ShareLM, inside: Callable[[str], Browser], alice: str) -> None:
    visitor = inside(alice)
    old = visitor.client.get_cookie("session")
    assert old
    answer = visitor.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/")
    visitor.client.set_cookie("session", old.value)
    assert visitor.get("/conversations").location == "/login"
    with read(app.server.engine) as connection:
        assert not connection.execute(select(login_session)).all()


def test_it_signs_out_twice(browser: New) -> None:
    visitor = browser()
    assert [visitor.post("/logout").status_code for _ in range(2)] == [303, 303]


def test_it_refuses_the_eleventh_failure_in_a_minute(browser: New, upload: Upload, alice: str, eve: str) -> None:
    upload(alice)
    visitor = browser()
    assert [visitor.log_in(eve).status_code for _ in range(10)] == [401] * 10
    refused = visitor.log_in(alice)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_it_does_not_count_success(browser: New, upload: Upload, alice: str, eve: str) -> None:
    upload(alice)
    assert [browser().log_in(alice).status_code for _ in range(12)] == [303] * 12
    assert browser().log_in(eve).status_code == 401


def test_it_changes_nothing_without_a_token(app: ShareLM, upload: Upload, alice: str) -> None:
    upload(alice)
    assert app.test_client().post("/login", data={"user_id": alice}).status_code == 403
    with read(app.server.engine) as connection:
        assert not connection.execute(select(login_session)).all()


@pytest.mark.parametrize("path", ["/login", "/logout"])
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_it_refuses_forms_of_other_sites(inside: Callable[[str], Browser], alice: str, path: str, headers: dict[str, str]) -> None:
    visitor = inside(alice)
    assert visitor.post(path, headers=headers, user_id=alice).status_code == 403
    assert visitor.get("/conversations").status_code == 200


@pytest.mark.parametrize("path", ["/conversations", f"/conversations/{'0' * 32}"])
def test_it_is_required(browser: New, path: str) -> None:
    visitor = browser()
    plain, htmx = visitor.get(path), visitor.get(path, headers=HTMX)
    assert (plain.status_code, plain.location) == (303, "/login")
    assert (htmx.status_code, htmx.headers["HX-Redirect"], htmx.data) == (204, "/login", b"")


def test_it_takes_no_other_method(browser: New) -> None:
    visitor = browser()
    assert visitor.client.head("/login").status_code == 200
    assert visitor.get("/logout").status_code == 405
