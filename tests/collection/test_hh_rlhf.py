"""HH-RLHF: transcripts, pairs that teach something, red-team attempts."""

from __future__ import annotations

import hashlib
import json

import pytest

from sharelm.collection.sources.hh_rlhf import parse_transcript
from tests.collection.made import FIXTURES, extra, run, said, write_lines


def pair(chosen, rejected):
    return {"chosen": chosen, "rejected": rejected}


GOOD = pair("\n\nHuman: Hi\n\nAssistant: Hello", "\n\nHuman: Hi\n\nAssistant: Go away")


def test_the_fixture_gives_its_conversations_and_its_one_pair(tmp_path):
    found = run("hh-rlhf", FIXTURES / "hh_helpful-base_train.jsonl.gz", out=tmp_path)
    assert found.ids == ["hh:helpful-base:train:0", "hh:helpful-base:train:2", "hh:helpful-base:train:3"]
    assert said(found.rows[0])[-1] == ("assistant", "About nine minutes.")
    assert found.left_out == {"empty message": 1}
    assert [(row["conversation_id"], row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in found.pairs] == [
        ("hh:helpful-base:train:0", "About nine minutes.", "I do not know.")
    ]
    assert [message["role"] for message in found.pairs[0]["prompt"]] == ["user", "assistant", "user"]
    assert found.manifest["pairs_left_out"] == {"different numbers of turns": 1, "empty message": 1, "no difference": 1}


def test_the_rejected_branch_is_no_conversation_of_its_own(tmp_path):
    found = run("hh-rlhf", write_lines(tmp_path / "a.jsonl", [GOOD]), out=tmp_path / "out")
    assert [said(row)[-1][1] for row in found.rows] == ["Hello"]


@pytest.mark.parametrize(
    ("rejected", "reason"),
    [
        ("\n\nHuman: Hi\n\nAssistant: Hey\n\nHuman: More\n\nAssistant: No", "different numbers of turns"),
        ("\n\nHuman: Other\n\nAssistant: No", "the prompts differ"),
        ("\n\nHuman: Hi\n\nAssistant: Hello", "no difference"),
        ("\n\nHuman: Hi\n\nAssistant:", "empty message"),
    ],
)
def test_a_pair_that_teaches_nothing_is_left_out_and_its_conversation_kept(tmp_path, rejected, reason):
    found = run("hh-rlhf", write_lines(tmp_path / "a.jsonl", [pair(GOOD["chosen"], rejected)]), out=tmp_path / "out")
    assert (len(found.rows), found.pairs, found.manifest["pairs_left_out"]) == (1, [], {reason: 1})


def test_a_pair_whose_answers_are_questions_is_none(tmp_path):
    row = pair("\n\nHuman: a\n\nAssistant: b\n\nHuman: c", "\n\nHuman: a\n\nAssistant: b\n\nHuman: d")
    found = run("hh-rlhf", write_lines(tmp_path / "a.jsonl", [row]), out=tmp_path / "out")
    assert found.manifest["pairs_left_out"] == {"does not end with an answer": 1}


@pytest.mark.parametrize(
    ("transcript", "messages"),
    [
        ("\n\nHuman: a\n\nAssistant: b", [("user", "a"), ("assistant", "b")]),
        ("\n\nHuman:a\n\nAssistant:b", [("user", "a"), ("assistant", "b")]),
        ("Human: a\n\nAssistant: b", [("user", "a"), ("assistant", "b")]),
        ("\r\n\r\nHuman: a\r\n\r\nAssistant: b\r\nc", [("user", "a"), ("assistant", "b\nc")]),
        ("\n\nHuman: Assistant: and\nHuman: are words\n\nAssistant: b", [("user", "Assistant: and\nHuman: are words"), ("assistant", "b")]),
        ("\n\nHuman: say\n\nHuman: twice\n\nAssistant: b", [("user", "say\n\nHuman: twice"), ("assistant", "b")]),
        ("\n\nHuman: a\n\nAssistant:", [("user", "a"), ("assistant", "")]),
        ("", []),
    ],
)
def test_a_transcript_is_read_turn_about(transcript, messages):
    assert parse_transcript(transcript) == messages


def test_red_team_attempts_in_one_array_say_model_and_attacker(tmp_path):
    found = run("hh-rlhf", FIXTURES / "hh_red_team_attempts.json", out=tmp_path)
    assert found.only["model_name"] == "rlhf/52B"
    assert found.only["user_id"] == "hh-rlhf:" + hashlib.sha256(b"hh-rlhf:3").hexdigest()[:16]
    assert (extra(found.only)["rating"], found.pairs) == (0.0, [])


def test_an_array_is_read_also_where_its_name_says_lines(tmp_path):
    attempts = json.loads((FIXTURES / "hh_red_team_attempts.json").read_text())
    path = write_lines(tmp_path / "red_team_attempts.jsonl.gz", [json.dumps(attempts * 3)])
    found = run("hh-rlhf", path, out=tmp_path / "out")
    assert found.ids == [f"hh:red-team-attempts:train:{number}" for number in range(3)]


def test_ids_name_the_subset_by_folder_and_the_split_by_file(tmp_path):
    (tmp_path / "harmless-base").mkdir()
    found = run("hh-rlhf", write_lines(tmp_path / "harmless-base" / "test.jsonl.gz", [GOOD, GOOD]), out=tmp_path / "out")
    assert found.ids == ["hh:harmless-base:test:0", "hh:harmless-base:test:1"]


def test_rows_that_are_not_as_they_should_be_are_counted_by_type(tmp_path):
    rows = [GOOD, {"chosen": "\n\nHuman: x\n\nAssistant: y"}, pair(5, "x"), pair("no speaker", "x"), "{", [1], GOOD]
    found = run("hh-rlhf", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert found.manifest["rows_in"] == 7
    assert found.bad_rows == {"JSONDecodeError": 1, "KeyError": 1, "TypeError": 2, "ValueError": 1}
    assert found.ids == ["hh:a:train:0", "hh:a:train:6"]
