"""Importing: again, more, interrupted, elsewhere; counts that add up; nothing that people wrote in what is said about it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from sharelm.cli.collection import Anonymiser
from sharelm.collection import parquet
from sharelm.errors import ShareLMError
from sharelm.release.schema import PREFERENCE, RELEASE
from tests.collection.made import FIXTURES, extra, files_of, lmsys, rows_of, run, said, talk, write_lines, write_parquet

SOURCES = {
    "hh-rlhf": ["hh_helpful-base_train.jsonl.gz", "hh_red_team_attempts.json"],
    "babi-dialog": ["dialog-babi-task5-full-dialogs-trn.txt"],
    "self-feeding": ["selffeeding_train_hb.txt", "selffeeding_train_fb_a.txt", "selffeeding_train_hh131k.txt"],
    "collective-cognition": ["collective_cognition.json"],
    "prism": ["prism_conversations.jsonl", "prism_survey.jsonl", "prism_utterances.jsonl", "prism_metadata.jsonl"],
    "wildchat": ["wildchat1m.parquet"],
    "lmsys-chat-1m": ["lmsys_chat_1m.parquet"],
    "chatbot-arena": ["arena33k.parquet"],
    "sharegpt": ["sharegpt.json"],
}


def fixtures_of(source):
    return [FIXTURES / name for name in SOURCES[source]]


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_release_schema_and_counts_that_add_up(tmp_path, source):
    found = run(source, *fixtures_of(source), out=tmp_path)
    assert all(pq.read_schema(path) == RELEASE for path in (tmp_path / "default").glob("*.parquet"))
    assert all(pq.read_schema(path) == PREFERENCE for path in (tmp_path / "preference").glob("*.parquet"))
    manifest = found.manifest
    of_a_row = 2 if source == "chatbot-arena" else 1
    gone = sum(manifest["left_out"].values()) + sum(manifest["bad_rows"].values())
    assert (manifest["rows_in"] * of_a_row, manifest["rows_out"]) == (len(found.rows) + gone, len(found.rows))
    assert (manifest["licence"], len(manifest["source_checksum"])) == (found.rows[0]["license"], 64)
    assert {row["source"] for row in found.rows} == {source}
    assert json.loads((tmp_path / "manifest.json").read_text()) == manifest


@pytest.mark.parametrize("source", SOURCES)
def test_importing_twice_adds_nothing(tmp_path, source):
    run(source, *fixtures_of(source), out=tmp_path)
    before = files_of(tmp_path)
    run(source, *fixtures_of(source), out=tmp_path)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("source", SOURCES)
def test_two_instances_have_the_same_bytes(tmp_path, source):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copies = [Path(shutil.copy(path, elsewhere)) for path in fixtures_of(source)]
    run(source, *fixtures_of(source), out=tmp_path / "one")
    run(source, *copies[::-1], out=tmp_path / "other", workers=2)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "other")


def test_a_copy_under_another_name_adds_nothing(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", [lmsys(1), lmsys(2)])
    run("lmsys-chat-1m", path, out=tmp_path / "out")
    before = files_of(tmp_path / "out")
    copy = Path(shutil.copy(path, tmp_path / "b.jsonl"))
    run("lmsys-chat-1m", path, copy, out=tmp_path / "out")
    assert files_of(tmp_path / "out") == before


def test_another_file_is_added_and_what_it_repeats_is_not(tmp_path):
    one, other = write_lines(tmp_path / "a.jsonl", [lmsys(1), lmsys(2)]), write_parquet(tmp_path / "b.parquet", [lmsys(2), lmsys(3)])
    run("lmsys-chat-1m", one, out=tmp_path / "out")
    found = run("lmsys-chat-1m", other, out=tmp_path / "out")
    assert sorted(found.ids) == [f"lmsys:{number:032x}" for number in (1, 2, 3)]
    assert (found.manifest["rows_in"], found.left_out, len(found.manifest["source_files"])) == (4, {"duplicate": 1}, 2)
    together = run("lmsys-chat-1m", one, other, out=tmp_path / "together")
    assert files_of(tmp_path / "out") == files_of(tmp_path / "together")
    assert found.rows == together.rows


def test_one_id_for_two_conversations_becomes_two(tmp_path):
    found = run("lmsys-chat-1m", write_lines(tmp_path / "a.jsonl", [lmsys(1), lmsys(1, "Other", "words"), lmsys(1)]), out=tmp_path / "out")
    assert found.ids[0] == f"lmsys:{1:032x}"
    assert re.fullmatch(rf"lmsys:{1:032x}:[0-9a-f]{{8}}", found.ids[1])
    assert found.left_out == {"duplicate": 1}


def test_a_pair_that_comes_again_is_left_out(tmp_path):
    row = json.dumps({"chosen": "\n\nHuman: Hi\n\nAssistant: Yes", "rejected": "\n\nHuman: Hi\n\nAssistant: No"})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    write_lines(tmp_path / "one" / "helpful-base.jsonl", [row])
    write_lines(tmp_path / "two" / "helpful-base.jsonl", [row, row])
    found = run("hh-rlhf", tmp_path / "one", tmp_path / "two", out=tmp_path / "out")
    assert (len(found.rows), len(found.pairs)) == (2, 2)  # the second row of the second file has an id of its own


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(parquet, "SHARD_ROWS", 10)


def test_a_large_file_is_made_in_shards_that_know_their_places(tmp_path, small_shards):
    found = run("lmsys-chat-1m", write_parquet(tmp_path / "a.parquet", [lmsys(number) for number in range(45)], group=5), out=tmp_path / "out")
    assert len(list((tmp_path / "out" / "default").iterdir())) == 5
    assert sorted(found.ids) == [f"lmsys:{number:032x}" for number in range(45)]


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path, small_shards):
    path = write_parquet(tmp_path / "a.parquet", [lmsys(number) for number in range(45)], group=5)
    run("lmsys-chat-1m", path, out=tmp_path / "whole")
    run("lmsys-chat-1m", path, out=tmp_path / "out")
    reports = sorted((tmp_path / "out" / "shards").iterdir())
    finished = (tmp_path / "out" / "default" / f"train-{reports[0].stem}.parquet").stat().st_mtime_ns
    reports[1].unlink()  # a worker stopped before its report
    (tmp_path / "out" / "default" / f"train-{reports[2].stem}.parquet").unlink()  # somebody deleted a file
    (tmp_path / "out" / "default" / ".train-0000.parquet.1").write_bytes(b"half")
    run("lmsys-chat-1m", path, out=tmp_path / "out")
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    assert (tmp_path / "out" / "default" / f"train-{reports[0].stem}.parquet").stat().st_mtime_ns == finished


def test_a_folder_holds_one_source_in_one_form(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", [lmsys(1)])
    run("lmsys-chat-1m", path, out=tmp_path / "out")
    for source, more in (("sharegpt", {}), ("lmsys-chat-1m", {"anonymise": Anonymiser(False)})):
        with pytest.raises(ShareLMError, match="This folder holds"):
            run(source, path, out=tmp_path / "out", **more)


def test_bad_rows_are_never_quoted(tmp_path):
    canary = "canary-of-what-somebody-wrote"
    rows = [
        lmsys(1),
        {**lmsys(2), "conversation": canary},
        f'{{"{canary}',
        {**lmsys(3), "model": [canary]},
        {**lmsys(4), "conversation_id": {canary: 1}},
    ]
    found = run("lmsys-chat-1m", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert found.bad_rows == {"JSONDecodeError": 1, "TypeError": 3}
    assert all(canary.encode() not in data for data in files_of(tmp_path / "out").values())


def test_missing_columns_beside_the_conversation_are_unknown(tmp_path):
    rows = [{"conversation_id": "x", "conversation": talk("Hi", "Hello")}, {"conversation": talk("Hi", "Hello")}]
    found = run("lmsys-chat-1m", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert (found.only["model_name"], found.only["conversation_metadata"]["language"], found.bad_rows) == (None, None, {"KeyError": 1})


@pytest.mark.parametrize("columns", [["conversation_id", "conversation"], ["conversation_id", "conversation", "model", "language"]])
def test_missing_columns_of_a_parquet_file_are_unknown_too(tmp_path, columns):
    rows = [{name: value for name, value in lmsys(1).items() if name in columns}]
    found = run("lmsys-chat-1m", write_parquet(tmp_path / "a.parquet", rows), out=tmp_path / "out")
    assert (len(found.rows), found.only["conversation_metadata"]["redacted"]) == (1, None)


def test_anonymised_on_the_way(tmp_path):
    mail = "Write to alice@example.org, please."
    path = write_lines(tmp_path / "a.jsonl", [{"id": "1", "title": "for alice@example.org", "by": {"mail": ["bob@example.org"]},
                                               "conversations": [{"from": "human", "value": mail}, {"from": "gpt", "value": "Done."}]}])  # fmt: skip
    plain, hidden = run("sharegpt", path, out=tmp_path / "plain"), run("sharegpt", path, out=tmp_path / "out", anonymise=Anonymiser(False))
    assert said(hidden.only) == [("user", "Write to [EMAIL_ADDRESS_1], please."), ("assistant", "Done.")]
    metadata = hidden.only["conversation_metadata"]
    assert (metadata["title"], metadata["redacted"], extra(hidden.only)) == ("for [EMAIL_ADDRESS_1]", True, {"by": {"mail": ["[EMAIL_ADDRESS_2]"]}})
    assert hidden.only["content_hash"] != plain.only["content_hash"]
    assert (hidden.manifest["anonymised"], plain.manifest["anonymised"]) == (True, False)
    assert all(b"example.org" not in data for data in files_of(tmp_path / "out").values())


def test_pairs_are_anonymised_too(tmp_path):
    row = {
        "chosen": "\n\nHuman: I am bob@example.org\n\nAssistant: Hi bob@example.org",
        "rejected": "\n\nHuman: I am bob@example.org\n\nAssistant: No",
    }
    pair = run("hh-rlhf", write_lines(tmp_path / "a.jsonl", [row]), out=tmp_path / "out", anonymise=Anonymiser(False)).pairs[0]
    assert (pair["prompt"][0]["content"], pair["chosen"][0]["content"]) == ("I am [EMAIL_ADDRESS_1]", "Hi [EMAIL_ADDRESS_1]")


def test_researchers_open_it(tmp_path):
    run("chatbot-arena", *fixtures_of("chatbot-arena"), out=tmp_path / "out")
    for config, rows in (("default", 8), ("preference", 2)):
        files = str(tmp_path / "out" / config / "*.parquet")
        assert load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache")).num_rows == rows
    assert len(rows_of(tmp_path / "out" / "default")) == 8
