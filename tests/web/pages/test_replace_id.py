"""Replace my ID: the new one shown once and kept first, the old one dead at once, everything still mine."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.contact_message import contact_message
from sharelm.store.contributor import contributor
from sharelm.store.conversation import conversation
from sharelm.store.engine import read
from tests.conftest import plugin_payload
from tests.web.pages.conftest import Browser

Inside = Callable[[str], Browser]
Upload = Callable[..., TestResponse]
PAGE, CONFIRM, LIST = "/your-data/replace-id", "/your-data/replace-id/confirm", "/api/v1/conversations"
DEAD = "This user ID was replaced by a new one."
NEW_ID = re.compile(r"<code>([A-Za-z0-9_\-]{43})</code>")


def bearer(user_id: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {user_id}"}


def offer(visitor: Browser) -> tuple[str, str]:
    """(the new ID, the signed offer)."""
    page = visitor.post(PAGE).text
    new_id, signed = NEW_ID.search(page), re.search(r'name="offer" value="([^"]+)"', page)
    assert new_id
    assert signed
    return new_id[1], signed[1]


def replace(visitor: Browser) -> str:
    new_id, signed = offer(visitor)
    answer = visitor.post(CONFIRM, offer=signed, is_kept="yes")
    assert (answer.status_code, answer.location) == (303, "/id-replaced")
    done = visitor.get("/id-replaced").text
    assert "Your ID is replaced" in done
    assert new_id not in done
    return new_id


def count(app: ShareLM, table: object) -> int:
    with read(app.server.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_the_new_one_opens_everything_and_the_old_one_nothing(inside: Inside, browser: Callable[[], Browser], upload: Upload, alice: str) -> None:
    upload(alice, "c-2")
    visitor, elsewhere = inside(alice), inside(alice)
    new_id = replace(visitor)
    for one in (visitor, elsewhere):
        assert one.get("/conversations").location == "/login"
    assert browser().log_in(alice).status_code == 401
    again = browser()
    assert again.log_in(new_id).status_code == 303
    assert len(again.public_ids()) == 1


def test_nothing_changes_before_the_new_one_is_kept(app: ShareLM, inside: Inside, browser: Callable[[], Browser], alice: str) -> None:
    visitor = inside(alice)
    new_id, signed = offer(visitor)
    refused = visitor.post(CONFIRM, offer=signed)
    assert refused.status_code == 422
    assert "Nothing was changed." in refused.text
    assert new_id in refused.text
    assert browser().log_in(new_id).status_code == 401
    assert visitor.get("/conversations").status_code == 200
    assert browser().log_in(alice).status_code == 303


@pytest.mark.parametrize("signed", ["", "x", "WyJhIiwiYiJd.aaaa.bbbb"])
def test_it_takes_no_id_that_we_did_not_offer(inside: Inside, alice: str, signed: str) -> None:
    visitor = inside(alice)
    assert visitor.post(CONFIRM, offer=signed, is_kept="yes").status_code == 422
    assert visitor.get("/conversations").status_code == 200


def test_an_offer_is_good_once_and_for_its_holder_alone(inside: Inside, browser: Callable[[], Browser], alice: str, bob: str) -> None:
    visitor, bobs = inside(alice), inside(bob)
    (_, first), (second_id, second) = offer(visitor), offer(visitor)
    assert bobs.post(CONFIRM, offer=first, is_kept="yes").location == PAGE
    assert browser().log_in(bob).status_code == 303
    visitor.post(CONFIRM, offer=second, is_kept="yes")
    again = browser()
    again.log_in(second_id)
    assert again.post(CONFIRM, offer=first, is_kept="yes").location == PAGE
    assert browser().log_in(second_id).status_code == 303


def test_uploads_under_the_old_one_are_refused_with_a_reason(app: ShareLM, client: FlaskClient, inside: Inside, upload: Upload, alice: str) -> None:
    consent = {"version": app.server.consent.version, "language": "en", "adult": True}
    visitor = inside(alice)
    client.post("/api/v1/consent", json=consent, headers=bearer(alice))
    replace(visitor)
    item = {"conversation_id": "c-9", "revision": 1, "messages": [{"id": "m", "role": "user", "content": "x"}]}
    asked = [
        upload(alice, "c-9"),
        client.post(LIST, json=item, headers=bearer(alice)),
        client.post("/api/v1/consent", json=consent, headers=bearer(alice)),
        client.post("/api/v1/contact", json={"message": "x"}, headers=bearer(alice)),
        client.post("/api/v1/login-code", headers=bearer(alice)),
        client.put("/api/v1/me/demographics", json={"country": "FR"}, headers=bearer(alice)),
        client.delete("/api/v1/me/demographics", headers=bearer(alice)),
        client.get("/api/v1/me/demographics", headers=bearer(alice)),
        client.get(LIST, headers=bearer(alice)),
        client.get(f"{LIST}/c-1", headers=bearer(alice)),
        client.delete(f"{LIST}/c-1", headers=bearer(alice)),
        client.get("/api/v1/me", headers=bearer(alice)),
        client.delete("/api/v1/me", headers=bearer(alice)),
    ]
    assert {(answer.status_code, answer.json["detail"].startswith(DEAD)) for answer in asked} == {(401, True)}  # type: ignore[index]
    assert (count(app, contributor), count(app, conversation)) == (1, 1)


def test_what_was_given_and_withdrawn_stays_so_under_the_new_one(
    app: ShareLM, client: FlaskClient, inside: Inside, upload: Upload, run_job: Callable[[str], object], alice: str
) -> None:
    upload(alice, "kept")
    upload(alice, "gone")
    client.delete(f"{LIST}/gone", headers=bearer(alice))
    run_job("anonymise")
    run_job("purge")
    new_id = replace(inside(alice))
    assert upload(new_id, "kept").json["message"] == "The conversation was here already."  # type: ignore[index]
    assert upload(new_id, "gone").status_code == 410
    assert upload(new_id, "new").status_code == 200
    assert client.get(f"{LIST}/kept", headers=bearer(new_id)).status_code == 200
    assert client.delete(f"{LIST}/new", headers=bearer(new_id)).status_code == 200
    assert count(app, conversation) == 3
    newest = replace(inside(new_id))
    assert [upload(newest, name).status_code for name in ("kept", "gone", "new")] == [200, 410, 410]


def test_agreement_messages_and_what_was_told_come_along(app: ShareLM, client: FlaskClient, inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    client.post("/api/v1/consent", json={"version": app.server.consent.version, "language": "en", "adult": True}, headers=bearer(alice))
    client.put("/api/v1/me/demographics", json={"country": "FR"}, headers=bearer(alice))
    client.post("/api/v1/contact", json={"message": "x"}, headers=bearer(alice))
    new_id = replace(visitor)
    assert client.get("/api/v1/me", headers=bearer(new_id)).json["consent"]["is_current"]  # type: ignore[index]
    assert client.get("/api/v1/me/demographics", headers=bearer(new_id)).json["country"] == "FR"  # type: ignore[index]
    client.delete("/api/v1/me", headers=bearer(new_id))
    assert count(app, contact_message) == 0


def test_codes_of_the_old_one_open_nothing(client: FlaskClient, inside: Inside, browser: Callable[[], Browser], alice: str) -> None:
    visitor = inside(alice)
    path = client.post("/api/v1/login-code", headers=bearer(alice)).json["url"].removeprefix("http://127.0.0.1:8000")  # type: ignore[index]
    replace(visitor)
    assert browser().post(path).status_code == 401


def test_uploads_at_the_same_moment_are_kept_or_refused(app: ShareLM, inside: Inside, alice: str) -> None:
    visitor = inside(alice)

    def send(number: int) -> int:
        return app.test_client().post("/api/endpoint", json=plugin_payload(alice, f"at-once-{number}")).status_code

    with ThreadPoolExecutor(4) as threads:
        sent = [threads.submit(send, number) for number in range(40)]
        new_id = replace(visitor)
        sent += [threads.submit(send, number) for number in range(40, 60)]
        answers = [one.result(timeout=60) for one in sent]
    assert set(answers) <= {200, 401}
    assert answers[-20:] == [401] * 20
    assert count(app, contributor) == 1
    assert count(app, conversation) == 1 + answers.count(200)
    again = [app.test_client().post("/api/endpoint", json=plugin_payload(new_id, f"at-once-{number}")) for number in range(60)]
    assert {answer.status_code for answer in again} == {200}
    assert count(app, conversation) == 61


def test_the_ids_are_in_no_log(inside: Inside, alice: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    new_id = replace(inside(alice))
    assert new_id not in caplog.text
    assert alice not in caplog.text


def test_it_requires_a_login_and_our_own_form(browser: Callable[[], Browser], inside: Inside, alice: str) -> None:
    stranger = browser()
    assert stranger.get(PAGE).location == stranger.post(PAGE).location == stranger.post(CONFIRM).location == "/login"
    visitor = inside(alice)
    _, signed = offer(visitor)
    assert visitor.client.post(CONFIRM, data={"offer": signed, "is_kept": "yes"}).status_code == 403
    assert visitor.post(CONFIRM, offer=signed, is_kept="yes", headers={"Origin": "https://evil.example"}).status_code == 403
    assert visitor.get("/conversations").status_code == 200
