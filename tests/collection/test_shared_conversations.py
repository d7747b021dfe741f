"""Collective Cognition, ShareGPT dumps and OpenAssistant trees."""

from __future__ import annotations

import json

import pytest

from sharelm.collection.sources import source_named
from tests.collection.made import FIXTURES, extra, run, said, write_lines


def turns(*texts):
    return [{"from": ("human", "gpt")[place % 2], "value": text} for place, text in enumerate(texts)]


def test_collective_cognition_leaves_out_what_says_nothing(tmp_path):
    found = run("collective-cognition", FIXTURES / "collective_cognition.json", out=tmp_path)
    assert (said(found.only), found.left_out) == ([("user", "Name a colour"), ("assistant", "Blue")], {"empty message": 1})


def test_collective_cognition_keeps_columns_that_nobody_told_us_of(tmp_path):
    row = {"conversations": turns("a", "b"), "model": "gpt-4", "title": "T", "custom_instruction": "C", "status": "open", "tags": ["x"], "upvotes": 3}
    found = run("collective-cognition", write_lines(tmp_path / "a.jsonl", [row]), out=tmp_path / "out")
    metadata = found.only["conversation_metadata"]
    assert [metadata[name] for name in ("title", "custom_instruction", "status")] == ["T", "C", "open"]
    assert (extra(found.only), found.only["model_name"]) == ({"tags": ["x"], "upvotes": 3}, "gpt-4")


def test_collective_cognition_has_the_same_ids_in_every_edition(tmp_path):
    rows = [{"conversations": turns("a", "b")}, {"conversations": turns("c", "d")}]
    one = run("collective-cognition", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "one")
    other = run("collective-cognition", write_lines(tmp_path / "b.jsonl", rows[::-1]), out=tmp_path / "other")
    assert one.ids == other.ids[::-1]


def test_sharegpt_keeps_its_ids_and_makes_some_where_it_has_none(tmp_path):
    rows = [{"id": "abc_0", "conversations": turns("a", "b")}, {"conversations": turns("c", "d")}, {"id": "x", "items": turns("e", "f")}]
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert found.ids == ["sharegpt:abc_0", f"sharegpt:{found.rows[1]['content_hash'][:32]}", "sharegpt:x"]


def test_sharegpt_answers_in_html_become_text(tmp_path):
    html = (
        '<div class="markdown prose w-full"><p>Use <code>a &lt; b</code>:</p><pre><div><button>Copy code</button></div>'
        "<code>if a:\n    b()\n</code></pre><ol><li><p>one</p></li><li>two</li></ol></div>"
    )
    row = {"id": "h", "conversations": turns("<div>my page</div>", html)}
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", [row]), out=tmp_path / "out")
    asked, answered = said(found.only)
    assert asked == ("user", "<div>my page</div>")
    assert answered == ("assistant", "Use a < b:\n\nif a:\n    b()\n\n- one\n\n- two")


def test_sharegpt_code_that_is_html_stays(tmp_path):
    row = {"id": "h", "conversations": turns("a page?", "<div class='x'>\n  <p>hi</p>\n</div>")}
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", [row]), out=tmp_path / "out")
    assert said(found.only)[1] == ("assistant", "<div class='x'>\n  <p>hi</p>\n</div>")


@pytest.mark.parametrize(
    ("row", "bad", "left_out"),
    [
        ({"id": "1"}, {"KeyError": 1}, {}),
        ({"id": "1", "conversations": "text"}, {"TypeError": 1}, {}),
        ({"id": "1", "conversations": [{"from": "narrator", "value": "x"}]}, {"ValueError": 1}, {}),
        ({"id": "1", "conversations": [{"from": "human", "value": 5}]}, {"TypeError": 1}, {}),
        ({"id": {}, "conversations": turns("a", "b")}, {"TypeError": 1}, {}),
        ({"id": "1", "conversations": []}, {}, {"empty conversation": 1}),
        ({"id": "1", "conversations": turns("a")}, {}, {"one-sided": 1}),
        ({"id": "1", "conversations": turns("a", " \n")}, {}, {"empty message": 1}),
        ({"id": "1", "conversations": [{"from": "system", "value": ""}, *turns("a", "b")]}, {}, {}),
    ],
)
def test_sharegpt_says_why_a_row_is_not_there(tmp_path, row, bad, left_out):
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", [row]), out=tmp_path / "out")
    assert (found.bad_rows, found.left_out, len(found.rows)) == (bad, left_out, 0 if bad or left_out else 1)


def test_halves_of_characters_and_other_scripts_survive(tmp_path):
    rows = ['{"id": "1", "conversations": [{"from": "human", "value": "\\ud83d x"}, {"from": "gpt", "value": "日本語 \\ud83d\\ude00 ñ"}]}']
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert said(found.only) == [("user", "\ufffd x"), ("assistant", "日本語 😀 ñ")]


def tree(number):
    def message(text, role, rank=None, replies=(), **more):
        return {"message_id": text, "text": text, "role": role, "lang": "en", "rank": rank, "replies": list(replies), **more}

    worse, gone = message("worse", "assistant", 1), message("gone", "assistant", 0, deleted=True)
    best = message("best", "assistant", 0, [message("thanks", "prompter")])
    root = message("hello", "prompter", None, [worse, gone, best], user_id="u1", created_date="2023-02-05T14:23:50.983374+00:00")
    return {"message_tree_id": f"t{number}", "tree_state": "ready_for_export", "prompt": root}


def test_an_oasst_tree_is_its_best_path_between_humans(tmp_path):
    found = run("oasst", write_lines(tmp_path / "a.trees.jsonl.gz", [tree(1), {"prompt": {}}]), out=tmp_path / "out")
    assert said(found.only) == [("user", "hello"), ("assistant", "best"), ("user", "thanks")]
    assert (found.ids, extra(found.only)["human_to_human"], found.manifest["unified"]) == (["oasst:t1"], True, False)
    assert found.bad_rows == {"KeyError": 1}
    assert not source_named("oasst").is_unified


def test_the_fixture_of_sharegpt_is_read(tmp_path):
    found = run("sharegpt", FIXTURES / "sharegpt.json", out=tmp_path)
    assert json.loads((FIXTURES / "sharegpt.json").read_text())[0]["id"] == "abc_0"
    assert (found.ids, said(found.only)) == (["sharegpt:abc_0"], [("user", "Hi"), ("assistant", "Hello")])
