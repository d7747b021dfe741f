"""Files as they come: arrays, lines, compressed or not, with other line ends, cut off, in folders."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from sharelm.collection import json_array
from sharelm.collection.inputs import find_files, read_rows
from sharelm.collection.json_array import read_array
from sharelm.errors import ShareLMError
from tests.collection.made import lmsys, run, write_lines, write_parquet

ROWS = [lmsys(number, "é" * number + "?", '[{]}"\\ yes') for number in range(1, 6)]


def write(path, text, *, encoding="utf-8"):
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(ROWS)),
        ("a.json", json.dumps(ROWS, indent=2)),
        ("a.json", json.dumps({"data": ROWS})),
        ("a.json", json.dumps({"data": ROWS}, indent=2)),
        ("a.json", "\n".join(map(json.dumps, ROWS))),
        ("a.jsonl", "\n".join(map(json.dumps, ROWS))),
        ("a.jsonl", "\r\n".join(map(json.dumps, ROWS)) + "\r\n"),
        ("a.jsonl", "\n\n".join(map(json.dumps, ROWS))),
        ("a.jsonl", "\ufeff" + "\n".join(map(json.dumps, ROWS))),
        ("a.json", "\ufeff \r\n" + json.dumps(ROWS)),
        ("a.jsonl.gz", "\n".join(map(json.dumps, ROWS))),
        ("a.jsonl.gz", json.dumps(ROWS)),
        ("a.txt", "\n".join(map(json.dumps, ROWS))),
    ],
)
def test_the_same_rows_come_out_of_every_form(tmp_path, name, text):
    assert list(read_rows(write(tmp_path / name, text))) == ROWS


def test_compressed_is_told_by_the_bytes_not_by_the_name(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(gzip.compress("\n".join(map(json.dumps, ROWS)).encode()))
    assert list(read_rows(tmp_path / "a.jsonl")) == ROWS


def test_one_object_alone_is_one_row(tmp_path):
    assert list(read_rows(write(tmp_path / "a.json", json.dumps(ROWS[0], indent=1)))) == ROWS[:1]


@pytest.mark.parametrize("piece", [1, 2, 7, 64])
def test_a_large_array_is_read_in_pieces(monkeypatch, piece):
    monkeypatch.setattr(json_array, "PIECE", piece)
    assert list(read_array(io.BytesIO(json.dumps(ROWS, ensure_ascii=False).encode()))) == ROWS


@pytest.mark.parametrize("cut", [1, 30, 200, -1])
def test_what_was_cut_off_gives_its_whole_rows_and_one_error(cut):
    values = list(read_array(io.BytesIO(json.dumps(ROWS).encode()[:cut])))
    assert [isinstance(value, Exception) for value in values] == [False] * (len(values) - 1) + [True]
    assert values[:-1] == ROWS[: len(values) - 1]


def test_a_compressed_file_that_was_cut_off_is_counted(tmp_path):
    path = write(tmp_path / "a.jsonl.gz", "\n".join(json.dumps(lmsys(number, f"{number * 7919}" * 50, "x")) for number in range(3_000)))
    path.write_bytes(path.read_bytes()[:-2_000])
    found = run("lmsys-chat-1m", path, out=tmp_path / "out")
    assert found.bad_rows == {"EOFError": 1}
    assert 1_000 < len(found.rows) < 3_000


def test_lines_that_are_no_utf_8_are_counted(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(json.dumps(ROWS[0]).encode() + b'\n{"x": "\xff"}\n' + json.dumps(ROWS[1]).encode())
    found = run("lmsys-chat-1m", tmp_path / "a.jsonl", out=tmp_path / "out")
    assert (found.bad_rows, len(found.rows)) == ({"UnicodeDecodeError": 1}, 2)


def test_folders_are_searched_and_what_hides_in_them_is_not(tmp_path):
    for name in ("b/two.jsonl", "a/one.json.gz", ".cache/hidden.jsonl", "__MACOSX/x.json", "readme.md", "a/three.parquet"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).touch()
    found = find_files([tmp_path / "data", tmp_path / "data" / "b" / "two.jsonl"])
    assert [path.name for path in found] == ["one.json.gz", "three.parquet", "two.jsonl"]


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_nothing_to_read_is_said_in_one_sentence(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ShareLMError):
        find_files([tmp_path / name])


def test_an_archive_is_to_be_unpacked_first(tmp_path):
    (tmp_path / "dialog_babi.tar.gz").touch()
    with pytest.raises(ShareLMError, match="unpack it first"):
        find_files([tmp_path / "dialog_babi.tar.gz"])


def test_a_parquet_file_that_was_cut_off_is_said_in_one_sentence(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", ROWS)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ShareLMError, match="no whole Parquet file"):
        run("lmsys-chat-1m", path, out=tmp_path / "out")


def test_several_paths_of_several_kinds_are_one_import(tmp_path):
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "a.jsonl", ROWS[:2])
    found = run("lmsys-chat-1m", tmp_path / "in", write_parquet(tmp_path / "b.parquet", ROWS[2:]), out=tmp_path / "out")
    assert sorted(found.ids) == sorted(f"lmsys:{row['conversation_id']}" for row in ROWS)


def test_an_empty_file_is_no_error(tmp_path):
    found = run("lmsys-chat-1m", write(tmp_path / "a.jsonl", ""), write(tmp_path / "b.json", "[]"), out=tmp_path / "out")
    assert (found.manifest["rows_in"], found.rows, found.bad_rows) == (0, [], {})
    assert not (tmp_path / "out" / "default").exists()  # an empty Parquet file breaks load_dataset
