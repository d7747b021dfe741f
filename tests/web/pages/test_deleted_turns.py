"""A deleted turn and what later copies bring in its place: fuller, regenerated, edited, or sent in another way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.pages.test_correcting import delete_turn, everything_kept, page, said

FIRST, SECOND = [said("u1", "one"), said("a1", "1", "u1")], [said("u2", "secret", "a1"), said("a2", "part", "u2")]


@pytest.fixture(params=[False, True], ids=["as given", "anonymised"])
def anonymised(request: pytest.FixtureRequest, run_job: Any) -> Any:
    return lambda: run_job("anonymise") if request.param else None


def contents(row: Any) -> list[str]:
    return [message["content"] for message in json.loads(row().messages)]


def test_a_fuller_answer_does_not_come_back_with_a_whole_copy(upload: Any, inside: Any, run_job: Any, row: Any, alice: str, anonymised: Any) -> None:
    upload(alice, user=["hello", "second question"], bot=["first answer", "partial ans"])
    anonymised()
    delete_turn(inside(alice))
    upload(alice, user=["hello", "second question"], bot=["first answer", "partial answer now complete"])
    upload(alice, user=["hello", "second question", "third"], bot=["first answer", "partial answer now complete", "third a"])
    assert "partial" not in everything_kept(row())
    run_job("anonymise")
    assert contents(row) == ["hello", "first answer", "third", "third a"]
    visitor = inside(alice)
    delete_turn(visitor)
    upload(alice, user=["hello", "edited", "edited too", "fourth"], bot=["first answer", "other", "another", "fourth a"])
    run_job("anonymise")
    assert contents(row) == ["hello", "first answer", "fourth", "fourth a"]


def test_an_edited_turn_does_not_come_back_with_a_whole_copy(upload: Any, inside: Any, row: Any, alice: str, anonymised: Any) -> None:
    upload(alice, user=["hello", "a secret"], bot=["first", "told"])
    anonymised()
    delete_turn(inside(alice))
    before = row()
    upload(alice, user=["hello", "a secret"], bot=["first", "regenerated, secret and longer"])
    upload(alice, user=["hello", "a secret edited"], bot=["first", "told"], timestamp="2031-01-01T00:00:00Z")
    assert (row().messages, row().pending, row().change) == (before.messages, before.pending, before.change)


def test_neither_a_regenerated_nor_an_edited_turn_comes_back_by_id(
    send: Any, inside: Any, run_job: Any, row: Any, alice: str, anonymised: Any
) -> None:
    send(*FIRST, *SECOND)
    anonymised()
    delete_turn(inside(alice))
    assert send(said("a2x", "regenerated", "u2"), revision=2) == "unchanged"
    assert send(*FIRST, *SECOND, said("u2x", "secret edited", "a1"), said("a2y", "2", "u2x"), revision=3) == "unchanged"
    assert send(said("a2z", "regenerated again", "u2x"), revision=4) == "unchanged"  # below something that was left out before
    assert "one" in page(inside(alice))
    assert send(said("u3", "three", "a2y"), said("a3", "3", "u3"), revision=5) == "updated"
    run_job("anonymise")
    assert contents(row) == ["one", "1", "three", "3"]
    assert "regenerated" not in everything_kept(row())


def test_a_turn_that_was_deleted_without_ids_stays_out_of_a_copy_with_ids(
    upload: Any, send: Any, inside: Any, run_job: Any, row: Any, alice: str, anonymised: Any
) -> None:
    upload(alice, user=["one", "secret"], bot=["1", "part"])
    anonymised()
    delete_turn(inside(alice))
    send(*FIRST, said("u2", "secret edited", "a1"), said("a2", "part and more", "u2"), said("u3", "three", "a2"), said("a3", "3", "u3"))
    run_job("anonymise")
    assert contents(row) == ["one", "1", "three", "3"]
    assert send(said("a2x", "part again", "u2"), revision=2) == "unchanged"


def test_what_is_left_out_is_kept_as_digests_only(send: Any, inside: Any, row: Any, alice: str) -> None:
    send(*FIRST, *SECOND)
    delete_turn(inside(alice))
    send(said("name-of-a-message", "sentinel", "a1"), revision=2)
    known = len(json.loads(row().corrections)["deleted"])
    send(said("name-of-a-message", "sentinel", "a1"), revision=3)
    assert len(json.loads(row().corrections)["deleted"]) == known == 3
    assert not any(word in everything_kept(row()) for word in ("name-of-a-message", "sentinel", '"u2"', "secret"))
