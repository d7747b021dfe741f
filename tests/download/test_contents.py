"""What is in a download of everything: all of its owner's, nothing of others, and no text as it was given."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from tests.web.pages.test_correcting import said

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


def test_it_holds_every_conversation_as_its_own_page_gives_it(mine, inside, alice):
    found = json.loads(mine["conversations.json"])
    assert [facts["conversation_id"] for facts in found] == ["c-1", "c-2", "c-3"]
    for facts in found[:2]:
        assert facts == inside(alice).get(f"/conversations/{facts['public_id']}/conversation.json").json
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


@pytest.fixture
def branched(send, run_job, inside, alice):
    """Alice on her pages, with two versions of an answer, both rated, the rating of one and of the whole with a reason."""
    question = said("u1", "main question")
    send(question, said("a1", "first version", "u1", rating=-1), said("a2", "second version", "u1", rating=1), rating=1)
    run_job("anonymise")
    visitor = inside(alice)
    public_id = visitor.public_ids()[0]
    keys = re.findall(r'name="message" value="([0-9a-f-]*)">\s*<button class="icon-button', visitor.get(f"/conversations/{public_id}").text)
    for key, why in ((keys[0], "why this answer"), ("", "why the whole, says anna@example.org")):
        visitor.post(f"/conversations/{public_id}/reason", message=key, reason=why)
    return visitor


def test_it_holds_other_versions_with_their_thumbs_and_every_reason(branched, run_job, ask, unpack):
    run_job("anonymise")
    ask()
    run_job("download")
    files = unpack()
    (facts,) = json.loads(files["conversations.json"])
    assert facts == branched.get(f"/conversations/{facts['public_id']}/conversation.json").json
    assert [(one["content"], one["shown"], one["rating"]) for one in facts["messages"]] == [
        ("main question", True, None),
        ("first version", False, -1),
        ("second version", True, 1),
    ]
    assert "why this answer" in {one["reason"] for one in facts["messages"]}
    ratings = {rating["message"]: (rating["rating"], rating["reason"]) for rating in json.loads(files["ratings.json"])}
    assert set(ratings) == {None, 2, 3}
    assert ratings[None] == (1, "why the whole, says [EMAIL_ADDRESS_1]")
    rows = list(csv.DictReader(io.StringIO(files["messages.csv"].removeprefix("\ufeff"), newline=""), strict=True))
    assert [(row["number"], row["shown"], row["rating"]) for row in rows] == [("1", "yes", ""), ("2", "no", "down"), ("3", "yes", "up")]
    assert {row["conversation_reason"] for row in rows} == {"why the whole, says [EMAIL_ADDRESS_1]"}
    assert "why this answer" in {row["reason"] for row in rows}


def test_it_holds_no_reason_before_it_is_anonymised(branched, run_job, ask, unpack):
    ask()
    run_job("download")
    files = unpack()
    assert "anna@example.org" not in "".join(files.values())
    assert "first version" in files["conversations.json"]


def test_it_holds_nothing_of_versions_and_reasons_that_were_hidden_or_withdrawn(branched, run_job, ask, unpack):
    run_job("anonymise")
    public_id = branched.public_ids()[0]
    branched.post(f"/conversations/{public_id}/hide", passage="first version", confirm="yes")
    branched.post(f"/conversations/{public_id}/hide", passage="this answer", confirm="yes")
    ask()
    run_job("download")
    text = "".join(unpack().values())
    assert [words for words in ("first version", "this answer") if words in text] == []
    branched.post(f"/conversations/{public_id}/withdraw")
    ask()
    run_job("download")
    text = "".join(content for name, content in unpack().items() if name != "README.txt")
    assert [words for words in ("second version", "why the", "main question") if words in text] == []


def test_it_holds_no_user_id_and_nothing_of_others(app, client, upload, run_job, ask, unpack, alice, bob):
    upload(bob, user=["of the tea"])
    upload(alice, user=["of the bread"])
    client.delete(f"{LIST}/c-1", headers=bearer(bob))
    run_job("anonymise")
    ask(owner=2)
    run_job("download")
    text = "".join(unpack(owner=2).values())
    assert "of the bread" in text
    assert not [word for word in (alice, bob, "of the tea") if word in text]


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
