"""LMSYS-Chat-1M and WildChat are read in whole columns. Whatever stands in them, that gives the same as reading row by row."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from sharelm.anonymise.content import content_hash
from sharelm.collection.digest import digest_of, fold_all
from sharelm.collection.engines import local_engine
from sharelm.collection.importer import import_source
from sharelm.collection.sources import lmsys_chat_1m, source_named, wildchat
from sharelm.vocabulary import Message, Role
from tests.collection.made import FIXTURES, Imported, lmsys, run, said, talk, write_lines, write_parquet
from tests.collection.test_wildchat import turn

SIGNS = " \n\t\x1c\x0b\xa0\u2003\u3000\x00aé日😀"


def odd(chance, *usual):
    return chance.choice((*usual * 8, None, "", " "))


def odd_text(chance):
    return None if chance.random() < 0.05 else "".join(chance.choices(SIGNS, k=chance.randrange(30)))


def odd_messages(chance):
    if chance.random() < 0.05:
        return None
    roles = ("user", "assistant", "user", "assistant", "system", "User", "tool", "narrator", None)
    weights = (20, 20, 20, 20, 2, 1, 1, 1, 1)
    return [{"role": chance.choices(roles, weights)[0], "content": odd_text(chance)} for _ in range(chance.randrange(5))]


def odd_lmsys(chance, number):
    return {
        **lmsys(number), "conversation_id": odd(chance, f"{number:032x}"), "model": odd(chance, "vicuna-13b "), "conversation": odd_messages(chance),
        "language": odd(chance, "English"), "redacted": chance.choice((True, False, None)),
    }  # fmt: skip


def odd_wildchat(chance, number):
    messages = odd_messages(chance)
    turns = messages and [turn(one["role"], one["content"], chance.choice((number, number, number, None))) for one in messages]
    at = chance.choice((datetime(2024, 5, 6, 7, 8, 9, 123_456, tzinfo=UTC), None))
    return {
        "conversation_hash": f"{number:032x}", "model": odd(chance, "gpt-4"), "timestamp": at, "conversation": turns,
        "language": odd(chance, "English"),
        "toxic": chance.choice((True, False, None)), "redacted": chance.choice((True, False, None)), "country": odd(chance, "Chile"),
        "hashed_ip": odd(chance, "0" * 64, "1" * 64),
    }  # fmt: skip


MESSAGE = [("content", pa.string()), ("role", pa.string())]
TURN = [*MESSAGE, ("hashed_ip", pa.string()), ("turn_identifier", pa.int64())]


def schema_of(source, message):
    texts = [(name, pa.string()) for name in ("conversation_id", "conversation_hash", "model", "language", "country", "hashed_ip")]
    return pa.schema([*texts, ("toxic", pa.bool_()), ("redacted", pa.bool_()), ("timestamp", pa.timestamp("us", tz="UTC")),
                      ("conversation", pa.list_(pa.struct(message)))])  # fmt: skip


@pytest.mark.parametrize(("module", "row", "message"), [(lmsys_chat_1m, odd_lmsys, MESSAGE), (wildchat, odd_wildchat, TURN)])
@pytest.mark.parametrize("seed", range(4))
def test_columns_and_rows_say_the_same(tmp_path, monkeypatch, module, row, message, seed):
    chance = random.Random(seed)
    path = write_parquet(tmp_path / "a.parquet", [row(chance, number) for number in range(800)], schema=schema_of(module, message))
    columns = run(module.NAME, path, out=tmp_path / "columns")
    source = replace(source_named(module.NAME), read_batch=None)
    monkeypatch.setattr("sharelm.collection.shard.source_named", lambda _: source)
    one_by_one = Imported(tmp_path / "rows", import_source(source, [path], tmp_path / "rows", engine=local_engine(1)))
    assert len(columns.rows) > 100
    assert sorted(columns.rows, key=lambda found: found["conversation_id"]) == sorted(one_by_one.rows, key=lambda found: found["conversation_id"])
    assert {name: columns.manifest[name] for name in ("rows_in", "rows_out", "left_out", "bad_rows", "redistributable")} == {
        name: one_by_one.manifest[name] for name in ("rows_in", "rows_out", "left_out", "bad_rows", "redistributable")
    }


def test_the_fixture_of_lmsys_is_read(tmp_path):
    found = run("lmsys-chat-1m", FIXTURES / "lmsys_chat_1m.parquet", out=tmp_path)
    assert (found.ids, said(found.only)) == (["lmsys:" + "f" * 32], [("user", "I am NAME_1"), ("assistant", "Hi NAME_1")])
    assert (found.only["user_id"], found.only["timestamp"], found.manifest["redistributable"]) == (None, None, False)
    assert found.only["conversation_metadata"]["redacted"] is True
    assert found.only["license"] == "LicenseRef-LMSYS-Chat-1M"


def test_lmsys_as_lines_gives_the_same_rows(tmp_path):
    rows = [lmsys(number, "Hi", "Hello\n there", "日本", "語") for number in range(3)]
    one = run("lmsys-chat-1m", write_parquet(tmp_path / "a.parquet", rows), out=tmp_path / "one")
    other = run("lmsys-chat-1m", write_lines(tmp_path / "a.jsonl", rows), out=tmp_path / "other")
    assert one.rows == other.rows


@pytest.mark.parametrize("big", [pa.large_list, pa.list_])
def test_texts_and_lists_with_long_offsets_are_read_too(tmp_path, big):
    table = pa.Table.from_pylist([lmsys(1)])
    message = big(pa.struct([("content", pa.large_string()), ("role", pa.large_string())]))
    place = table.schema.get_field_index("conversation")
    pa.parquet.write_table(table.set_column(place, "conversation", pa.array([talk("Hi", "Hello")], message)), tmp_path / "a.parquet")
    assert said(run("lmsys-chat-1m", tmp_path / "a.parquet", out=tmp_path / "out").only) == [("user", "Hi"), ("assistant", "Hello")]


def test_white_space_is_folded_as_python_does():
    chance = random.Random(3)
    for _ in range(3_000):
        texts = ["".join(chance.choices(SIGNS, k=chance.randrange(8))) for _ in range(chance.randrange(5))]
        assert fold_all(pa.array(texts, pa.string())) == [" ".join(text.split()).encode() for text in texts]


def test_the_hash_is_that_of_contributions():
    messages = [(Role.USER, "a  b\nc"), (Role.ASSISTANT, " é \u3000 日")]
    assert digest_of(messages) == content_hash([Message(role, text) for role, text in messages])
