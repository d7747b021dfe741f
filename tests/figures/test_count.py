"""The figures job: from rows to what public pages may say, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from sharelm.figures.count import month_starts
from sharelm.store import figure as figures
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write

GPT = "https://chatgpt.com/c/1?model=gpt-4o"
LARCH = "https://huggingface.co/chat/models/larch/larch-8b"
GERMAN = {"user": ["Warum geht mein Brot nicht auf?"]}


def person(number: int) -> str:
    return f"Person-{number:03}-user-ID_0123456789abcdefghijklm"


@pytest.fixture
def crowd(upload):
    """Some people, each giving one conversation."""

    def give(first: int, how_many: int, conversation_id: str = "c-1", **payload):
        for number in range(first, first + how_many):
            assert upload(person(number), conversation_id, **payload).status_code == 200

    return give


@pytest.fixture
def count(app, run_job):
    """Anonymise, count, and read one figure."""

    def run(name: str):
        run_job("anonymise")
        run_job("figures")
        with read(app.server.engine) as connection:
            found = figures.select_figure(connection, name)
        assert found
        return found[1]

    return run


def move_back(app, days: int) -> None:
    with write(app.server.engine) as connection:
        rows = connection.execute(select(conversation.c.id, conversation.c.received_at)).all()
        for row in rows:
            connection.execute(update(conversation).where(conversation.c.id == row.id).values(received_at=row.received_at - timedelta(days=days)))


def test_nine_contributors_leave_no_trace_in_the_table(app, crowd, count):
    crowd(1, 9, page_url=GPT, conversation_metadata={"message_ratings": [1]})
    assert count("home") == {"totals": None, "languages": 0, "withdrawn": None}
    assert count("models") == {"popularity": {"30": None, "90": None}, "satisfaction": []}
    assert count("statistics") == {"totals": None, "months": [], "languages": [], "platforms": [], "ratings": None}


def test_ten_contributors_are_a_figure(app, crowd, count):
    crowd(1, 10, page_url=GPT, conversation_metadata={"message_ratings": [1]})
    ten = {"conversations": 10, "people": 10}
    assert count("home") == {"totals": ten, "languages": 1, "withdrawn": None}
    model = {"name": "gpt-4o", "people": 10, "share": 100, "low": 72, "high": 100}
    window = {"people": 10, "models": [model]}
    assert count("models") == {"popularity": {"30": window, "90": window}, "satisfaction": [{**model, "thumbs": 10}]}
    this_month = f"{datetime.now(UTC):%Y-%m}"
    assert count("statistics") == {
        "totals": ten,
        "months": [{"name": this_month, **ten}],
        "languages": [{"name": "en", **ten}],
        "platforms": [{"name": "chatgpt", **ten}],
        "ratings": {"up": 10, "down": 0, "people": 10},
    }


def test_a_contributor_counts_once_for_a_model(app, crowd, count):
    crowd(1, 10, page_url=GPT)
    for number in range(5):
        crowd(11, 10, f"c-{number}", page_url=LARCH)
    shares = {model["name"]: (model["people"], model["share"]) for model in count("models")["popularity"]["30"]["models"]}
    assert shares == {"gpt-4o": (10, 50), "larch/larch-8b": (10, 50)}


def test_models_of_few_are_put_together(app, crowd, count):
    crowd(1, 10, page_url=GPT)
    crowd(11, 5, page_url=LARCH)
    assert [model["name"] for model in count("models")["popularity"]["90"]["models"]] == ["gpt-4o"]
    crowd(16, 5, page_url="https://huggingface.co/spaces/heron/chat")
    models = count("models")["popularity"]["90"]["models"]
    assert [(model["name"], model["people"], model["share"]) for model in models] == [("gpt-4o", 10, 50), ("", 10, 50)]


@pytest.mark.parametrize(("days", "in_30", "in_90"), [(29, True, True), (31, False, True), (89, False, True), (91, False, False)])
def test_windows_have_an_end(app, crowd, count, days, in_30, in_90):
    crowd(1, 10, page_url=GPT)
    move_back(app, days)
    popularity = count("models")["popularity"]
    assert (popularity["30"] is not None, popularity["90"] is not None) == (in_30, in_90)


def test_languages_of_few_are_hidden_and_conversations_without_one_are_named(app, crowd, count):
    crowd(1, 10)
    crowd(1, 9, "c-2", **GERMAN)
    crowd(1, 10, "c-3", user=["ok"], bot=["1"])
    languages = count("statistics")["languages"]
    assert [(entry["name"], entry["people"]) for entry in languages] == [("en", 10), (None, 10)]
    crowd(10, 1, "c-2", **GERMAN)
    assert {entry["name"] for entry in count("statistics")["languages"]} == {"en", "de", None}


def test_satisfaction_is_in_the_order_of_the_lower_bound(app, crowd, count):
    crowd(1, 10, page_url=GPT, conversation_metadata={"message_ratings": [1]})
    for number in range(4):
        ratings = [1 if number else -1]
        crowd(1, 10, f"d-{number}", page_url=LARCH, conversation_metadata={"message_ratings": [1, *ratings]}, user=["a", "b"], bot=["c", "d"])
    found = [(model["name"], model["share"], model["low"], model["thumbs"]) for model in count("models")["satisfaction"]]
    assert found == [("larch/larch-8b", 88, 78, 80), ("gpt-4o", 100, 72, 10)]


def test_thumbs_for_the_whole_and_later_ones_count(app, crowd, count):
    crowd(1, 10, conversation_metadata={"rate": "thumbdown"})
    assert count("statistics")["ratings"] == {"up": 0, "down": 10, "people": 10}
    crowd(1, 10, conversation_metadata={"rate": "thumbdown", "message_ratings": [1]})
    assert count("statistics")["ratings"] == {"up": 10, "down": 10, "people": 10}


def test_what_is_withdrawn_leaves_with_the_next_run(app, client, crowd, count):
    crowd(1, 20, page_url=GPT)
    assert count("home")["totals"] == {"conversations": 20, "people": 20}
    for number in range(1, 10):
        client.delete("/api/v1/me", headers={"Authorization": f"Bearer {person(number)}"})
    assert count("home") == {"totals": {"conversations": 10, "people": 10}, "languages": 1, "withdrawn": None}
    for number in range(10, 12):
        client.delete("/api/v1/me", headers={"Authorization": f"Bearer {person(number)}"})
    assert count("home") == {"totals": None, "languages": 0, "withdrawn": 10}
    assert "gpt-4o" not in json.dumps(count("models"))


def test_months_of_few_are_gaps(app, crowd, count):
    crowd(1, 10)
    move_back(app, 70)
    crowd(11, 9)
    months = count("statistics")["months"]
    assert (months[0]["people"], months[-1]["people"]) == (10, None)
    assert months[-1]["name"] == f"{datetime.now(UTC):%Y-%m}"


@pytest.mark.parametrize(
    ("now", "first", "last"), [("2026-11-22", "2026-11", "2025-12"), ("2026-01-01", "2026-01", "2025-02"), ("2024-12-31", "2024-12", "2024-01")]
)
def test_it_knows_the_twelve_months(now, first, last):
    starts = month_starts(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert [f"{start:%Y-%m}" for start in (starts[0], starts[-1])] == [first, last]
    assert len(starts) == 12


def test_it_reads_one_index_and_no_conversation(app, crowd):
    if app.server.engine.dialect.name != "sqlite":
        return  # Postgres decides by the size of the table
    crowd(1, 2)
    statements = []
    with read(app.server.engine) as connection:
        connection.connection.driver_connection.set_trace_callback(statements.append)
        list(figures.stream_counts(connection, starts=month_starts(datetime.now(UTC))))
        connection.connection.driver_connection.set_trace_callback(None)
        plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}"))
    assert "USING COVERING INDEX conversation_listed" in plan
    assert "FOR ORDER BY" not in plan


def test_a_second_run_changes_nothing(app, crowd, run_job):
    crowd(1, 10)
    run_job("anonymise")
    assert run_job("figures").counts == {"figures changed": 3}
    assert run_job("figures").counts == {}


def test_it_does_not_mistake_a_label_for_the_joined_ones(crowd, count):
    """A model that calls itself `other` is a model like any other."""
    crowd(1, 10, page_url="https://chatgpt.com/?model=other")
    assert [model["name"] for model in count("models")["popularity"]["30"]["models"]] == ["other"]
