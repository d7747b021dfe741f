"""Copies of one conversation: the row as the release will have it, and files for its contributor."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.web.pages import copies
from tests.released import newest, rows_in
from tests.web.pages.conftest import Browser
from tests.web.pages.test_correcting import said

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]


def get(visitor: Browser, name: str) -> TestResponse:
    (public_id,) = visitor.public_ids()
    return visitor.get(f"/conversations/{public_id}/{name}")


def row_on_page(visitor: Browser) -> Any:
    found = re.search(r"<code>(.*?)</code>", get(visitor, "json").text, re.DOTALL)
    return json.loads(html.unescape(found[1])) if found else None


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_the_row_is_the_very_row_of_the_release(app: ShareLM, send: Any, inside: Inside, run_job: Run, alice: str) -> None:
    send(
        said("u1", "I am me@example.org", timestamp="2026-06-15T18:22:37Z"), said("a1x", "other", "u1"), said("a1", "Hello", "u1", rating=1),
        model="heron-2", platform="chatgpt", rating=-1,
    )  # fmt: skip
    run_job("anonymise")
    visitor = inside(alice)
    shown = row_on_page(visitor)
    assert json.loads(get(visitor, "row.json").text) == shown
    run_job("release")
    (released,) = rows_in(newest(app.server.releases_folder))
    assert shown == json.loads(copies.dumped(released))
    assert shown["conversation"][0]["content"] == "I am [EMAIL_ADDRESS_1]"
    assert (shown["conversation_metadata"]["rate"], shown["turns"][1]["rating"]) == (-1, 1)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_model_whose_name_is_not_published_has_none_on_the_page(send: Any, inside: Inside, run_job: Run, alice: str) -> None:
    send(said("u1", "Hi"), said("a1", "Hello", "u1"), model="llama at 192.0.2.17")
    run_job("anonymise")
    assert json.loads(get(inside(alice), "row.json").text)["model_name"] is None


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
@pytest.mark.parametrize("choice", ["no", "yes"])
def test_every_column_is_as_its_contributor_chose(
    app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str, bob: str, choice: str
) -> None:
    """Who does not want to be grouped has no pseudonym in the release, nor on the page that shows its row."""
    upload(alice)
    upload(bob, user=["What is salt?"], bot=["A mineral."])
    run_job("anonymise")
    visitor, other = inside(alice), inside(bob)
    visitor.post("/your-data/grouping", is_ungrouped=choice)
    shown = {row["conversation_id"]: row for row in (row_on_page(visitor), row_on_page(other))}
    assert json.loads(get(visitor, "row.json").text) == row_on_page(visitor)
    run_job("release")
    released = {row["conversation_id"]: json.loads(copies.dumped(row)) for row in rows_in(newest(app.server.releases_folder))}
    assert shown == released
    assert (row_on_page(visitor)["user_id"] is None, row_on_page(other)["user_id"] is None) == (choice == "yes", False)


def test_there_is_no_row_before_it_is_anonymised(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["I am me@example.org"])
    visitor = inside(alice)
    assert "There is no row yet" in get(visitor, "json").text
    assert "me@example.org" not in get(visitor, "json").text.split("<main")[1].split("</h1>")[1]
    assert get(visitor, "row.json").status_code == 404


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_the_row_is_the_released_form_while_a_newer_one_is_on_its_way(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, user=["one"], bot=["1"])
    run_job("anonymise")
    run_job("release")
    upload(alice, user=["one", "two"], bot=["1", "2"])
    visitor = inside(alice)
    assert [message["content"] for message in row_on_page(visitor)["conversation"]] == ["one", "1"]
    assert "The form that releases hold for now" in get(visitor, "json").text


def test_it_says_what_goes_into_no_release(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, user=["nobody answers"], bot=[])
    run_job("anonymise")
    assert "As things stand it goes into no release" in get(inside(alice), "json").text


def test_the_files_hold_what_was_given(send: Any, inside: Inside, run_job: Run, alice: str) -> None:
    send(said("u1", "one\n\n# two", timestamp="2026-06-15T18:22:37Z"), said("a1x", "other", "u1"), said("a1", "1", "u1", rating=-1), model="heron-2")
    run_job("anonymise")
    visitor = inside(alice)
    answer = get(visitor, "conversation.md")
    assert answer.text == "## You\n\n*15 Jun 2026, 18:22 UTC*\n\none\n\n# two\n\n## heron-2\n\n*rated poor*\n\n1\n"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="sharelm-')
    facts = json.loads(get(visitor, "conversation.json").text)
    assert [(message["content"], message["shown"]) for message in facts["messages"]] == [("one\n\n# two", True), ("other", False), ("1", True)]
    assert facts["messages"][2]["rating"] == -1


def test_they_are_private_files(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice)
    run_job("anonymise")
    visitor = inside(alice)
    for name in ("row.json", "conversation.json", "conversation.md"):
        headers = get(visitor, name).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Disposition"].startswith("attachment")
        assert alice not in str(headers)


def test_there_is_nothing_of_a_withdrawn_one(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice)
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    visitor.post(f"/conversations/{public_id}/withdraw")
    statuses = {
        name: visitor.get(f"/conversations/{public_id}/{name}").status_code for name in ("json", "row.json", "conversation.json", "conversation.md")
    }
    assert set(statuses.values()) == {404}


def test_too_many_downloads_have_to_wait(upload: Upload, inside: Inside, alice: str, monkeypatch: pytest.MonkeyPatch, app: ShareLM) -> None:
    from sharelm.web.limits import TokenBuckets

    monkeypatch.setitem(app.extensions, copies.LIMITS, TokenBuckets(2, clock=lambda: 0.0))
    upload(alice)
    visitor = inside(alice)
    assert [get(visitor, "conversation.md").status_code for _ in range(3)] == [200, 200, 429]
