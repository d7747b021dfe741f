"""The one-time code with which the extension opens one's data: no user ID in any address."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.jobs import Report
from sharelm.store.engine import read, write
from sharelm.store.login_code import login_code
from sharelm.store.session import login_session
from sharelm.web.current import now
from tests.web.pages.conftest import Browser, without_marks

New = Callable[[], Browser]
Upload = Callable[..., TestResponse]
REFUSAL = "It was used already, or its minute is over."


def ask(client: FlaskClient, user_id: str) -> TestResponse:
    return client.post("/api/v1/login-code", headers={"Authorization": f"Bearer {user_id}"})


@pytest.fixture
def link(client: FlaskClient, upload: Upload, alice: str) -> str:
    """The path that Alice's extension opens."""
    upload(alice)
    url: str = ask(client, alice).json["url"]  # type: ignore[index]
    assert url.startswith("http://127.0.0.1:8000/open/")
    return url.removeprefix("http://127.0.0.1:8000")


def expire(app: ShareLM) -> None:
    with write(app.server.engine) as connection:
        connection.execute(update(login_code).values(expires_at=now()))


def test_its_button_opens_the_conversations(browser: New, link: str) -> None:
    visitor = browser()
    page = visitor.get(link)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    answer = visitor.post(link)
    assert (answer.status_code, answer.location) == (303, "/overview")
    assert "Why does my bread not rise?" in visitor.get("/conversations").text


def test_looking_at_it_uses_nothing_up(app: ShareLM, browser: New, link: str) -> None:
    for method in ("get", "head", "get"):
        assert getattr(app.test_client(), method)(link).status_code == 200
    assert browser().get("/conversations").location == "/login"
    assert browser().post(link).status_code == 303


def test_it_opens_once(browser: New, link: str) -> None:
    assert browser().post(link).status_code == 303
    replayed = browser().post(link)
    assert replayed.status_code == 401
    assert REFUSAL in replayed.text
    assert browser().get(link).status_code == 401


def test_of_many_at_the_same_time_one_gets_in(browser: New, link: str) -> None:
    visitors = [browser() for _ in range(6)]
    tokens = [visitor.token() for visitor in visitors]

    def press(pair: tuple[Browser, str]) -> int:
        return pair[0].client.post(link, data={"csrf_token": pair[1]}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(press, zip(visitors, tokens, strict=True))) == [303] + [401] * 5


def test_it_lasts_a_minute(app: ShareLM, browser: New, client: FlaskClient, upload: Upload, alice: str) -> None:
    upload(alice)
    answer = ask(client, alice).json
    assert answer is not None
    lasts = datetime.fromisoformat(answer["expires_at"]) - now()
    assert timedelta(seconds=50) < lasts <= timedelta(seconds=60)
    expire(app)
    link = "/open/" + answer["url"].rsplit("/", 1)[1]
    assert browser().get(link).status_code == browser().post(link).status_code == 401


def test_what_has_expired_is_erased(app: ShareLM, link: str, run_job: Callable[[str], Report]) -> None:
    expire(app)
    assert run_job("purge").counts["codes expired"] == 1
    with read(app.server.engine) as connection:
        assert not connection.execute(select(login_code)).all()


def test_used_expired_and_made_up_codes_look_alike(app: ShareLM, browser: New, link: str, client: FlaskClient, alice: str, eve: str) -> None:
    expired = "/open/" + ask(client, alice).json["url"].rsplit("/", 1)[1]  # type: ignore[index]
    of_nobody = "/open/" + ask(client, eve).json["url"].rsplit("/", 1)[1]  # type: ignore[index]
    browser().post(link)
    expire(app)
    answers = [browser().post(path) for path in (link, expired, of_nobody, "/open/" + "x" * 43)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({without_marks(answer.text) for answer in answers}) == 1


def test_it_answers_known_and_unknown_ids_alike(client: FlaskClient, upload: Upload, alice: str, eve: str) -> None:
    upload(alice)
    known, unknown = ask(client, alice), ask(client, eve)
    assert known.status_code == unknown.status_code == 200
    assert set(known.json or {}) == set(unknown.json or {}) == {"url", "expires_at"}
    assert len(known.data) == len(unknown.data)


def test_only_a_digest_of_the_code_is_kept(app: ShareLM, link: str) -> None:
    code = link.rsplit("/", 1)[1]
    assert re.fullmatch(r"[\w\-]{43}", code)
    with read(app.server.engine) as connection:
        (digest,) = connection.execute(select(login_code.c.code_digest)).scalars()
    assert digest == hashlib.sha256(code.encode()).digest()


def test_neither_code_nor_user_id_is_logged_or_shown(browser: New, link: str, alice: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    visitor = browser()
    shown = visitor.get(link).text
    visitor.post(link)
    visitor.post(link)
    assert link.rsplit("/", 1)[1] not in caplog.text
    assert alice not in shown + caplog.text


def test_it_changes_nothing_without_a_token(app: ShareLM, link: str, browser: New) -> None:
    assert app.test_client().post(link).status_code == 403
    assert browser().post(link, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser().post(link).status_code == 303


def test_it_leaves_the_login_of_somebody_else(app: ShareLM, inside: Callable[[str], Browser], link: str, bob: str) -> None:
    visitor = inside(bob)
    assert visitor.post(link).status_code == 303
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(login_session)).all()) == 1


def test_it_refuses_the_eleventh_failure_in_a_minute(browser: New, link: str) -> None:
    visitor = browser()
    assert [visitor.post("/open/wrong").status_code for _ in range(10)] == [401] * 10
    assert visitor.post(link).status_code == 429


def test_it_hands_out_ten_codes_a_minute(client: FlaskClient, upload: Upload, alice: str, eve: str) -> None:
    upload(alice)
    for user_id in (alice, eve):
        answers = [ask(client, user_id) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0


def test_withdrawing_everything_ends_it(client: FlaskClient, browser: New, link: str, alice: str) -> None:
    client.delete("/api/v1/me", headers={"Authorization": f"Bearer {alice}"})
    assert browser().post(link).status_code == 401
