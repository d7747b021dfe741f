"""Dumps that are written a little differently from those that we know: nothing is lost, taken for something else, or the end of the import."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sharelm.collection.fields import micros_of
from tests.collection.made import BOT, FIXTURES, USER, extra, lmsys, run, said, talk, write_lines, write_parquet


def from_value(*texts: str) -> list[dict[str, str]]:
    return [{"from": ("human", "gpt")[place % 2], "value": text} for place, text in enumerate(texts)]


def test_a_file_behind_a_link_goes_by_the_name_of_the_link(tmp_path: Path) -> None:
    """So does the cache of the Hub keep what it fetched."""
    blob = tmp_path / "blobs/0a1b2c"
    blob.parent.mkdir()
    blob.write_text("1 hello\thi\n", encoding="utf-8")
    named = tmp_path / "snapshots/dialog-babi-task6-dstc2-tst.txt"
    named.parent.mkdir()
    named.symlink_to(blob)
    found = run("babi-dialog", named.parent, blob.parent, out=tmp_path / "out")
    assert found.ids == ["babi:t6:tst:0"]
    assert extra(found.only)["simulated"] is False


def test_half_characters_beside_the_text_do_not_end_the_import(tmp_path: Path) -> None:
    attempt = json.loads((FIXTURES / "hh_red_team_attempts.json").read_text())[0] | {"model_type": "m\ud800", "tags": ["t\udfff"]}
    path = tmp_path / "red.json"
    path.write_text(json.dumps([attempt]), encoding="utf-8")
    found = run("hh-rlhf", path, out=tmp_path / "out", anonymise=lambda texts, _: (texts, 0))
    assert found.only["model_name"] == "m\ufffd/52B"
    assert extra(found.only)["tags"] == ["t\ufffd"]


def test_half_characters_of_the_survey_do_not_end_the_import(tmp_path: Path) -> None:
    survey = json.loads((FIXTURES / "prism_survey.jsonl").read_text()) | {"gender": "g\ud800"}
    talks = (FIXTURES / "prism_conversations.jsonl").read_text()
    (tmp_path / "conversations.jsonl").write_text(talks, encoding="utf-8")
    (tmp_path / "survey.jsonl").write_text(json.dumps(survey), encoding="utf-8")
    assert run("prism", tmp_path, out=tmp_path / "out").only["user_metadata"]["gender"] == "g\ufffd"


def test_a_survey_as_parquet_is_read_to_its_end(tmp_path: Path) -> None:
    person = {"age": "25-34 years old", "gender": "Male", "location": {"reside_country": "Chile"}, "study_id": "s"}
    write_parquet(tmp_path / "survey.parquet", [{**person, "user_id": f"user{number}"} for number in range(5_000)])
    talks = [json.loads((FIXTURES / "prism_conversations.jsonl").read_text()) | {"user_id": "user4999"}]
    write_lines(tmp_path / "conversations.jsonl", talks)
    assert run("prism", tmp_path, out=tmp_path / "out").only["user_metadata"]["gender"] == "Male"


def test_columns_of_any_type_are_kept_beside(tmp_path: Path) -> None:
    values = {"saved": datetime(2023, 10, 16, tzinfo=UTC), "raw": b"x", "score": float("nan"), "upvotes": 2, "tags": ["a"]}
    found = run(
        "collective-cognition", write_parquet(tmp_path / "a.parquet", [{"conversations": from_value("Q", "A"), **values}]), out=tmp_path / "out"
    )
    assert extra(found.only)["upvotes"] == 2 and extra(found.only)["tags"] == ["a"]
    assert extra(found.only)["saved"].startswith("2023-10-16")
    assert "NaN" not in found.only["conversation_metadata"]["extra_json"]


def test_what_nests_deeply_beside_the_text_is_one_bad_row(tmp_path: Path) -> None:
    deep: list[str] = []
    for depth in range(900, 1_000, 2):
        row = json.dumps({"conversations": from_value(f"Q{depth}", "A"), "more": "HERE"})
        deep.append(row.replace('"HERE"', "[" * depth + "]" * depth))
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", [*deep, {"conversations": from_value("Q", "A")}]), out=tmp_path / "out")
    assert ("user", "Q") in [message for row in found.rows for message in said(row)]
    assert found.manifest["rows_in"] == found.manifest["rows_out"] + sum(found.bad_rows.values()) == len(deep) + 1


@pytest.mark.parametrize(("line", "reason"), [("1 hello\t\n", "empty message"), ("1 \thello\n", "empty message")])
def test_a_side_of_babi_that_says_nothing_is_no_fact(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "dialog-babi-task1-API-calls-trn.txt"
    path.write_text(line, encoding="utf-8")
    assert run("babi-dialog", path, out=tmp_path / "out").left_out == {reason: 1}


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_an_object_with_an_empty_list_is_a_row_that_says_nothing(tmp_path: Path, name: str) -> None:
    found = run("sharegpt", write_lines(tmp_path / name, [{"conversations": []}, {"conversations": from_value("Q", "A")}]), out=tmp_path / "out")
    assert (found.manifest["rows_in"], found.manifest["rows_out"], found.left_out) == (2, 1, {"empty conversation": 1})


@pytest.mark.parametrize("value", [1e24, -1e20, 2**72, 10**400, float("inf"), float("nan"), "1e300", "not a time", True, [], {}])
def test_a_time_that_is_none_is_one_bad_row(tmp_path: Path, value: Any) -> None:
    rows = [{"conversations": from_value("Q", "A"), "timestamp": value}, {"conversations": from_value("R", "A")}]
    found = run("sharegpt", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "out")
    assert [said(row)[0] for row in found.rows] == [(USER, "R")]
    assert sum(found.bad_rows.values()) == 1


@pytest.mark.parametrize(
    "value",
    ["2023-04-09T00:02:53Z", "2023-04-09 00:02:53", "2023-04-09 00:02:53+00:00", "2023-04-09 00:02:53 UTC", "1680998573", 1680998573, 1680998573.0,
     1680998573000, 1680998573000000, 1680998573000000000],
)  # fmt: skip
def test_a_time_is_read_however_it_is_written(value: Any) -> None:
    assert micros_of(value) == 1_680_998_573_000_000


def test_times_in_nanoseconds_are_cut(tmp_path: Path) -> None:
    turns = [{**message, "turn_identifier": 7} for message in talk("Q", "A")]
    row = {"conversation": turns, "model": "m", "language": "English", "country": "Chile", "hashed_ip": "ab", "toxic": False, "redacted": False}
    table = pa.Table.from_pylist([row]).append_column("timestamp", pa.array([1_680_998_573_000_000_001], pa.timestamp("ns")))
    found = run("wildchat", write_table(tmp_path / "a.parquet", table), out=tmp_path / "out")
    assert found.only["timestamp"] == datetime(2023, 4, 9, 0, 2, 53, tzinfo=UTC)


def write_table(path: Path, table: pa.Table) -> Path:
    import pyarrow.parquet as pq

    pq.write_table(table, path)
    return path


def test_files_compressed_with_zstandard_are_read(tmp_path: Path) -> None:
    data = "".join(json.dumps(lmsys(number)) + "\n" for number in range(3)).encode()
    (tmp_path / "a.jsonl.zst").write_bytes(pa.compress(data, codec="zstd", asbytes=True))
    assert len(run("lmsys-chat-1m", tmp_path, out=tmp_path / "out").ids) == 3


def test_parts_whose_type_is_not_said_are_text(tmp_path: Path) -> None:
    turns = [{"role": role, "content": [{"type": None, "text": text}]} for role, text in ((USER, "Q"), (BOT, "A"))]
    found = run("lmsys-chat-1m", write_lines(tmp_path / "a.jsonl", [lmsys(1) | {"conversation": turns}]), out=tmp_path / "out")
    assert said(found.only) == [(USER, "Q"), (BOT, "A")]


@pytest.mark.parametrize("ending", ["gz", "zst"])
@pytest.mark.parametrize("source", ["babi-dialog", "lmsys-chat-1m"])
def test_what_was_cut_off_is_one_error_whatever_compressed_it(tmp_path: Path, source: str, ending: str) -> None:
    lines = [
        f"1 hello {number:032x}\thi {number**5:032x}\n" if source == "babi-dialog" else json.dumps(lmsys(number)) + "\n" for number in range(9_000)
    ]
    data = "".join(lines).encode()
    whole = gzip.compress(data, mtime=0) if ending == "gz" else pa.compress(data, codec="zstd", asbytes=True)
    path = tmp_path / f"task1-trn.txt.{ending}"
    path.write_bytes(whole[: len(whole) // 2])
    found = run(source, path, out=tmp_path / "out")
    assert found.bad_rows == {"EOFError": 1}
    assert found.manifest["rows_in"] == found.manifest["rows_out"] + 1


def test_a_survey_that_comes_later_is_taken_up_and_doubles_nothing(tmp_path: Path) -> None:
    talks, survey = FIXTURES / "prism_conversations.jsonl", FIXTURES / "prism_survey.jsonl"
    assert run("prism", talks, out=tmp_path / "out").only["user_metadata"]["age"] is None
    found = run("prism", talks, survey, out=tmp_path / "out")
    assert found.only["user_metadata"]["age"] == "25-34 years old"
    assert (found.manifest["rows_in"], found.left_out) == (1, {})
    assert len(list((tmp_path / "out/default").iterdir())) == 1


def test_what_an_earlier_importer_made_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = (write_lines(tmp_path / f"{number}.jsonl", [lmsys(number)]) for number in range(2))
    run("lmsys-chat-1m", path, other, out=tmp_path / "out")
    monkeypatch.setattr("sharelm.collection.shard.IMPORTER_VERSION", "another")
    found = run("lmsys-chat-1m", path, other, out=tmp_path / "out")
    assert (found.manifest["rows_in"], found.manifest["rows_out"], found.left_out) == (2, 2, {})
