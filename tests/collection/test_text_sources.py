"""Dialog bAbI and the self-feeding chatbot: text files with their own traps."""

from __future__ import annotations

import random

import pytest

from tests.collection.made import FIXTURES, extra, run, said, write_lines

BABI = "dialog-babi-task5-full-dialogs-trn.txt"


def test_babi_merges_what_the_bot_says_around_silence_and_keeps_facts_apart(tmp_path):
    found = run("babi-dialog", FIXTURES / BABI, out=tmp_path)
    assert found.ids == ["babi:t5:trn:0", "babi:t5:trn:1"]
    assert said(found.rows[0]) == [
        ("user", "hi"),
        ("assistant", "hello what can i help you with today"),
        ("user", "can you book a table"),
        ("assistant", "i'm on it\nany preference on a type of cuisine"),
        ("user", "with thai food please"),
        ("assistant", "ok let me look into some options for you\napi_call thai paris four cheap"),
        ("tool", "resto_1 R_phone resto_1_phone\nresto_1 R_rating 8"),
        ("assistant", "what do you think of this option: resto_1"),
    ]


@pytest.mark.parametrize(
    ("name", "start", "simulated"),
    [
        ("dialog-babi-task1-API-calls-tst-OOV.txt", "babi:t1:tst-OOV:0", True),
        ("dialog-babi-task6-dstc2-dev.txt", "babi:t6:dev:0", False),
        (BABI, "babi:t5:trn:0", True),
    ],
)
def test_babi_says_what_is_simulated(tmp_path, name, start, simulated):
    (tmp_path / name).write_text("1 hi\thello\n")
    found = run("babi-dialog", tmp_path / name, out=tmp_path / "out")
    assert (found.ids, extra(found.only)["simulated"]) == ([start], simulated)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", ["", "|"])
def test_babi_begins_a_dialog_with_every_one(tmp_path, end, between):
    lines = ["1 table for 2 at 8\tsure 8 it is", "2 thanks\twelcome", *([""] if between else []), "1 bye\tbye"]
    (tmp_path / BABI).write_bytes(end.join(lines).encode())
    found = run("babi-dialog", tmp_path / BABI, out=tmp_path / "out")
    assert [said(row)[0][1] for row in found.rows] == ["table for 2 at 8", "bye"]  # digits of the text stay


def test_babi_counts_a_dialog_that_is_broken(tmp_path):
    (tmp_path / BABI).write_text("1 a\tb\n\nno number\tx\n\n1 <SILENCE>\tonly the bot\n\n")
    found = run("babi-dialog", tmp_path / BABI, out=tmp_path / "out")
    assert (found.manifest["rows_in"], found.bad_rows, found.left_out, len(found.rows)) == (3, {"ValueError": 1}, {"one-sided": 1}, 1)


def test_self_feeding_takes_the_learner_for_the_user(tmp_path):
    found = run("self-feeding", FIXTURES / "selffeeding_train_hb.txt", out=tmp_path)
    assert said(found.only) == [("user", "hi there"), ("assistant", "hello , how are you ?"), ("user", "fine , i like tea")]
    assert (found.ids, found.left_out) == (["selffeeding:hb:1"], {"the beginning of a longer row": 1})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("train_hh131k.txt", "human to human"),
        ("train_hh131k_hb60k.txt", "human to human"),
        ("train_fb_a.txt", "feedback, no answer"),
        ("train_st.txt", "a measure of satisfaction"),
        ("train_other.txt", "an unknown kind of file"),
    ],
)
def test_self_feeding_keeps_out_what_is_no_conversation_with_a_model(tmp_path, name, reason):
    row = {"context": "__p1__ hello", "response": "hi", "candidates": ["hi", "no"]}
    found = run("self-feeding", write_lines(tmp_path / name, [row, row]), out=tmp_path / "out")
    assert (found.rows, found.left_out) == ([], {reason: 2})


def test_self_feeding_keeps_only_the_longest_rows_in_any_order(tmp_path):
    rows = [
        {"context": "__null__", "response": "a"},
        {"context": "__p2__ a __p1__ b", "response": "c"},
        {"context": "__p2__ a __p1__ b __p2__ c __p1__ d", "response": "e"},
        {"context": "__null__", "response": "z"},
        {"context": "__p2__ z __p1__ y", "response": "x"},
    ]
    random.Random(4).shuffle(rows)
    found = run("self-feeding", write_lines(tmp_path / "valid_hb.txt", rows), out=tmp_path / "out")
    assert sorted("".join(text for _, text in said(row)) for row in found.rows) == ["abcde", "zyx"]
    assert all(row["conversation_id"].startswith("selffeeding:hb:valid:") for row in found.rows)


def test_self_feeding_counts_broken_rows(tmp_path):
    rows = [{"response": "x"}, {"context": 3, "response": "x"}, {"context": "no speaker", "response": "x"}, {"context": "__p1__ a", "response": "b"}]
    found = run("self-feeding", write_lines(tmp_path / "train_hb.txt", rows), out=tmp_path / "out")
    assert (found.bad_rows, len(found.rows)) == ({"KeyError": 1, "TypeError": 1, "ValueError": 1}, 1)
