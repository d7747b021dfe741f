"""The quality checks in the anonymise job, on both databases: marks, groups of near duplicates, what is toxic, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update

from sharelm import ShareLM
from sharelm.config import Config
from sharelm.jobs import check_quality, job_named, run_job
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.store.near_duplicate import near_duplicate, near_duplicate_band
from tests.quality.service import FLAGGED, Service, moderation_service
from tests.web.pages.conftest import browser, inside

FIXTURES = (browser, inside)
QUESTION = (
    "Why does my bread not rise although I have kneaded it for a quarter of an hour, let it rest over night in a warm place, and used fresh yeast, "
    "strong flour, a little salt and lukewarm water as the recipe in my grandmother's old book about baking says that one should always do?"
)
NEARLY = QUESTION.replace("lukewarm", "tepid").replace("fresh", "new")
ANSWER = "It may be too cold, or the yeast too old: put it near the oven, and wait until it is twice as large before you bake it."
OTHER = "Tell me about the tides at the coast of Brittany, when they are highest, and how far the sea goes back on such days."
Upload = Callable[..., Any]


@pytest.fixture
def looked(app: ShareLM) -> Callable[[], dict[str, Any]]:
    """Of each conversation by its sender's id: marks, what was found toxic, and its group."""

    def look() -> dict[str, Any]:
        c, n = conversation.c, near_duplicate.c
        with read(app.server.engine) as connection:
            joined = conversation.outerjoin(near_duplicate, n.conversation_id == c.id)
            rows = connection.execute(select(c.client_id, c.marks, c.toxic_found, c.stage, n.group_name).select_from(joined))
            return {row.client_id: row for row in rows}

    return look


def groups(found: dict[str, Any]) -> dict[str, str | None]:
    return {name: row.group_name for name, row in found.items()}


def counts(app: ShareLM) -> tuple[int, int]:
    with read(app.server.engine) as connection:
        return tuple(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (near_duplicate, near_duplicate_band))  # type: ignore[return-value]


@pytest.mark.settings(SHARELM_MIN_TURNS="2", SHARELM_HOLD_HOURS="0")
def test_marks_leave_nothing_out(upload: Upload, run_job: Any, looked: Any, alice: str) -> None:
    upload(alice, "short")
    upload(alice, "long", user=["Why?", "And?"], bot=["So.", "Thus."])
    upload(alice, "toxic", user=["Listen to me, you are a real asshole today", "And?"], bot=["I am sorry to hear that.", "No."])
    run_job("anonymise")
    found = looked()
    assert {name: row.marks for name, row in found.items()} == {"short": "few-turns", "long": "", "toxic": ""}
    assert (found["toxic"].toxic_found, found["long"].toxic_found) == (True, None)
    assert {row.stage for row in found.values()} == {"approved"}


def test_near_duplicates_of_two_people_are_one_group(upload: Upload, run_job: Any, looked: Any, alice: str, bob: str) -> None:
    upload(alice, "one", user=[QUESTION], bot=[ANSWER])
    upload(alice, "other", user=[OTHER], bot=["The tides there are among the highest of Europe, because the Channel narrows."])
    run_job("anonymise")
    assert groups(looked()) == {"one": None, "other": None}
    upload(bob, "nearly", user=[NEARLY], bot=[ANSWER])
    run_job("anonymise")
    found = groups(looked())
    assert found["one"] == found["nearly"] is not None
    assert found["other"] is None
    assert all(name not in str(found["one"]) for name in ("one", "nearly"))


def test_a_conversation_that_grows_into_something_else_leaves_its_group(upload: Upload, run_job: Any, looked: Any, alice: str, bob: str) -> None:
    for name, giver in (("one", alice), ("two", bob), ("three", bob)):
        upload(giver, name, user=[QUESTION], bot=[ANSWER])
    run_job("anonymise")
    (name,) = set(groups(looked()).values())
    more = [f"{OTHER} {' '.join(f'thing{n}' for n in range(200))}"]
    upload(alice, "one", user=[QUESTION, *more], bot=[ANSWER, "I see."])
    run_job("anonymise")
    assert groups(looked()) == {"one": None, "two": name, "three": name}


def test_what_is_left_of_a_group_is_none_and_nothing_of_the_withdrawn_stays(
    app: ShareLM, client: Any, upload: Upload, run_job: Any, looked: Any, alice: str, bob: str
) -> None:
    upload(alice, "one", user=[QUESTION], bot=[ANSWER])
    upload(bob, "two", user=[NEARLY], bot=[ANSWER])
    run_job("anonymise")
    assert counts(app) == (2, 32)
    client.delete("/api/v1/conversations/one", headers={"Authorization": f"Bearer {alice}"})
    run_job("purge")
    assert counts(app) == (1, 16)
    run_job("anonymise")
    assert groups(looked()) == {"one": None, "two": None}


def test_who_was_linked_only_through_what_is_withdrawn_is_no_group_any_more(
    app: ShareLM, client: Any, upload: Upload, run_job: Any, looked: Any, alice: str, bob: str
) -> None:
    words = [f"word{number}" for number in range(200)]
    said = {name: " ".join([*words[:at], *[f"{name}{n}" for n in range(10)], *words[at + 10 :]]) for name, at in (("left", 20), ("right", 150))}
    upload(alice, "left", user=[said["left"]], bot=["Yes."])
    upload(bob, "right", user=[said["right"]], bot=["Yes."])
    upload(bob, "far", user=[said["right"]], bot=["Yes."])
    upload(alice, "between", user=[" ".join(words)], bot=["Yes."])
    run_job("anonymise")
    assert len(set(groups(looked()).values())) == 1
    client.delete("/api/v1/conversations/between", headers={"Authorization": f"Bearer {alice}"})
    run_job("purge")
    run_job("anonymise")
    found = groups(looked())
    assert found["left"] is None
    assert found["right"] == found["far"] is not None


def test_what_was_made_of_a_text_goes_in_the_moment_in_which_the_text_is_corrected(
    app: ShareLM, inside: Any, upload: Upload, run_job: Any, looked: Any, alice: str, bob: str
) -> None:
    upload(alice, "one", user=[QUESTION, "grandmother Ilse's recipe"], bot=[ANSWER, "Good."])
    upload(bob, "two", user=[QUESTION, "grandmother Ilse's recipe"], bot=[ANSWER, "Good."])
    run_job("anonymise")
    with read(app.server.engine) as connection:
        public_id = connection.execute(select(conversation.c.public_id).where(conversation.c.client_id == "one")).scalar_one()
    inside(alice).post(f"/conversations/{public_id}/hide", passage="quarter of an hour", confirm="yes")
    assert counts(app) == (2, 16)
    with read(app.server.engine) as connection:
        assert connection.execute(select(func.count()).where(near_duplicate.c.signature.is_(None))).scalar_one() == 1
    run_job("anonymise")
    assert counts(app) == (2, 32)
    assert len(set(groups(looked()).values()) - {None}) == 1


def test_what_was_there_before_the_checks_is_looked_at(app: ShareLM, upload: Upload, run_job: Any, looked: Any, alice: str, bob: str) -> None:
    from flask_migrate import downgrade, upgrade

    upload(alice, "one", user=[QUESTION], bot=[ANSWER])
    upload(bob, "two", user=[QUESTION], bot=[ANSWER])
    run_job("anonymise")
    with app.app_context():
        downgrade(revision="0011")
        upgrade()
    assert counts(app) == (0, 0)
    assert {row.marks for row in looked().values()} == {None}
    run_job("anonymise")
    assert len(set(groups(looked()).values()) - {None}) == 1


def test_those_who_check_at_once_agree_on_the_groups(app: ShareLM, upload: Upload, run_job: Any, looked: Any, alice: str) -> None:
    for number in range(60):
        upload(alice, f"c-{number}", user=[QUESTION if number % 2 else OTHER], bot=[ANSWER])
    run_job("anonymise")
    for _ in range(3):
        with write(app.server.engine) as connection:
            connection.execute(update(conversation).values(marks=None))
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: check_quality(app.server), range(4)))
        found = groups(looked())
        assert len({found[f"c-{number}"] for number in range(1, 60, 2)}) == 1
        assert len({found[f"c-{number}"] for number in range(0, 60, 2)}) == 1
        assert len(set(found.values()) - {None}) == 2


@pytest.mark.settings(SHARELM_FLOOD="2")
def test_more_than_so_many_of_one_contributor_within_a_day_are_marked(upload: Upload, run_job: Any, looked: Any, alice: str, bob: str) -> None:
    for number in range(4):
        upload(alice, f"a-{number}", user=[f"question {number}"])
    upload(bob, "b-0")
    run_job("anonymise")
    assert {name: row.marks for name, row in looked().items()} == {"a-0": "", "a-1": "", "a-2": "flood", "a-3": "flood", "b-0": ""}


@pytest.mark.settings(SHARELM_FLOOD="0")
def test_a_flood_of_nought_marks_nobody(upload: Upload, run_job: Any, looked: Any, alice: str) -> None:
    upload(alice, "one")
    run_job("anonymise")
    assert looked()["one"].marks == ""


@pytest.fixture
def moderated(environment: dict[str, str]) -> Iterator[tuple[ShareLM, Service]]:
    from sharelm import create_app

    with moderation_service() as service:
        settings = {"SHARELM_MODERATION_URL": service.address, "SHARELM_MODERATION_KEY": "a key"}
        app = create_app(Config.from_environment(environment | settings))
        app.open()
        yield app, service
        app.server.engine.dispose()


def send(app: ShareLM, user_id: str, name: str, *said: str) -> None:
    from tests.conftest import plugin_payload

    assert app.test_client().post("/api/endpoint", json=plugin_payload(user_id, name, user=[said[0]], bot=[said[1]])).status_code < 300


def verdicts(app: ShareLM) -> dict[str, bool | None]:
    with read(app.server.engine) as connection:
        return {row.client_id: row.toxic_found for row in connection.execute(select(conversation.c.client_id, conversation.c.toxic_found))}


def test_the_service_of_the_operator_is_asked_and_sees_anonymised_text_only(moderated: tuple[ShareLM, Service], alice: str) -> None:
    app, service = moderated
    send(app, alice, "plain", "Write to anna@example.org about the asshole", "I will not.")
    send(app, alice, "flagged", f"Throw a {FLAGGED} at somebody", "No.")
    run_job(app.server, job_named("anonymise"))
    assert verdicts(app) == {"plain": False, "flagged": True}
    sent = json.dumps(service.inputs())
    assert "[EMAIL_ADDRESS_1]" in sent
    assert "anna@example.org" not in sent
    assert alice not in json.dumps(service.asked)


def test_while_it_fails_the_word_lists_judge_and_it_is_asked_once_for_all(moderated: tuple[ShareLM, Service], alice: str) -> None:
    app, service = moderated
    service.status = 503
    send(app, alice, "plain", "Why does my bread not rise in the morning?", "It may be too cold for it.")
    send(app, alice, "toxic", "You are an asshole and I will never talk to you again", "I am sorry to hear that.")
    report = run_job(app.server, job_named("anonymise"))
    assert verdicts(app) == {"plain": False, "toxic": True}
    assert report is not None
    assert (report.counts["moderation failed"], report.error_type, len(service.asked)) == (1, None, 1)


def test_the_privacy_page_names_the_service(moderated: tuple[ShareLM, Service], app: ShareLM) -> None:
    other, _ = moderated
    assert "127.0.0.1" in other.test_client().get("/privacy").text.partition("moderation")[2][:300]
    assert "moderation" not in app.test_client().get("/privacy").text


def test_the_signature_of_a_text_is_no_word_of_it(app: ShareLM, upload: Upload, run_job: Any, alice: str) -> None:
    upload(alice, "one", user=[QUESTION], bot=[ANSWER])
    run_job("anonymise")
    with read(app.server.engine) as connection:
        (row,) = connection.execute(select(near_duplicate)).all()
    assert len(row.signature) == 512
    assert b"bread" not in row.signature
