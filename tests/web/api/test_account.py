"""/api/v1/me and /api/v1/contact: what the server has of its caller, in numbers; a word to the operator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from sharelm.store.contact_message import contact_message
from sharelm.store.engine import read, write
from sharelm.web.current import now
from tests import processes

NOTHING = {"conversations": 0, "messages": 0, "released": 0, "withdrawn": 0, "awaiting_purge": 0, "consent": None}


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


def agree(client, user_id):
    given = {"version": client.get("/api/v1/consent").json["version"], "language": "en", "adult": True}
    assert client.post("/api/v1/consent", json=given, headers=bearer(user_id)).status_code == 200


@pytest.fixture
def me(client):
    return lambda user_id: client.get("/api/v1/me", headers=bearer(user_id)).json


@pytest.fixture
def tell(client):
    return lambda user_id, **body: client.post("/api/v1/contact", json=body, headers=bearer(user_id))


def messages(app):
    with read(app.server.engine) as connection:
        return connection.execute(select(contact_message)).all()


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_counts_what_is_mine(client, upload, run_job, me, alice, bob):
    for number in range(3):
        upload(alice, conversation_id=f"c-{number}")
    upload(bob)
    run_job("anonymise")
    run_job("release")
    upload(alice, conversation_id="c-4", user=["a", "b"], bot=["c", "d"])
    client.delete("/api/v1/conversations/c-0", headers=bearer(alice))
    numbers = me(alice)
    consent = numbers.pop("consent")
    assert numbers == {"conversations": 3, "messages": 8, "released": 2, "withdrawn": 1, "awaiting_purge": 1}
    assert (consent["version"], consent["language"], consent["is_current"]) == ("sharelm-plugin", "en", False)
    run_job("purge")
    assert (me(alice)["withdrawn"], me(alice)["awaiting_purge"]) == (1, 0)


def test_it_says_which_terms_are_agreed_to(client, upload, me, alice):
    upload(alice)
    agree(client, alice)
    consent = me(alice)["consent"]
    assert consent["version"] == client.get("/api/v1/consent").json["version"]
    assert consent["is_current"]
    client.delete("/api/v1/me", headers=bearer(alice))
    assert me(alice)["consent"] is None


def test_an_unknown_id_looks_like_one_that_gave_nothing(client, me, alice, eve):
    agree(client, alice)
    client.delete("/api/v1/me", headers=bearer(alice))
    assert me(eve) == me(alice) == NOTHING


@pytest.mark.parametrize(("method", "path"), [("get", "/api/v1/me"), ("post", "/api/v1/contact"), ("post", "/api/v1/login-code")])
def test_it_needs_a_user_id(client, method, path):
    assert getattr(client, method)(path).status_code == 401


def test_a_message_reaches_the_operator(app, client, tell, alice):
    answer = tell(alice, message="I gave what was not mine.", reply_to="alice@example.org")
    assert answer.status_code == 200
    (row,) = messages(app)
    assert (row.message, row.reply_to) == ("I gave what was not mine.", "alice@example.org")
    assert alice.encode() not in row.user_digest


@pytest.mark.parametrize(
    "body", [{}, {"message": ""}, {"message": " \n"}, {"message": "x" * 4001}, {"message": "x", "reply_to": "a\nb"}, {"message": 1}]
)
def test_it_takes_no_message_that_is_none(app, tell, alice, body):
    assert tell(alice, **body).status_code == 422
    assert not messages(app)


def test_a_message_is_never_logged(tell, alice, caplog):
    tell(alice, message="canary message", reply_to="canary@example.org")
    tell(alice, message="canary message", reply_to=["canary"])
    assert "canary" not in caplog.text


def test_the_fourth_message_in_an_hour_must_wait(tell, alice, bob):
    assert [tell(alice, message="Hello").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert int(tell(alice, message="Hello").headers["Retry-After"]) > 600
    assert tell(bob, message="Hello").status_code == 200


def test_new_user_ids_do_not_help_against_the_limit(tell):
    answers = [tell(f"made-up-user-ID_0123456789abcdefghijk{number:03}", message="Hello").status_code for number in range(21)]
    assert answers == [200] * 20 + [429]


def test_withdrawing_everything_takes_the_messages_along(app, client, tell, alice, bob):
    tell(alice, message="Mine")
    tell(bob, message="Not mine")
    client.delete("/api/v1/me", headers=bearer(alice))
    assert [row.message for row in messages(app)] == ["Not mine"]


def test_an_unanswered_message_is_erased_after_180_days(app, tell, run_job, alice, bob):
    tell(alice, message="Old")
    with write(app.server.engine) as connection:
        connection.execute(update(contact_message).values(received_at=now() - timedelta(days=180, seconds=1)))
    tell(bob, message="New")
    assert run_job("purge").counts["messages expired"] == 1
    assert [row.message for row in messages(app)] == ["New"]


def test_the_operator_reads_and_finishes_messages(environment, tell, alice, app):
    def flask(*command):
        return processes.flask("contact", *command, environment=environment)

    assert flask("list").stdout == "No message waits for an answer.\n"
    tell(alice, message="First\nSecond \x1b[31mred", reply_to="alice@example.org")
    listed = flask("list").stdout
    (row,) = messages(app)
    assert listed.splitlines()[0].startswith(f"{row.id}  20")
    assert listed.splitlines()[0].endswith("other, answer to alice@example.org")
    assert listed.splitlines()[1:] == ["    First", "    Second  [31mred"]
    assert flask("done", str(row.id)).returncode == 0
    assert not messages(app)
    again = flask("done", str(row.id))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
