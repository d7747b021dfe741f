"""/api/v1/me/demographics: voluntary, erasable, and the holder's own word against every later upload."""

from __future__ import annotations

import pytest

from tests.web.api.test_account import agree, bearer

PATH = "/api/v1/me/demographics"
NONE = {"age_band": None, "country": None, "gender": None}
TOLD = {"age": "33", "gender": "Female", "location": "Bologna, Italy"}


@pytest.fixture
def kept(client):
    return lambda user_id: client.get(PATH, headers=bearer(user_id)).json


@pytest.fixture
def put(client):
    return lambda user_id, **body: client.put(PATH, json=body, headers=bearer(user_id))


def test_it_shows_what_an_upload_told(upload, kept, alice, bob):
    upload(alice, user_metadata=TOLD)
    assert kept(alice) == {"age_band": "25-34", "country": "IT", "gender": "female"}
    assert kept(bob) == NONE


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ({"age": 18}, {"age_band": "18-24"}), ({"age": "65 years"}, {"age_band": "65+"}), ({"age_band": "35-44"}, {"age_band": "35-44"}),
        ({"country": "Italia"}, {"country": "IT"}), ({"country": "DE"}, {"country": "DE"}), ({"gender": " Non  binary "}, {"gender": "non binary"}),
        ({"age": None}, {"age_band": None}), ({"country": ""}, {"country": None}), ({}, {}),
    ],
)  # fmt: skip
def test_it_keeps_what_is_sent_and_nothing_finer(upload, put, kept, alice, sent, answer):
    upload(alice, user_metadata=TOLD)
    before = kept(alice)
    assert put(alice, **sent).json == before | answer
    assert kept(alice) == before | answer


@pytest.mark.parametrize(
    "sent",
    [{"age": "old"}, {"age": 121}, {"age_band": "33"}, {"age": 33, "age_band": "25-34"}, {"country": "the moon"}, {"gender": "x" * 65}, {"age": []}],
)
def test_it_changes_nothing_for_what_it_cannot_read(upload, put, kept, alice, sent):
    upload(alice, user_metadata=TOLD)
    assert put(alice, **sent).status_code == 422
    assert kept(alice)["age_band"] == "25-34"


def test_it_refuses_an_age_below_18(upload, put, kept, alice):
    upload(alice, user_metadata=TOLD)
    assert put(alice, age=17, gender="male").status_code == 403
    assert kept(alice)["gender"] == "female"


def test_it_keeps_nothing_of_somebody_who_has_not_agreed(client, put, kept, alice, eve):
    assert put(eve, gender="male").status_code == 409
    agree(client, alice)
    assert put(alice, gender="male").status_code == 200
    client.delete("/api/v1/me", headers=bearer(alice))
    assert put(alice, gender="male").status_code == 409
    assert kept(alice) == kept(eve) == NONE


def test_it_erases_all_at_once_and_again(client, upload, kept, alice):
    upload(alice, user_metadata=TOLD)
    for _ in range(2):
        answer = client.delete(PATH, headers=bearer(alice))
        assert (answer.status_code, answer.json) == (200, NONE)
    assert kept(alice) == NONE


def test_no_upload_brings_back_what_was_erased(client, upload, kept, alice):
    client.delete(PATH, headers=bearer(alice))
    for number in range(3):
        assert upload(alice, conversation_id=f"c-{number}", user_metadata=TOLD).status_code == 200
        assert kept(alice) == NONE


def test_no_upload_changes_what_was_changed_here(upload, put, kept, alice):
    upload(alice, user_metadata={"age": "33", "gender": "", "location": ""})
    put(alice, country="FR", age_band=None)
    for number in range(1, 4):
        upload(alice, conversation_id=f"c-{number}", user_metadata=TOLD)
        assert kept(alice) == {"age_band": None, "country": "FR", "gender": "female"}


def test_a_later_answer_in_an_upload_still_counts_where_nothing_was_said_here(upload, kept, alice):
    upload(alice, user_metadata=TOLD)
    upload(alice, conversation_id="c-2", user_metadata={"age": "41", "gender": "", "location": ""})
    assert kept(alice) == {"age_band": "35-44", "country": "IT", "gender": "female"}


@pytest.mark.parametrize("told", [TOLD, {"age": "", "gender": "Female", "location": ""}, {"age": "50", "gender": "", "location": ""}])
def test_an_upload_that_may_change_nothing_takes_the_short_way(app, upload, put, alice, told, monkeypatch):
    upload(alice, user_metadata=TOLD)
    put(alice, age_band="65+")
    monkeypatch.setattr("sharelm.web.api.plugin.accept_contribution", lambda *_, **__: pytest.fail("it took the longer way"))
    assert upload(alice, conversation_id="c-2", user_metadata=told).status_code == 200


def test_it_needs_a_user_id(client):
    assert [getattr(client, method)(PATH).status_code for method in ("get", "put", "delete")] == [401] * 3


def test_browsers_may_put_from_elsewhere(client):
    answer = client.options(PATH, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PUT"})
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
