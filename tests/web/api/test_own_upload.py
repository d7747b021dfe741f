"""POST /api/v1/conversations: our own payload, merged by message id."""

from __future__ import annotations

import gzip
import json

import pytest

from sharelm.store.engine import write


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


def item(conversation_id="c-1", revision=1, messages=None, **more):
    messages = messages or [message("m1", "user", "Hello"), message("m2", "assistant", "Hi", parent_id="m1")]
    return {"conversation_id": conversation_id, "revision": revision, "messages": messages, **more}


def message(message_id, role, content, parent_id=None, **more):
    return {"id": message_id, "parent_id": parent_id, "role": role, "content": content, **more}


@pytest.fixture
def agree(client):
    def agree(user_id):
        version = client.get("/api/v1/consent").json["version"]
        return client.post("/api/v1/consent", json={"version": version, "language": "en", "adult": True}, headers=bearer(user_id))

    return agree


@pytest.fixture
def send(client):
    def send(user_id, body, **more):
        return client.post("/api/v1/conversations", json=body, headers=bearer(user_id) | more.pop("headers", {}), **more)

    return send


def result(answer):
    return [one["result"] for one in answer.json["items"]]


def contents(client, user_id, conversation_id="c-1"):
    answer = client.get(f"/api/v1/conversations/{conversation_id}", headers=bearer(user_id))
    return [one["content"] for one in answer.json["messages"]]


def test_it_answers_created_updated_unchanged(agree, send, alice):
    agree(alice)
    assert result(send(alice, item())) == ["created"]
    assert result(send(alice, item())) == ["unchanged"]
    grown = item(revision=2, messages=[message("m1", "user", "Hello"), message("m2", "assistant", "Hi", "m1"), message("m3", "user", "More", "m2")])
    assert result(send(alice, grown)) == ["updated"]
    assert result(send(alice, grown)) == ["unchanged"]


@pytest.mark.parametrize(
    ("models", "whole", "expected"),
    [(["b", "a", "a"], None, "a"), (["b", "a", None], None, "b"), (["a", "a"], "c", "c"), ([None], None, None)],
)
def test_it_takes_the_model_of_most_answers_where_only_they_name_one(client, agree, send, alice, models, whole, expected):
    agree(alice)
    answers = [message(f"m{number}", "assistant", f"Hi {number}", "m", model=model) for number, model in enumerate(models)]
    send(alice, item(messages=[message("m", "user", "Hello", model="x"), *answers], model=whole))
    assert client.get("/api/v1/conversations/c-1", headers=bearer(alice)).json["model"] == expected


def test_it_needs_a_user_id(client, agree, eve):
    for headers in ({}, {"Authorization": "Basic x"}, bearer("short"), bearer("x" * 65)):
        answer = client.post("/api/v1/conversations", json=item(), headers=headers)
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_it_refuses_without_consent_and_says_where_the_text_is(send, upload, alice, bob):
    for user_id in (alice, bob):
        upload(bob)  # the plugin's own agreement does not open this door
        answer = send(user_id, item())
        assert answer.status_code == 409
        assert answer.json["address"].endswith("/terms")
        assert answer.json["version"]


def test_it_refuses_what_was_recorded_under_another_version(agree, send, alice):
    agree(alice)
    assert send(alice, item(consent_version="2019-01-01")).status_code == 409
    both = send(alice, [item(consent_version="2019-01-01"), item("c-2")])
    assert (both.status_code, result(both)) == (200, ["refused", "created"])
    assert send(alice, [item(consent_version="2019-01-01")]).status_code == 409


def test_it_takes_a_list_and_answers_for_each(agree, send, alice):
    agree(alice)
    answer = send(alice, [item("a"), {"conversation_id": "b", "revision": 1, "messages": "abc"}, item("c"), "nonsense", item("no id!")])
    assert answer.status_code == 200
    assert result(answer) == ["created", "refused", "created", "refused", "refused"]
    assert answer.json["items"][1]["reason"]
    assert answer.json["items"][1]["status"] == 422


@pytest.mark.parametrize("count", [0, 101])
def test_it_takes_one_to_a_hundred(agree, send, alice, count):
    agree(alice)
    assert send(alice, [item(f"c-{n}") for n in range(count)]).status_code == 422
    assert result(send(alice, [item(f"c-{n}") for n in range(100)])) == ["created"] * 100


def test_it_merges_by_id_and_takes_no_absence_for_a_deletion(client, agree, send, alice):
    agree(alice)
    send(alice, item(messages=[message("m1", "user", "one"), message("m2", "assistant", "two", "m1")]))
    send(alice, item(revision=2, messages=[message("m3", "user", "three", "m2"), message("m4", "assistant", "four", "m3")]))
    assert contents(client, alice) == ["one", "two", "three", "four"]
    earlier = [message("m0", "user", "zero"), message("m1", "user", "one", "m0")]
    send(alice, item(revision=3, messages=earlier))
    assert contents(client, alice) == ["zero", "one", "two", "three", "four"]


def test_it_ignores_an_older_revision(client, agree, send, alice):
    agree(alice)
    send(alice, item(revision=5))
    assert result(send(alice, item(revision=4, messages=[message("m1", "user", "changed")]))) == ["unchanged"]
    assert contents(client, alice) == ["Hello", "Hi"]


def test_a_copy_that_changed_nothing_still_makes_older_ones_old(client, agree, send, alice):
    agree(alice)
    send(alice, item(revision=2))
    assert result(send(alice, item(revision=9))) == ["unchanged"]
    assert result(send(alice, item(revision=5, messages=[message("m1", "user", "changed")]))) == ["unchanged"]
    assert contents(client, alice) == ["Hello", "Hi"]


def test_it_recognises_what_came_through_the_published_plugin(client, agree, send, upload, alice):
    agree(alice)
    upload(alice, user=["Hello"], bot=["Hi"])
    grown = [message("a", "user", "Hello"), message("b", "assistant", "Hi", "a"), message("c", "user", "More", "b")]
    assert result(send(alice, item(messages=grown))) == ["updated"]
    assert contents(client, alice) == ["Hello", "Hi", "More"]


def test_a_conversation_has_a_longest_length_however_many_uploads_bring_it(agree, send, alice):
    agree(alice)
    for start in (0, 1_000):
        assert send(alice, item(revision=start, messages=[message(f"m{n}", "user", "x") for n in range(start, start + 1_000)])).status_code == 200
    assert send(alice, item(revision=2_000, messages=[message("one more", "user", "x")])).status_code == 422


def test_a_model_that_could_be_somebodys_address_is_not_kept(client, agree, send, alice):
    agree(alice)
    send(alice, item(model="anna@example.org"))
    assert client.get("/api/v1/conversations/c-1", headers=bearer(alice)).json["model"] is None


def test_it_takes_a_message_that_was_finished_later(client, agree, send, alice):
    agree(alice)
    send(alice, item())
    send(alice, item(revision=2, messages=[message("m2", "assistant", "Hi, and more", "m1")]))
    assert contents(client, alice) == ["Hello", "Hi, and more"]


def test_it_shows_the_newest_branch_and_keeps_the_others(client, agree, send, alice, run_job):
    agree(alice)
    regenerated = [message("m1", "user", "ask"), message("m2", "assistant", "first", "m1"), message("m3", "assistant", "second", "m1")]
    send(alice, item(messages=regenerated))
    run_job("anonymise")
    assert contents(client, alice) == ["ask", "second"]
    send(alice, item(revision=2, messages=[message("m4", "user", "go on", "m2")]))
    run_job("anonymise")
    assert contents(client, alice) == ["ask", "first", "go on"]


def test_it_bridges_gaps(client, agree, send, alice, run_job):
    agree(alice)
    send(
        alice,
        item(
            messages=[
                message("m1", "user", "a"),
                message("m2", "assistant", "b", "m1"),
                message("m9", "user", "z", gap=True),
                message("m10", "assistant", "y", "m9"),
            ]
        ),
    )
    run_job("anonymise")
    assert contents(client, alice) == ["a", "b", "z", "y"]


def test_it_changes_ratings_alone(client, agree, send, alice, run_job):
    agree(alice)
    send(alice, item())
    run_job("anonymise")
    before = client.get("/api/v1/conversations/c-1", headers=bearer(alice)).json
    rated = [message("m1", "user", "Hello"), message("m2", "assistant", "Hi", "m1", rating=-1)]
    assert result(send(alice, item(revision=2, messages=rated, rating=1))) == ["updated"]
    after = client.get("/api/v1/conversations/c-1", headers=bearer(alice)).json
    assert (after["messages"][1]["rating"], after["rating"]) == (-1, 1)
    assert (after["stage"], after["releasable_at"]) == (before["stage"], before["releasable_at"])


def test_a_rating_comes_without_messages_where_the_conversation_is_kept(client, agree, send, alice):
    agree(alice)
    assert send(alice, item(rating=1) | {"messages": []}).status_code == 422
    send(alice, item())
    assert result(send(alice, item(revision=2, rating=-1) | {"messages": []})) == ["updated"]
    kept = client.get("/api/v1/conversations/c-1", headers=bearer(alice)).json
    assert (kept["rating"], len(kept["messages"])) == (-1, 2)


def test_it_takes_gzip_and_refuses_bombs(agree, send, alice, client):
    agree(alice)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    def post(body):
        return client.post("/api/v1/conversations", data=body, headers=bearer(alice) | headers)

    assert result(post(gzip.compress(json.dumps(item()).encode()))) == ["created"]
    assert post(gzip.compress(b'{"a":"' + b"x" * 25_000_000 + b'"}')).status_code == 413
    assert post(gzip.compress(b" " * 3_000_000)).status_code == 413
    assert post(b"no gzip").status_code == 400
    assert post(gzip.compress(b"{}")[:-5]).status_code == 400
    assert client.post("/api/v1/conversations", data=b"x", headers=bearer(alice) | headers | {"Content-Encoding": "br"}).status_code == 415


@pytest.mark.parametrize(
    "changed",
    [
        {"conversation_id": "x" * 201},
        {"conversation_id": "a b"},
        {"revision": -1},
        {"revision": "1"},
        {"messages": []},
        {"messages": [{"role": "user", "content": "no id"}]},
        {"messages": [message("m" * 65, "user", "x")]},
        {"messages": [message("m", "user", "x"), message("m", "user", "y")]},
        {"messages": [message("m", "human", "x")]},
        {"messages": [message("m", "user", "a\0b")]},
        {"messages": [message("m", "user", "x", rating=2)]},
        {"messages": [message("m", "user", "x", timestamp="soon")]},
        {"platform": "llm.employer.internal"},
    ],
    ids=str,
)
def test_it_refuses_a_bad_field(agree, send, alice, changed):
    agree(alice)
    answer = send(alice, item() | changed)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert result(send(alice, item())) == ["created"]


def test_it_drops_unknown_keys_and_hosts(client, agree, send, alice):
    agree(alice)
    send(alice, item(page_host="llm.employer.internal", page_url="https://llm.employer.internal/secret?x=1", user_agent="Firefox"))
    kept = client.get("/api/v1/conversations/c-1", headers=bearer(alice))
    assert kept.json["page_host"] is None
    assert "employer" not in kept.get_data(as_text=True)


def test_it_answers_410_to_a_withdrawn_one_and_refuses_it_in_a_list(client, agree, send, alice):
    agree(alice)
    send(alice, item())
    client.delete("/api/v1/conversations/c-1", headers=bearer(alice))
    assert send(alice, item(revision=9)).status_code == 410
    answer = send(alice, [item(revision=9), item("c-2")])
    assert (result(answer), answer.json["items"][0]["status"]) == (["refused", "created"], 410)


def test_two_contributors_may_use_the_same_conversation_id(client, agree, send, alice, bob):
    for user_id, text in ((alice, "from Alice"), (bob, "from Bob")):
        agree(user_id)
        send(user_id, item(messages=[message("m1", "user", text)]))
    assert contents(client, alice) == ["from Alice"]
    assert contents(client, bob) == ["from Bob"]


def test_it_takes_the_next_upload_after_the_database_failed(app, agree, send, alice):
    agree(alice)
    with write(app.server.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE conversation RENAME TO away")
    answer = send(alice, item())
    assert answer.status_code in {500, 503}
    assert "conversation" not in answer.json["detail"]
    with write(app.server.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO conversation")
    assert result(send(alice, item())) == ["created"]


def test_what_the_device_replaced_counts_as_replaced(agree, send, client, run_job, alice):
    agree(alice)
    told = message("m1", "user", "[HIDDEN_1] and [EMAIL_ADDRESS_1], bob@example.org; [ALICE_1]", redactions=2)
    send(alice, item(messages=[told, message("m2", "assistant", "Write [URL_1] then", "m1")]))
    run_job("anonymise")
    found = client.get("/api/v1/conversations/c-1", headers=bearer(alice)).json
    assert [one["redactions"] for one in found["messages"]] == [3, 0]
    assert contents(client, alice)[0] == "[HIDDEN_1] and [EMAIL_ADDRESS_1], [EMAIL_ADDRESS_2]; [ALICE_1]"


@pytest.mark.parametrize("count", [-1, 100_001, "many"])
def test_it_refuses_a_wrong_count_of_replaced_places(agree, send, alice, count):
    agree(alice)
    assert send(alice, item(messages=[message("m1", "user", "Hello", redactions=count)])).status_code == 422


def test_labels_that_the_device_gave_stay_and_others_go_on_from_them(agree, send, client, run_job, alice):
    agree(alice)
    said = [
        message("m1", "user", "I am [EMAIL_ADDRESS_1], not bob@example.org"),
        message("m2", "assistant", "carol@example.org and [EMAIL_ADDRESS_7]?", "m1"),
        message("m3", "user", "No, dan@example.org and bob@example.org.", "m2"),
    ]
    for revision, one in enumerate(said, start=1):
        send(alice, item(revision=revision, messages=[one]))
        run_job("anonymise")
    assert contents(client, alice) == [
        "I am [EMAIL_ADDRESS_1], not [EMAIL_ADDRESS_2]",
        "[EMAIL_ADDRESS_8] and [EMAIL_ADDRESS_7]?",
        "No, [EMAIL_ADDRESS_9] and [EMAIL_ADDRESS_2].",
    ]
