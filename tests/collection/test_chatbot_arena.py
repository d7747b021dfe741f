"""Chatbot Arena: two conversations of each battle, a pair unless it is a tie, nothing of the site's own errors."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from tests.collection.made import FIXTURES, extra, run, said, talk, write_lines, write_parquet


def battle(number, winner="model_a", a=("2+2?", "4"), b=("2+2?", "5"), **more):
    return {
        "question_id": f"q{number}", "model_a": "koala", "model_b": "alpaca", "winner": winner, "judge": "arena_user_1", "conversation_a": talk(*a),
        "conversation_b": talk(*b), "turn": 1, "anony": True, "language": "English", "tstamp": 1682351591.1322, **more,
    }  # fmt: skip


def test_the_fixture_gives_two_conversations_of_each_battle_and_no_pair_of_a_tie(tmp_path):
    found = run("chatbot-arena", FIXTURES / "arena33k.parquet", out=tmp_path)
    assert (found.manifest["rows_in"], len(found.rows), len(found.pairs)) == (4, 8, 2)
    assert len(set(found.ids)) == 8  # its four battles go by one id
    assert found.manifest["pairs_left_out"] == {"tie": 2}


def test_both_sides_are_told_apart(tmp_path):
    found = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [battle(1, "model_b")]), out=tmp_path / "out")
    assert found.ids == ["arena:q1:a", "arena:q1:b"]
    assert [(row["model_name"], row["conversation_metadata"]["rate"]) for row in found.rows] == [("koala", -1), ("alpaca", 1)]
    assert found.rows[0]["user_id"] == "chatbot-arena:" + hashlib.sha256(b"chatbot-arena:arena_user_1").hexdigest()[:16]
    assert found.rows[0]["timestamp"] == datetime(2023, 4, 24, 15, 53, 11, 132_200, tzinfo=UTC)
    pair = found.pairs[0]
    assert (pair["prompt"], pair["chosen"], pair["rejected"]) == (talk("2+2?"), talk("", "5")[1:], talk("", "4")[1:])


@pytest.mark.parametrize("winner", ["tie", "tie (bothbad)", "both_bad"])
def test_a_tie_rates_nobody_and_gives_no_pair(tmp_path, winner):
    found = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [battle(1, winner)]), out=tmp_path / "out")
    assert ([row["conversation_metadata"]["rate"] for row in found.rows], found.pairs) == ([0, 0], [])
    assert extra(found.rows[0])["winner"] == winner


@pytest.mark.parametrize(
    "error",
    [
        "NETWORK ERROR DUE TO HIGH TRAFFIC. PLEASE REGENERATE OR REFRESH THIS PAGE.",
        "$MODERATION$ YOUR INPUT VIOLATES OUR CONTENT MODERATION GUIDELINES.",
        "**API REQUEST ERROR** Reason: The response was blocked.",
        "It goes on and▌",
    ],
)
def test_an_error_of_the_site_is_no_answer(tmp_path, error):
    found = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [battle(1, b=("2+2?", error))]), out=tmp_path / "out")
    assert (found.ids, found.pairs, found.left_out) == (["arena:q1:a"], [], {"provider error": 1})


def test_an_answer_that_speaks_of_errors_stays(tmp_path):
    found = run(
        "chatbot-arena", write_parquet(tmp_path / "a.parquet", [battle(1, b=("Why?", "A network error, or ▌ as a sign."))]), out=tmp_path / "out"
    )
    assert len(found.rows) == 2


def test_a_longer_battle_compares_all_that_followed(tmp_path):
    row = battle(1, a=("a", "1", "b", "2"), b=("a", "3", "b", "4"))
    pair = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [row]), out=tmp_path / "out").pairs[0]
    assert (pair["prompt"], [message["content"] for message in pair["chosen"]]) == (talk("a"), ["1", "b", "2"])


def test_prompts_that_differ_from_the_start_give_no_pair(tmp_path):
    found = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [battle(1, a=("x", "1"), b=("y", "2"))]), out=tmp_path / "out")
    assert (found.pairs, found.manifest["pairs_left_out"]) == ([], {"no common prompt": 1})


def test_the_newer_shape_has_texts_in_parts(tmp_path):
    def parts(text):
        picture = {"type": "image", "text": None, "image": "data:…", "mimeType": "image/png"}
        return [{"type": "text", "text": text, "image": None, "mimeType": None}, picture]

    row = battle(1, "both_bad", id="b1", evaluation_session_id="s", timestamp=datetime(2025, 6, 1, 12, tzinfo=UTC))
    for name in ("question_id", "judge", "tstamp", "turn"):
        del row[name]
    for side in ("conversation_a", "conversation_b"):
        row[side] = [{"role": message["role"], "content": parts(message["content"])} for message in row[side]]
    found = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [row]), out=tmp_path / "out")
    assert (found.ids, said(found.rows[0])) == (["arena:b1:a", "arena:b1:b"], [("user", "2+2?"), ("assistant", "4")])
    assert (found.rows[0]["user_id"], found.rows[0]["timestamp"]) == (None, datetime(2025, 6, 1, 12, tzinfo=UTC))


def test_broken_battles_are_counted_by_type(tmp_path):
    rows = [battle(1, "nobody"), battle(2, conversation_a="text"), {"question_id": "q3"}, battle(4, tstamp=True), battle(5)]
    found = run("chatbot-arena", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert (found.bad_rows, len(found.rows)) == ({"KeyError": 1, "TypeError": 2, "ValueError": 1}, 2)


def test_what_the_classifiers_say_is_kept(tmp_path):
    tag = {"roberta-large": {"flagged": False, "probability": 0.1}, "t5-large": {"flagged": True, "score": 0.0}}
    found = run("chatbot-arena", write_parquet(tmp_path / "a.parquet", [battle(1, toxic_chat_tag=tag)]), out=tmp_path / "out")
    assert [row["toxic"] for row in found.rows] == [True, True]
