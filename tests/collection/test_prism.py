"""PRISM: a tree of scored replies becomes one conversation and many pairs; the survey stays at the door."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime

from tests.collection.made import FIXTURES, extra, run, said, write_lines

ROW = json.loads((FIXTURES / "prism_conversations.jsonl").read_text())


def reply(turn, place, content, **more):
    said = {"turn": turn, "role": "model", "content": content, "model_provider": "p", "model_name": f"m{place}"}
    return {**said, "score": 50, "if_chosen": False, "within_turn_id": place, **more}


def prompt(turn, content):
    return {"turn": turn, "role": "user", "content": content}


def of(*history, **more):
    return {**ROW, "conversation_history": list(history), **more}


def test_the_fixture_follows_the_first_reply_that_was_chosen(tmp_path):
    found = run("prism", *sorted(FIXTURES.glob("prism_*.jsonl")), out=tmp_path)
    row = found.only
    assert said(row) == [("user", "Hi"), ("assistant", "Hello"), ("user", "More"), ("assistant", "Sure")]
    assert (row["conversation_id"], row["model_name"]) == ("prism:c0", "gpt-4")
    assert row["user_id"] == "prism:" + hashlib.sha256(b"prism:user0").hexdigest()[:16]
    assert row["timestamp"] == datetime(2023, 12, 1, 11, tzinfo=UTC)
    assert row["user_metadata"] == {"age": "25-34 years old", "gender": "Female", "location": "Chile"}
    assert extra(row)["scores"] == [None, 80, None, 70]
    assert (found.manifest["rows_in"], found.pairs) == (1, [])  # the one rival is empty, the other says the same


def test_nothing_else_of_the_survey_comes_along(tmp_path):
    run("prism", *sorted(FIXTURES.glob("prism_*.jsonl")), out=tmp_path)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for word in (b"Vocational", b"Student", b"Non-religious", b"self_description", b"system_string", b"Mixed", b"25-34 years old and"):
        assert word not in written


def test_the_survey_may_be_missing_or_silent(tmp_path):
    survey = {"user_id": "user0", "survey_only": False, "age": "Prefer not to say", "gender": None, "location": {}}
    paths = [write_lines(tmp_path / "c.jsonl", [ROW]), write_lines(tmp_path / "s.jsonl", [survey])]
    for number, given in enumerate((paths[:1], paths)):
        found = run("prism", *given, out=tmp_path / f"out{number}")
        assert found.only["user_metadata"] == {"age": None, "gender": None, "location": None}


def test_the_order_of_the_entries_does_not_matter(tmp_path):
    turned = copy.deepcopy(ROW)
    turned["conversation_history"].reverse()
    found = run("prism", write_lines(tmp_path / "c.jsonl", [turned]), out=tmp_path / "out")
    assert said(found.only) == [("user", "Hi"), ("assistant", "Hello"), ("user", "More"), ("assistant", "Sure")]


def test_every_two_scores_that_differ_give_a_pair(tmp_path):
    replies = [reply(0, place, text, score=score) for place, (text, score) in enumerate([("a", 90), ("b", 10), ("c", 10), ("d", None)])]
    replies[0]["if_chosen"] = True
    found = run("prism", write_lines(tmp_path / "c.jsonl", [of(prompt(0, "Hi"), *replies)]), out=tmp_path / "out")
    pairs = [(pair["chosen"][0]["content"], pair["rejected"][0]["content"], pair["margin"]) for pair in found.pairs]
    assert pairs == [("a", "b", 80.0), ("a", "c", 80.0)]
    assert found.pairs[0]["prompt"] == [{"role": "user", "content": "Hi"}]


def test_a_later_pair_stands_on_the_path_that_was_taken(tmp_path):
    history = [
        prompt(0, "Hi"), reply(0, 0, "no", score=1), reply(0, 1, "yes", score=9, if_chosen=True),
        prompt(1, "And"), reply(1, 0, "so", score=8, if_chosen=True), reply(1, 1, "on", score=2),
    ]  # fmt: skip
    found = run("prism", write_lines(tmp_path / "c.jsonl", [of(*history)]), out=tmp_path / "out")
    assert [message["content"] for message in found.pairs[1]["prompt"]] == ["Hi", "yes", "And"]
    assert found.only["model_name"] == "m1"


def test_an_empty_answer_is_left_out_and_a_turn_without_choice_ends_the_conversation(tmp_path):
    empty = of(prompt(0, "Hi"), reply(0, 0, "EMPTY STRING", if_chosen=True))
    open_end = of(prompt(0, "Hi"), reply(0, 0, "Yes", if_chosen=True), prompt(1, "More"), reply(1, 0, "x"), conversation_id="c9")
    found = run("prism", write_lines(tmp_path / "c.jsonl", [empty, open_end]), out=tmp_path / "out")
    assert (found.left_out, said(found.only)) == ({"empty message": 1}, [("user", "Hi"), ("assistant", "Yes"), ("user", "More")])


def test_broken_rows_are_counted_by_type(tmp_path):
    rows = [
        {name: value for name, value in ROW.items() if name != "conversation_history"},
        of("text"), of(prompt(0, "Hi"), prompt(0, "Hi")), of(prompt(0, "Hi"), reply(0, 0, "x", score="high")), {**ROW, "generated_datetime": "soon"},
    ]  # fmt: skip
    found = run("prism", write_lines(tmp_path / "c.jsonl", [*rows, ROW]), out=tmp_path / "out")
    assert (found.bad_rows, len(found.rows)) == ({"KeyError": 1, "TypeError": 2, "ValueError": 2}, 1)
