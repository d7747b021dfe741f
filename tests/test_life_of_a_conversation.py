"""From an upload to a release and back out: stages, hold, growth, withdrawal, on both databases."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from tests.released import rows_in

LIST = "/api/v1/conversations"


def bearer(user_id):
    return {"Authorization": f"Bearer {user_id}"}


def own(client, user_id, conversation_id="c-1"):
    return client.get(f"{LIST}/{conversation_id}", headers=bearer(user_id)).json


def contents(client, user_id, conversation_id="c-1"):
    return [message["content"] for message in own(client, user_id, conversation_id)["messages"]]


def the_row(app):
    with read(app.server.engine) as connection:
        return connection.execute(select(conversation)).one()


@pytest.fixture
def rows_of(app):
    """The rows of a final release by conversation id."""

    def rows(version):
        return {row["conversation_id"]: row for row in rows_in(app.server.releases_folder / version)}

    return rows


@pytest.fixture
def release(app, run_job):
    """Run the release job; the version it made, or None."""
    from sharelm.store import release as releases

    def build():
        run_job("release")
        with read(app.server.engine) as connection:
            return next((row.version for row in releases.select_releases(connection)), None)

    return build


def texts(row):
    return [message["content"] for message in row["conversation"]]


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_goes_from_received_to_released(app, client, upload, run_job, release, rows_of, alice):
    upload(alice, user=["I am anna@example.org"], bot=["Hello"])
    assert (own(client, alice)["stage"], contents(client, alice)[0]) == ("received", "I am anna@example.org")
    run_job("anonymise")
    assert (own(client, alice)["stage"], contents(client, alice)[0]) == ("approved", "I am [EMAIL_ADDRESS_1]")
    version = release()
    assert own(client, alice)["stage"] == "released"
    (row,) = rows_of(version).values()
    assert texts(row) == ["I am [EMAIL_ADDRESS_1]", "Hello"]
    assert row["conversation_metadata"]["redacted"] is True
    assert row["timestamp"].isoformat() == "2026-06-15T00:00:00+00:00"
    assert (row["model_name"], row["license"], row["release"]) == ("heron/chat", "CC-BY-4.0", version)
    assert row["conversation_id"] == f"sharelm:{own(client, alice)['public_id']}"


def test_it_waits_out_the_hold(client, upload, run_job, release, alice):
    upload(alice)
    run_job("anonymise")
    assert release() is None
    assert own(client, alice)["stage"] == "approved"


def test_the_hold_counts_from_the_last_change_but_at_most_seven_days_from_the_first(app, upload, alice):
    upload(alice)
    row = the_row(app)
    assert row.releasable_at - row.changed_at == timedelta(hours=24)
    first_change = row.unreleased_since - timedelta(days=6.5)
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(unreleased_since=first_change))
    upload(alice, user=["a", "b"], bot=["c", "d"])
    assert the_row(app).releasable_at == first_change + timedelta(days=7)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
@pytest.mark.parametrize(
    ("user", "bot", "reason"),
    [
        (["  "], ["\n"], "empty"),
        (["hello"], [], "one-sided"),
        (["hello"], ["**API REQUEST ERROR** code 1"], "provider-error"),
        (["hello"], ["Something went wrong. If this issue persists please contact us through our help center at help.openai.com."], "provider-error"),
    ],
)
def test_what_is_flagged_stays_out_and_is_counted(app, client, upload, run_job, release, alice, bob, user, bot, reason):
    upload(alice, user=user, bot=bot)
    upload(bob)
    run_job("anonymise")
    assert own(client, alice)["stage"] == "anonymised"
    manifest = json.loads((app.server.releases_folder / release() / "manifest.json").read_text())
    assert (manifest["rows"], manifest["left_out"]) == (1, {reason: 1})


@pytest.mark.settings(SHARELM_REVIEW="manual", SHARELM_HOLD_HOURS="0")
def test_nothing_is_approved_by_rule_where_people_approve(client, upload, run_job, release, alice):
    upload(alice)
    run_job("anonymise")
    assert own(client, alice)["stage"] == "anonymised"
    assert release() is None


def test_growth_keeps_known_messages_and_their_placeholders(app, client, upload, run_job, alice):
    upload(alice, user=["I am anna@example.org"], bot=["Hello anna@example.org and bob@example.org"])
    run_job("anonymise")
    grown = ["Hello anna@example.org and bob@example.org", "Yes"]
    upload(alice, user=["I am anna@example.org", "carl@example.org writes to bob@example.org"], bot=grown)
    row = the_row(app)
    assert "anna@" not in row.pending
    assert contents(client, alice)[2] == "carl@example.org writes to bob@example.org"
    run_job("anonymise")
    assert contents(client, alice) == [
        "I am [EMAIL_ADDRESS_1]",
        "Hello [EMAIL_ADDRESS_1] and [EMAIL_ADDRESS_2]",
        "[EMAIL_ADDRESS_3] writes to [EMAIL_ADDRESS_2]",
        "Yes",
    ]
    for column in the_row(app):
        assert "@example" not in str(column)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_released_one_that_grows_stays_in_releases_until_the_newer_form_is_ready(app, client, upload, run_job, release, rows_of, alice):
    upload(alice, user=["one"], bot=["1"])
    run_job("anonymise")
    first = release()
    upload(alice, user=["one", "two"], bot=["1", "2"])
    upload(alice, conversation_id="other")
    with write(app.server.engine) as connection:  # its hold is not over yet
        later = the_time_of(app, "c-1") + timedelta(days=1)
        connection.execute(update(conversation).where(conversation.c.client_id == "c-1").values(releasable_at=later))
    run_job("anonymise")
    second = release()
    assert second != first
    assert sorted(map(texts, rows_of(second).values())) == sorted([["one", "1"], ["Why does my bread not rise?", "It may be too cold."]])
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(releasable_at=the_time_of(app, "c-1")))
    assert ["one", "1", "two", "2"] in map(texts, rows_of(release()).values())


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_release_leaves_the_open_database_intact(app, client, upload, run_job, release, alice):
    upload(alice)
    run_job("anonymise")
    with read(app.server.engine) as connection:
        connection.execute(select(conversation.c.id)).all()
        release()
        upload(alice, conversation_id="after")
        assert len(connection.execute(select(conversation.c.id)).all()) >= 1
    assert client.get(LIST, headers=bearer(alice)).json["items"][0]["conversation_id"] == "after"
    assert "adbc_driver_sqlite" not in sys.modules, "two SQLite libraries in one process drop each other's locks"


def the_time_of(app, client_id):
    with read(app.server.engine) as connection:
        return connection.execute(select(conversation.c.changed_at).where(conversation.c.client_id == client_id)).scalar_one()


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_ratings_reach_every_kept_form(app, client, upload, run_job, release, rows_of, alice):
    upload(alice, user=["one"], bot=["1"])
    run_job("anonymise")
    release()
    upload(alice, user=["one"], bot=["1"], conversation_metadata={"message_ratings": [-1], "rate": "thumbdown"})
    assert own(client, alice)["stage"] == "released"
    upload(alice, conversation_id="other")
    run_job("anonymise")
    row = next(row for row in rows_of(release()).values() if texts(row) == ["one", "1"])
    assert (row["turns"][1]["rating"], row["conversation_metadata"]["rate"]) == (-1, -1)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_withdrawn_one_is_in_no_later_release(app, client, upload, run_job, release, rows_of, alice, bob):
    upload(alice, user=["sentinel words"])
    upload(bob)
    run_job("anonymise")
    assert len(rows_of(release())) == 2
    client.delete(f"{LIST}/c-1", headers=bearer(alice))
    upload(bob, conversation_id="c-2")
    run_job("anonymise")
    version = release()
    assert len(rows_of(version)) == 2
    assert "sentinel" not in str(rows_of(version))


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_pseudonyms_are_the_same_in_every_release_and_say_nothing(app, upload, run_job, release, rows_of, alice, bob):
    upload(alice)
    upload(alice, conversation_id="c-2")
    upload(bob)
    run_job("anonymise")
    first = rows_of(release())
    upload(bob, conversation_id="c-3")
    run_job("anonymise")
    second = rows_of(release())
    assert len({row["user_id"] for row in second.values()}) == 2
    assert all(second[key]["user_id"] == row["user_id"] for key, row in first.items())
    assert alice not in str(second)


def test_a_row_that_fails_three_times_is_quarantined_and_the_others_go_on(app, client, upload, run_job, alice, bob, monkeypatch):
    from sharelm.anonymise import forms

    real = forms.anonymise_texts

    def break_on_alice(texts, **more):
        if "poison" in texts[0]:
            raise RuntimeError("poison")
        return real(texts, **more)

    monkeypatch.setattr(forms, "anonymise_texts", break_on_alice)
    upload(alice, user=["poison"])
    upload(bob)
    report = run_job("anonymise")
    assert (report.counts["failed RuntimeError"], report.counts["quarantined"], report.counts["anonymised"]) == (3, 1, 1)
    assert client.get("/readyz").json["quarantined"] == 1
    assert run_job("anonymise").counts == {}
    monkeypatch.setattr(forms, "anonymise_texts", real)
    upload(alice, user=["poison", "and more"], bot=["x", "y"])
    assert run_job("anonymise").counts["anonymised"] == 1


def test_claims_of_a_dead_process_are_taken_over(app, client, upload, run_job, alice):
    from sharelm.anonymise.advance import claim
    from sharelm.jobs import clock

    upload(alice)
    with write(app.server.engine) as connection:
        assert len(claim(connection, now=clock())) == 1
        assert len(claim(connection, now=clock())) == 0
    run_job("anonymise")
    assert own(client, alice)["stage"] == "approved"


def test_a_claim_expires_after_ten_minutes(app, upload, alice):
    from sharelm.anonymise.advance import claim
    from sharelm.jobs import clock

    upload(alice)
    now = clock()
    counts = []
    for minutes in (0, 9.9, 10.1):
        with write(app.server.engine) as connection:
            counts.append(len(claim(connection, now=now + timedelta(minutes=minutes))))
    assert counts == [1, 0, 1]


def test_a_change_while_the_anonymiser_works_is_not_overwritten(app, client, upload, run_job, alice):
    from sharelm.anonymise import advance
    from sharelm.anonymise.forms import How
    from sharelm.ingest.merge import shown_path
    from sharelm.jobs import clock

    upload(alice)
    with write(app.server.engine) as connection:
        rows = advance.claim(connection, now=clock())
    upload(alice, user=["a", "b"], bot=["c", "d"])
    results = [advance.anonymise_row(row, How(lambda _, text: text, shown_path, lambda _, words: words)) for row in rows]
    with write(app.server.engine) as connection:
        assert advance.write_back(connection, results) == {"changed meanwhile": 1}
    assert contents(client, alice) == ["a", "c", "b", "d"]
    run_job("anonymise")
    assert own(client, alice)["stage"] == "approved"
