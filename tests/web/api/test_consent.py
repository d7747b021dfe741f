"""/api/v1/consent: the text in force, and the agreement to it."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import func, select

from sharelm.store.contributor import consent
from sharelm.store.engine import read


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


def given(client, **changed):
    return {"version": client.get("/api/v1/consent").json["version"], "language": "en", "adult": True} | changed


def test_it_shows_the_text_without_login(client):
    shown = client.get("/api/v1/consent").json
    assert set(shown) == {"version", "language", "text", "sha256", "address"}
    assert hashlib.sha256(shown["text"].encode()).hexdigest() == shown["sha256"]
    assert "24 hours" in shown["text"]


def test_it_falls_back_to_english(client):
    assert client.get("/api/v1/consent?language=xx").json["language"] == "en"


def test_every_language_has_its_text_under_one_version(client, alice):
    english, italian = client.get("/api/v1/consent").json, client.get("/api/v1/consent?language=it").json
    assert italian["language"] == "it"
    assert italian["text"].startswith("# Condizioni")
    assert italian["version"] == english["version"]
    assert hashlib.sha256(italian["text"].encode()).hexdigest() == italian["sha256"] != english["sha256"]
    agreed = client.post("/api/v1/consent", json=given(client, language="it"), headers=bearer(alice)).json
    assert (agreed["language"], agreed["sha256"]) == ("it", italian["sha256"])


@pytest.mark.settings(SHARELM_HOLD_HOURS="48")
@pytest.mark.parametrize(("language", "hours"), [("en", "hours"), ("it", "ore")])
def test_both_waits_are_named(client, language, hours):
    text = client.get(f"/api/v1/consent?language={language}").json["text"]
    assert f"24 {hours}" in text
    assert f"48 {hours}" in text
    assert "$" not in text


def test_an_operator_without_a_name_is_spoken_of_in_each_language(client):
    assert "the operator of this server" in client.get("/api/v1/consent").json["text"]
    assert "the operator" not in client.get("/api/v1/consent?language=it").json["text"]


def test_it_records_an_agreement_once(app, client, alice):
    for _ in range(2):
        answer = client.post("/api/v1/consent", json=given(client), headers=bearer(alice))
        assert answer.status_code == 200
    with read(app.server.engine) as connection:
        rows = connection.execute(select(consent)).all()
    assert [(row.version, row.language, row.text_sha256) for row in rows] == [(answer.json["version"], "en", answer.json["sha256"])]


@pytest.mark.parametrize("changed", [{"adult": False}, {"adult": None}, {"adult": "true"}, {"adult": 1}, {"language": "en\n"}, {"version": 1}])
def test_it_refuses_what_is_no_agreement(app, client, alice, changed):
    answer = client.post("/api/v1/consent", json=given(client, **changed), headers=bearer(alice))
    assert answer.status_code == 422
    without = {name: value for name, value in given(client).items() if name not in changed}
    assert client.post("/api/v1/consent", json=without, headers=bearer(alice)).status_code == 422
    with read(app.server.engine) as connection:
        assert connection.execute(select(func.count()).select_from(consent)).scalar_one() == 0


def test_it_refuses_another_version_with_the_address_of_the_text(client, alice):
    answer = client.post("/api/v1/consent", json=given(client, version="2019-01-01"), headers=bearer(alice))
    assert answer.status_code == 409
    assert answer.json["address"].endswith("/terms")


def test_it_needs_a_user_id(client):
    assert client.post("/api/v1/consent", json=given(client)).status_code == 401


def test_the_first_plugin_upload_records_the_plugins_own_terms(app, upload, alice):
    upload(alice)
    upload(alice, conversation_id="c-2")
    with read(app.server.engine) as connection:
        rows = connection.execute(select(consent)).all()
    assert [(row.version, row.language) for row in rows] == [("sharelm-plugin", "en")]


@pytest.mark.settings(SHARELM_OPERATOR="Heron Library", SHARELM_HOLD_HOURS="48")
def test_what_the_operator_sets_is_part_of_the_text_and_of_its_version(app, client):
    shown = client.get("/api/v1/consent").json
    assert "Heron Library" in shown["text"]
    assert "48 hours" in shown["text"]
    from sharelm.consent.texts import current_text

    assert shown["version"] != current_text(app.server.consent_facts | {"hold_hours": "24"}).version
