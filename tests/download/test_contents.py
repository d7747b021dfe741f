"""What is in a download of everything: all of its owner's, nothing of others, and no text as it was given."""

from __future__ import annotations

import csv
import io
import json

import pytest

LIST = "/api/v1/conversations"
HARD = '=HYPERLINK("http://evil.example")\r\n"ünï ﷽ 🙂"'
TOLD = {"age": "33", "gender": "Female", "location": "Bologna, Italy"}


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


@pytest.fixture
def mine(app, client, upload, run_job, ask, unpack, alice):
    """Alice's download after she gave three conversations and withdrew one."""
    upload(alice, "c-1", user=[HARD, "anna@example.org"], bot=["-1", "Yes"], user_metadata=TOLD, conversation_metadata={"message_ratings": [1, -1]})
    upload(alice, "c-2", conversation_metadata={"rate": "thumbup"})
    upload(alice, "c-3")
    client.post("/api/v1/contact", json={"message": "A word"}, headers=bearer(alice))
    run_job("anonymise")
    client.delete(f"{LIST}/c-3", headers=bearer(alice))
    run_job("purge")
    ask()
    assert run_job("download").counts == {"downloads prepared": 1}
    return unpack()


def test_it_holds_every_conversation_as_the_api_gives_it(client, mine, alice):
    found = json.loads(mine["conversations.json"])
    assert [facts["conversation_id"] for facts in found] == ["c-1", "c-2", "c-3"]
    for facts in found[:2]:
        assert facts == client.get(f"{LIST}/{facts['conversation_id']}", headers=bearer(alice)).json
    assert (found[2]["stage"], found[2]["messages"]) == ("withdrawn", [])
    assert [json.loads(line) for line in mine["conversations.jsonl"].split("\n")[:-1]] == found


def test_its_csv_has_a_row_for_each_message(mine):
    text = mine["messages.csv"]
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    assert [row["content"].removeprefix("'") for row in rows[:3]] == [HARD, "-1", "[EMAIL_ADDRESS_1]"]
    assert [row["rating"] for row in rows[:4]] == ["", "up", "", "down"]
    assert rows[4]["conversation_rating"] == "up"
    assert text.startswith("\ufeff")
    assert len(rows) == 6


def test_it_holds_ratings_receipts_agreements_and_what_was_told(app, client, mine, alice):
    ratings = json.loads(mine["ratings.json"])
    assert [(rating["conversation_id"], rating["message"], rating["rating"]) for rating in ratings] == [
        ("c-1", 2, 1),
        ("c-1", 4, -1),
        ("c-2", None, 1),
    ]
    (receipt,) = json.loads(mine["receipts.json"])
    path = receipt["address"].removeprefix(app.server.config.public_url)
    assert receipt["signed"] == client.get(f"{path}.json").json
    (consent,) = json.loads(mine["consent.json"])
    assert (consent["version"], consent["ended_at"]) == ("sharelm-plugin", None)
    person = json.loads(mine["about-me.json"])
    assert {name: person[name] for name in ("age_band", "country", "gender")} == {"age_band": "25-34", "country": "IT", "gender": "female"}
    assert [message["message"] for message in person["messages_to_the_operator"]] == ["A word"]
    assert all(name in mine["README.txt"] for name in mine if name != "README.txt")


def test_it_holds_no_user_id_and_nothing_of_others(app, client, upload, run_job, ask, unpack, alice, bob):
    upload(bob, user=["of Bob"])
    upload(alice, user=["of Alice"])
    client.delete(f"{LIST}/c-1", headers=bearer(bob))
    run_job("anonymise")
    ask(owner=2)
    run_job("download")
    text = "".join(unpack(owner=2).values())
    assert "of Alice" in text
    assert not [word for word in (alice, bob, "of Bob") if word in text]


def test_text_that_is_not_anonymised_yet_is_left_out(upload, run_job, ask, unpack, alice):
    upload(alice, user=["a raw text"])
    ask()
    run_job("download")
    files = unpack()
    assert "a raw text" not in "".join(files.values())
    (facts,) = json.loads(files["conversations.json"])
    assert (facts["anonymised"], facts["messages"]) == (False, [])


def test_a_contributor_without_conversations_gets_empty_lists(client, run_job, ask, unpack, alice):
    version = client.get("/api/v1/consent").json["version"]
    client.post("/api/v1/consent", json={"version": version, "language": "en", "adult": True}, headers=bearer(alice))
    ask()
    run_job("download")
    files = unpack()
    assert [json.loads(files[name]) for name in ("conversations.json", "ratings.json", "receipts.json")] == [[], [], []]
    assert files["conversations.jsonl"] == ""
    assert files["messages.csv"].count("\r\n") == 1
