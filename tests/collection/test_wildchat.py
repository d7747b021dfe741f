"""WildChat in its three editions: ids, times, and what must not come along."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tests.collection.made import FIXTURES, run, said, write_lines, write_parquet

ADDRESS = "0" * 64
AT = datetime(2024, 5, 6, 7, 8, 9, 123_456, tzinfo=UTC)


def turn(role, content, identifier, **more):
    return {
        "content": content, "country": "Chile", "hashed_ip": ADDRESS, "header": {"accept-language": "es", "user-agent": "secret-agent"},
        "language": "English", "redacted": False, "role": role, "state": "RM", "timestamp": None, "toxic": False, "turn_identifier": identifier,
        **more,
    }  # fmt: skip


def wild(identifier, *texts, **more):
    messages = [turn(("user", "assistant")[place % 2], text, identifier + place // 2) for place, text in enumerate(texts or ("Hi", "Hello"))]
    return {
        "conversation_hash": "ab" * 16, "model": "gpt-4-0314", "timestamp": AT, "conversation": messages, "turn": 1, "language": "English",
        "toxic": False, "redacted": True, "state": "RM", "country": "Chile", "hashed_ip": ADDRESS,
        "header": {"accept-language": "es", "user-agent": "secret-agent"}, **more,
    }  # fmt: skip


def test_the_fixture_leaves_an_empty_prompt_out_and_keeps_the_placeholders(tmp_path):
    found = run("wildchat", FIXTURES / "wildchat1m.parquet", out=tmp_path)
    assert (found.ids, found.left_out) == (["wildchat:101001"], {"empty message": 1})
    assert said(found.only)[0] == ("user", "My name is <PRESIDIO_ANONYMIZED_PERSON>")
    assert found.only["timestamp"] == datetime(2023, 4, 9, 0, 2, 53, tzinfo=UTC)
    assert found.only["user_metadata"]["location"] == "Chile"
    assert found.only["user_id"] == "wildchat:" + hashlib.sha256(f"wildchat:{ADDRESS}".encode()).hexdigest()[:16]


def test_one_hash_may_be_many_conversations(tmp_path):
    found = run("wildchat", write_parquet(tmp_path / "a.parquet", [wild(7), wild(9)]), out=tmp_path / "out")
    assert found.ids == ["wildchat:7", "wildchat:9"]
    assert found.rows[0]["content_hash"] == found.rows[1]["content_hash"]


def test_the_id_is_of_the_last_turn(tmp_path):
    found = run("wildchat", write_parquet(tmp_path / "a.parquet", [wild(7, "a", "b", "c", "d")]), out=tmp_path / "out")
    assert found.ids == ["wildchat:8"]


def test_no_address_browser_or_state_comes_along(tmp_path):
    run("wildchat", write_parquet(tmp_path / "a.parquet", [wild(7)]), out=tmp_path / "out")
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*.parquet"))
    assert all(word not in written for word in (ADDRESS.encode(), b"secret-agent", b"RM"))


@pytest.mark.parametrize("type_", [pa.timestamp("us", tz="UTC"), pa.timestamp("us"), pa.timestamp("s", tz="UTC"), pa.timestamp("ms")])
def test_times_of_every_edition_are_utc(tmp_path, type_):
    at = AT.replace(microsecond=0)
    table = pa.Table.from_pylist([wild(7, timestamp=at)])
    place = table.schema.get_field_index("timestamp")
    moment = at if type_.tz else at.replace(tzinfo=None)
    pa.parquet.write_table(table.set_column(place, "timestamp", pa.array([moment], type_)), tmp_path / "a.parquet")
    assert run("wildchat", tmp_path / "a.parquet", out=tmp_path / "out").only["timestamp"] == at


def test_more_keys_in_a_turn_change_nothing(tmp_path):
    row = wild(7)
    row["conversation"] = [{**message, "created": 1, "usage": {"reasoning_tokens": 3}, "openai_id": "x"} for message in row["conversation"]]
    found = run("wildchat", write_parquet(tmp_path / "a.parquet", [row]), out=tmp_path / "out")
    assert said(found.only) == [("user", "Hi"), ("assistant", "Hello")]


def test_the_first_edition_has_ids_of_its_own_and_no_addresses(tmp_path):
    row = wild(7)
    plain = {name: value for name, value in row.items() if name not in {"conversation_hash", "hashed_ip", "header", "country", "state"}}
    plain["conversation"] = [
        {name: message[name] for name in ("content", "language", "redacted", "role", "toxic")} for message in row["conversation"]
    ]
    found = run("wildchat", write_parquet(tmp_path / "a.parquet", [{**plain, "conversation_id": "abc"}]), out=tmp_path / "out")
    assert (found.ids, found.only["user_id"], found.only["model_name"]) == (["wildchat:abc"], None, "gpt-4-0314")


def test_a_turn_without_identifier_does_not_lose_the_row(tmp_path):
    row = wild(7, "a", "b", "c", "d")
    row["conversation"][-1]["turn_identifier"] = None
    found = run("wildchat", write_parquet(tmp_path / "a.parquet", [row, wild(20)]), out=tmp_path / "out")
    assert sorted(found.ids) == ["wildchat:20", "wildchat:8"]


@pytest.mark.parametrize(("toxic", "redistributable"), [(False, True), (True, False)])
def test_what_only_the_gated_edition_has_stays_here(tmp_path, toxic, redistributable):
    found = run("wildchat", write_parquet(tmp_path / "a.parquet", [wild(7), wild(9, "x", "y", toxic=toxic)]), out=tmp_path / "out")
    assert found.manifest["redistributable"] is redistributable
    assert [row["toxic"] for row in found.rows] == [False, toxic]


def test_json_lines_give_the_same_rows(tmp_path):
    rows = [wild(7), wild(9, "a", "b", "c", "d")]
    lines = [{**row, "timestamp": AT.isoformat()} for row in rows]
    one = run("wildchat", write_parquet(tmp_path / "a.parquet", rows), out=tmp_path / "one")
    other = run("wildchat", write_lines(tmp_path / "a.jsonl.gz", lines), out=tmp_path / "other")
    assert one.rows == other.rows
