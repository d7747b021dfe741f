"""POST /api/endpoint: what the published plugin sends, unchanged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from sharelm.store.conversation import conversation
from sharelm.store.engine import read
from tests.conftest import plugin_payload


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


def own(client, user_id, conversation_id="c-1"):
    return client.get(f"/api/v1/conversations/{conversation_id}", headers=bearer(user_id)).json


def contents(answer):
    return [(message["role"], message["content"]) for message in answer["messages"]]


def count_rows(app):
    with read(app.server.engine) as connection:
        return connection.execute(select(func.count()).select_from(conversation)).scalar_one()


def test_it_keeps_the_payload_unchanged(client, upload, alice):
    answer = upload(alice, conversation_id="6f1c7a52-6b1d-4a5e-9f0e-2f9a1b3c4d5e", user=["Hello", "And then?"], bot=["Hi", "Then this."])
    assert answer.status_code == 200
    assert set(answer.json) == {"message", "conversation_id"}
    kept = own(client, alice, "6f1c7a52-6b1d-4a5e-9f0e-2f9a1b3c4d5e")
    assert contents(kept) == [("user", "Hello"), ("assistant", "Hi"), ("user", "And then?"), ("assistant", "Then this.")]
    assert (kept["model"], kept["platform"], kept["page_host"]) == ("heron/chat", "gradio", "huggingface.co")


def test_it_changes_nothing_the_second_time(app, upload, alice):
    upload(alice)
    answer = upload(alice)
    assert (answer.status_code, count_rows(app)) == (200, 1)


@pytest.mark.parametrize(
    ("user", "bot", "order"),
    [
        (["u1", "u2"], ["b1", "b2"], ["u1", "b1", "u2", "b2"]),
        (["u1"], ["b1", "b2"], ["b1", "u1", "b2"]),
        ([], ["b1"], ["b1"]),
        (["u1", "u2", "u3"], ["b1"], ["u1", "b1", "u2", "u3"]),
        (["u1"], ["b1", "b2", "b3"], ["u1", "b1", "b2", "b3"]),
    ],
)
def test_it_interleaves_the_two_arrays(client, upload, alice, user, bot, order):
    assert upload(alice, user=user, bot=bot).status_code == 200
    assert [content for _, content in contents(own(client, alice))] == order


def test_it_takes_the_fuller_copy_and_leaves_the_shorter_one(client, upload, alice):
    upload(alice, user=["one", "two"], bot=["1", "2"])
    upload(alice, user=["one"], bot=["1"])
    assert len(own(client, alice)["messages"]) == 4
    upload(alice, user=["one", "two", "three"], bot=["1", "2", "3"])
    assert len(own(client, alice)["messages"]) == 6


def test_it_asks_for_no_common_beginning(client, upload, alice):
    upload(alice, user=["one"], bot=["1"])
    upload(alice, user=["other", "words"], bot=["a", "b"])
    assert contents(own(client, alice))[0] == ("user", "other")


@pytest.mark.parametrize(
    ("changed", "is_taken"),
    [
        ({"bot": ["longer answer"], "timestamp": "2026-06-15T18:22:37.000Z"}, True),
        ({"bot": ["s"], "timestamp": "2026-06-15T18:22:38.000Z"}, True),
        ({"bot": ["s"], "timestamp": "2026-06-15T18:22:37.000Z"}, False),
        ({"bot": ["s"], "timestamp": "2026-06-15T18:22:36.000Z"}, False),
    ],
)
def test_it_takes_as_many_messages_only_if_later_or_longer(client, upload, alice, changed, is_taken):
    upload(alice, user=["u"], bot=["short"])
    upload(alice, user=["u"], **changed)
    assert (contents(own(client, alice))[1][1] == changed["bot"][0]) is is_taken


def test_it_changes_ratings_alone_without_touching_the_hold(client, upload, alice):
    upload(alice, conversation_metadata={"message_ratings": [0]})
    before = own(client, alice)
    upload(alice, conversation_metadata={"message_ratings": [1], "rate": "thumbdown"})
    after = own(client, alice)
    assert (after["messages"][1]["rating"], after["rating"]) == (1, -1)
    assert after["releasable_at"] == before["releasable_at"]


def test_it_leaves_one_row_with_the_newest_text_after_ten_growing_copies_from_sixteen_threads(app, client, alice):
    copies = [plugin_payload(alice, user=[f"u{n}" for n in range(size)], bot=[f"b{n}" for n in range(size)]) for size in range(1, 11)]

    def send(copy):
        with app.test_client() as own_client:
            return own_client.post("/api/endpoint", json=copy).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(send, copies * 4))
    assert set(statuses) == {200}
    assert count_rows(app) == 1
    assert contents(own(client, alice))[-1] == ("assistant", "b9")


def test_it_answers_the_preflight_and_lets_any_page_read_the_answer(client, upload, alice):
    preflight = client.options("/api/endpoint", headers={"Origin": "chrome-extension://x", "Access-Control-Request-Method": "POST"})
    assert preflight.status_code in {200, 204}
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    for answer in (preflight, upload(alice), client.post("/api/endpoint", data="{", content_type="application/json")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("age", ["17", 17, "0", 17.0])
def test_it_refuses_who_says_to_be_under_18(app, upload, alice, age):
    assert upload(alice, user_metadata={"age": age, "gender": "", "location": ""}).status_code == 403
    assert count_rows(app) == 0


@pytest.mark.parametrize("age", ["18", "", None, "unknown", 99])
def test_it_takes_everybody_else(upload, alice, age):
    assert upload(alice, user_metadata={"age": age, "gender": "", "location": ""}).status_code == 200


def test_it_answers_410_to_what_was_withdrawn_and_keeps_it_withdrawn(client, upload, alice):
    upload(alice)
    client.delete("/api/v1/conversations/c-1", headers=bearer(alice))
    answer = upload(alice, user=["more", "and more"], bot=["x", "y"])
    assert (answer.status_code, answer.content_type) == (410, "application/problem+json")
    assert client.get("/api/v1/conversations/c-1", headers=bearer(alice)).status_code == 410


BAD = {
    "a NUL in a message": {"user": ["a\0b"]},
    "a lone surrogate": {"user": ["a\ud800b"]},
    "no user ID": {"user_id": None},
    "a short user ID": {"user_id": "abc"},
    "a user ID with a blank": {"user_id": "x" * 22 + " y"},
    "a 300-character id": {"conversation_id": "c" * 300},
    "an empty id": {"conversation_id": ""},
    "an address over 255 characters": {"page_url": "https://huggingface.co/spaces/" + "a" * 300},
    "a string for an array": {"bot": "abc"},
    "a number in an array": {"bot": [1]},
    "both empty": {"user": [], "bot": []},
    "a time that is none": {"timestamp": "yesterday"},
    "a time out of range": {"timestamp": "0001-01-01T00:00:00+14:00"},
    "a rating that is none": {"conversation_metadata": {"message_ratings": [5]}},
    "too many messages": {"user": ["u"] * 2001},
}


@pytest.mark.parametrize("changed", BAD.values(), ids=BAD.keys())
def test_it_refuses_a_bad_field_and_takes_the_next_good_upload(client, upload, alice, bob, changed):
    answer = client.post("/api/endpoint", json=plugin_payload(**{"user_id": alice, "conversation_id": "bad", **changed}))
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"
    assert {"title", "status", "detail", "error_id"} <= set(answer.json)
    assert upload(bob).status_code == 200


BODIES = {
    "no JSON": (b"{", "application/json", 400),
    "nothing": (b"", "application/json", 400),
    "another encoding": ('{"a": "é"}'.encode("latin-1"), "application/json", 400),
    "a list": (b"[]", "application/json", 422),
    "a form": (b"a=b", "application/x-www-form-urlencoded", 415),
    "no type": (b"{}", None, 415),
    "deep nesting": (b"[" * 100_000, "application/json", 400),
    "deep nesting inside a field": (b'{"user_metadata":' + b'{"a":' * 100 + b"1" + b"}" * 101, "application/json", 400),
    "six megabytes": (b'{"a": "' + b"x" * 6_000_000 + b'"}', "application/json", 413),
    "a string without end": (b"[]" * 65 + b'"' + b'\\"' * 100_000, "application/json", 400),
    "a number without end": (b'{"user_id":' + b"1" * 100_000 + b"}", "application/json", 400),
}


@pytest.mark.parametrize(("body", "content_type", "status"), BODIES.values(), ids=BODIES.keys())
def test_it_refuses_a_bad_body_and_takes_the_next_good_upload(client, upload, alice, body, content_type, status):
    answer = client.post("/api/endpoint", data=body, content_type=content_type)
    assert answer.status_code == status
    assert upload(alice).status_code == 200


def test_it_keeps_brackets_and_escaped_nul_in_what_people_wrote(client, upload, alice):
    text = "[" * 200 + r" \u0000 {}" + '"' * 3
    assert upload(alice, user=[text]).status_code == 200
    assert contents(own(client, alice))[0] == ("user", text)


@pytest.mark.settings(SHARELM_UPLOADS_PER_MINUTE="3")
def test_it_asks_who_sends_too_often_to_wait(upload, alice, bob):
    statuses = [upload(alice, conversation_id=f"c-{n}").status_code for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert int(upload(alice).headers["Retry-After"]) >= 1
    assert upload(bob).status_code == 200


def test_it_takes_no_other_method(client):
    answer = client.get("/api/endpoint")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
