"""GET and DELETE /api/v1/conversations, DELETE /api/v1/me: mine alone."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from sharelm.store.conversation import conversation
from sharelm.store.engine import read


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


LIST = "/api/v1/conversations"


def test_it_lists_my_own_newest_first_in_pages(client, upload, alice, bob):
    upload(bob, conversation_id="of-bob")
    for number in range(7):
        upload(alice, conversation_id=f"c-{number}")
    found, path = [], f"{LIST}?limit=3"
    while path:
        assert path.startswith("/")
        page = client.get(path, headers=bearer(alice)).json
        found += [item["conversation_id"] for item in page["items"]]
        path = page["next"]
    assert found == [f"c-{number}" for number in reversed(range(7))]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=" + "0" * 20 + "9" * 20, "cursor=x", "cursor=WzEsMl0.forged"])
def test_it_refuses_a_bad_page(client, upload, alice, query):
    upload(alice)
    assert client.get(f"{LIST}?{query}", headers=bearer(alice)).status_code == 422


def test_it_hides_what_belongs_to_someone_else(client, upload, alice, bob):
    upload(alice)
    for method in (client.get, client.delete):
        theirs, missing = method(f"{LIST}/c-1", headers=bearer(bob)), method(f"{LIST}/c-2", headers=bearer(bob))
        assert theirs.status_code == missing.status_code == 404
        assert theirs.json["detail"] == missing.json["detail"]
    assert client.get(f"{LIST}/c-1", headers=bearer(alice)).status_code == 200


def test_it_needs_a_user_id(client, upload, alice):
    upload(alice)
    for path in (LIST, f"{LIST}/c-1"):
        assert client.get(path).status_code == 401
    assert client.delete(f"{LIST}/c-1").status_code == 401
    assert client.delete("/api/v1/me").status_code == 401


def test_withdrawing_twice_answers_the_same(client, upload, alice):
    upload(alice)
    first, second = (client.delete(f"{LIST}/c-1", headers=bearer(alice)) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert set(first.json) == {"conversation_id", "withdrawn_at", "receipt"}


def test_a_withdrawn_one_answers_410_and_is_listed_without_text(client, upload, alice, run_job):
    upload(alice, user=["very private words"])
    client.delete(f"{LIST}/c-1", headers=bearer(alice))
    for _ in range(2):
        assert client.get(f"{LIST}/c-1", headers=bearer(alice)).status_code == 410
        listed = client.get(LIST, headers=bearer(alice))
        assert (listed.json["items"][0]["stage"], listed.json["items"][0]["conversation_id"]) == ("withdrawn", "c-1")
        assert "private words" not in listed.get_data(as_text=True)
        run_job("purge")


def test_the_purge_erases_at_once_what_was_withdrawn_through_the_api(app, client, upload, alice, run_job):
    upload(alice, user=["very private words"])
    client.delete(f"{LIST}/c-1", headers=bearer(alice))
    run_job("purge")
    with read(app.server.engine) as connection:
        row = connection.execute(select(conversation)).one()
    assert row.erased_at is not None
    assert [row.pending, row.messages, row.published, row.placeholders, row.model] == [None] * 5


def test_withdrawing_everything_ends_consent_until_it_is_given_anew(client, upload, alice):
    upload(alice)
    version = client.get("/api/v1/consent").json["version"]
    consent = {"version": version, "language": "en", "adult": True}
    client.post("/api/v1/consent", json=consent, headers=bearer(alice))
    assert client.delete("/api/v1/me", headers=bearer(alice)).json["withdrawn"] == 1
    item = {"conversation_id": "c-9", "revision": 1, "messages": [{"id": "m", "role": "user", "content": "x"}]}
    assert upload(alice, conversation_id="c-8").status_code == 410
    assert client.post(LIST, json=item, headers=bearer(alice)).status_code == 409
    assert client.delete("/api/v1/me", headers=bearer(alice)).status_code == 200
    client.post("/api/v1/consent", json=consent, headers=bearer(alice))
    assert client.post(LIST, json=item, headers=bearer(alice)).status_code == 200
    assert upload(alice, conversation_id="c-8").status_code == 200
    assert upload(alice, conversation_id="c-1").status_code == 410


def test_who_withdraws_everything_before_giving_anything_is_heard(client, upload, alice):
    assert client.delete("/api/v1/me", headers=bearer(alice)).json["withdrawn"] == 0
    assert upload(alice).status_code == 410


def test_withdrawing_everything_leaves_only_digests_of_ids(app, client, upload, alice, run_job):
    upload(alice, user_metadata={"age": "33", "gender": "f", "location": "Rome, Italy"})
    client.delete("/api/v1/me", headers=bearer(alice))
    run_job("purge")
    with read(app.server.engine) as connection:
        assert connection.execute(select(func.count(conversation.c.client_id))).scalar_one() == 0
        from sharelm.store.contributor import contributor

        row = connection.execute(select(contributor)).one()
    assert [row.age_band, row.country, row.gender] == [None] * 3
    assert upload(alice).status_code == 410


def test_demographics_are_made_coarse_on_arrival(app, upload, alice):
    upload(alice, user_metadata={"age": "33", "gender": "Female", "location": "Via Roma 1, Bologna, Italy"})
    upload(alice, conversation_id="c-2", user_metadata={"age": "", "gender": "", "location": ""})
    with read(app.server.engine) as connection:
        from sharelm.store.contributor import contributor

        row = connection.execute(select(contributor)).one()
    assert (row.age_band, row.country, row.gender) == ("25-34", "IT", "female")
