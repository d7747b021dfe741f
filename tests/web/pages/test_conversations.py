"""The list of one's own conversations."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sharelm.web.pages.listing import PAGE
from tests.web.pages.conftest import HTMX, Browser

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
OLDER = re.compile(r'href="(/conversations\?[^"]*cursor=[^"]+)"')


def test_it_lists_what_is_ones_own_newest_first(upload: Upload, inside: Inside, alice: str, bob: str) -> None:
    upload(alice, "c-1", user=["First question"])
    upload(alice, "c-2", user=["Second question"])
    upload(bob, "c-1", user=["A question of Bob's"])
    page = inside(alice).get("/conversations").text
    assert 0 < page.index("Second question") < page.index("First question")
    assert "Bob" not in page


def test_it_says_so_when_there_are_none_at_a_stage(inside: Inside, alice: str) -> None:
    assert "Nothing at this stage" in inside(alice).get("/conversations?stage=approved").text


def test_it_says_so_when_there_are_none_at_all(client: FlaskClient, browser: Callable[[], Browser], alice: str) -> None:
    given = {"version": client.get("/api/v1/consent").json["version"], "language": "en", "adult": True}
    client.post("/api/v1/consent", json=given, headers={"Authorization": f"Bearer {alice}"})
    visitor = browser()
    visitor.log_in(alice)
    assert "No conversations yet" in visitor.get("/conversations").text


def test_it_counts_by_stage(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, "c-1", user=["Soon approved"])
    run_job("anonymise")
    upload(alice, "c-2", user=["Just received"])
    visitor = inside(alice)
    page = visitor.get("/conversations").text
    assert all(words in page for words in ("All 2", "Received 1", "Approved 1", "Withdrawn 0"))
    approved = visitor.get("/conversations?stage=approved").text
    assert "Soon approved" in approved
    assert "Just received" not in approved


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_shows_the_release(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice)
    for name in ("anonymise", "release"):
        run_job(name)
    assert re.search(r"In release 20\d\d\.\d\d\.0", inside(alice).get("/conversations?stage=released").text)


def test_it_shows_ids_and_dates_of_withdrawn_ones(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["A secret title"])
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    visitor.post(f"/conversations/{public_id}/withdraw")
    page = visitor.get("/conversations?stage=withdrawn").text
    assert public_id in page
    assert "withdrawn <time" in page
    assert not any(word in page for word in ("A secret title", "heron/chat", "huggingface"))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_goes_on_where_the_page_ended(upload: Upload, inside: Inside, alice: str, headers: dict[str, str]) -> None:
    for number in range(PAGE + 2):
        upload(alice, f"c-{number}", user=[f"Question {number:02}"])
    visitor = inside(alice)
    first = visitor.get("/conversations").text
    older = OLDER.search(first)
    assert older
    second = visitor.get(older[1].replace("&amp;", "&"), headers=headers)
    assert sorted(re.findall(r"Question \d\d(?=</bdi></a>)", first + second.text)) == [f"Question {number:02}" for number in range(PAGE + 2)]
    assert not OLDER.search(second.text)
    assert ("<html" in second.text) == (not headers)
    assert "HX-Request" in second.headers["Vary"]


@pytest.mark.parametrize("query", ["stage=nonsense", "cursor=nonsense", "cursor=%00", "stage=%00"])
def test_it_refuses_what_it_does_not_understand(inside: Inside, alice: str, query: str) -> None:
    answer = inside(alice).get(f"/conversations?{query}")
    assert answer.status_code == 422
    assert "nonsense" not in answer.text


@pytest.mark.parametrize(("text", "title"), [("", "Untitled"), (" \n\t ", "Untitled"), ("a" * 300, "a" * 80 + "…"), ("two\nlines", "two lines")])
def test_it_makes_titles_of_first_words(upload: Upload, inside: Inside, alice: str, text: str, title: str) -> None:
    upload(alice, user=[text])
    assert f"<bdi>{title}</bdi>" in inside(alice).get("/conversations").text


def test_it_takes_the_title_of_a_grown_conversation_from_its_beginning(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, user=["The beginning"], bot=["Yes"])
    run_job("anonymise")
    upload(alice, user=["The beginning", "The end"], bot=["Yes", "No"])
    page = inside(alice).get("/conversations").text
    assert "<bdi>The beginning</bdi>" in page


def test_it_is_private_and_answers_head(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    answer = visitor.get("/conversations")
    assert answer.headers["Cache-Control"] == "no-store"
    assert visitor.client.head("/conversations").status_code == 200
    assert visitor.client.delete("/conversations").status_code == 405
