"""The configs of a release: what each holds, how rows are split, cut into files, and that the same rows give the same bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sharelm.release.derive import DERIVED
from sharelm.release.layout import PREFIX
from sharelm.release.schema import RELEASE, SCHEMAS
from sharelm.release.split import is_test, split_of
from sharelm.release.write import release_writer
from tests.release.made import batches, public_id, row
from tests.released import rows_in


def derived(config: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [made for batch in batches(rows) for part in DERIVED[config](batch) for made in part.to_pylist()]


def said(messages: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def test_the_first_eight_columns_are_the_papers():
    paper = ["conversation_id", "conversation", "model_name", "user_id", "timestamp", "source", "user_metadata", "conversation_metadata"]
    assert RELEASE.names[:8] == paper == SCHEMAS["sharelm_v0"].names


def test_the_card_has_a_word_for_every_config():
    from sharelm.release.card import FORMS

    assert FORMS.keys() == SCHEMAS.keys()


def test_every_column_is_documented():
    page = (Path(__file__).parents[2] / "docs/dataset.md").read_text(encoding="utf-8")
    for config, schema in SCHEMAS.items():
        described = page.split(f"### `{config}`")[1].split("\n### ")[0]
        assert [name for name in schema.names if f"`{name}`" not in described] == []


def test_v0_has_strings_and_empty_strings():
    from datetime import UTC, datetime

    day = datetime(2026, 6, 15, tzinfo=UTC)
    person = {"location": "IT", "age": None, "gender": "female"}
    (first,) = derived("sharelm_v0", row(1, rate=1, timestamp=day, user_metadata=person, model_name="heron"))
    assert first["timestamp"] == "2026-06-15T00:00:00.000Z"
    assert first["user_metadata"] == {"location": "IT", "age": "", "gender": "female"}
    empty = dict.fromkeys(("language", "toxic", "title", "custom_instruction", "status"), "")
    assert first["conversation_metadata"] == empty | {"redacted": "False", "rate": "thumbup"}
    (second,) = derived("sharelm_v0", row(2, rate=-1))
    assert (second["timestamp"], second["model_name"], second["user_id"]) == ("", "", "")
    assert second["conversation_metadata"]["rate"] == "thumbdown"


USER, BOT, SYSTEM, TOOL = "user", "assistant", "system", "tool"


@pytest.mark.parametrize(
    ("given", "taught"),
    [
        ([(USER, "a"), (BOT, "b")], [(USER, "a"), (BOT, "b")]),
        ([(SYSTEM, "s"), (USER, "a"), (BOT, "b"), (TOOL, "t"), (BOT, "c")], [(SYSTEM, "s"), (USER, "a"), (BOT, "b"), (TOOL, "t"), (BOT, "c")]),
        ([(BOT, "hi"), (USER, "a"), (BOT, "b")], [(USER, "a"), (BOT, "b")]),
        ([(USER, "a"), (USER, "b"), (BOT, "c")], [(USER, "a\n\nb"), (BOT, "c")]),
        ([(USER, "a"), (BOT, "b"), (USER, "c")], [(USER, "a"), (BOT, "b")]),
        ([(USER, "a"), (BOT, " \n"), (BOT, "b")], [(USER, "a"), (BOT, "b")]),
        ([(USER, "a"), (BOT, "b"), (USER, "c"), (BOT, "")], [(USER, "a"), (BOT, "b")]),
        ([(USER, "a")], None),
        ([(BOT, "b")], None),
        ([(SYSTEM, "s"), (BOT, "b")], None),
        ([(USER, " "), (BOT, "b")], None),
    ],
)
def test_sft_has_conversations_that_chat_templates_take(given, taught):
    around = [row(number) for number in (100, 200, 300)]
    found = {made["conversation_id"]: said(made["messages"]) for made in derived("sft", row(1, *given), *around)}
    assert found.get(PREFIX + public_id(1)) == taught
    assert len(found) == 3 + (taught is not None)
    assert "prompt" not in SCHEMAS["sft"].names


@pytest.mark.parametrize(
    ("given", "ratings", "rate", "taught"),
    [
        ([(USER, "a"), (BOT, "b")], [None, 1], None, [([(USER, "a")], "b", True)]),
        ([(USER, "a"), (BOT, "b")], [None, -1], None, [([(USER, "a")], "b", False)]),
        ([(USER, "a"), (BOT, "b")], [], 1, [([(USER, "a")], "b", True)]),
        ([(USER, "a"), (BOT, "b")], [None, -1], 1, [([(USER, "a")], "b", False)]),
        (
            [(USER, "a"), (BOT, "b"), (USER, "c"), (BOT, "d")], [None, 1], -1,
            [([(USER, "a")], "b", True), ([(USER, "a"), (BOT, "b"), (USER, "c")], "d", False)],
        ),
        ([(USER, "a"), (BOT, "b"), (USER, "c")], [], 1, [([(USER, "a")], "b", True)]),
        ([(USER, "a"), (USER, "b"), (BOT, "c")], [None, None, 1], None, [([(USER, "a\n\nb")], "c", True)]),
        ([(BOT, "hi"), (USER, "a"), (BOT, "b")], [1, None, -1], None, [([(USER, "a")], "b", False)]),
        ([(USER, "a"), (BOT, "b"), (BOT, "c")], [None, None, 1], None, []),
        ([(USER, "a"), (BOT, "b")], [1, None], None, []),
        ([(USER, "a"), (BOT, "b")], [], None, []),
        ([(USER, "a")], [], 1, []),
    ],
)  # fmt: skip
def test_kto_has_every_rated_answer_after_what_stood_before_it(given, ratings, rate, taught):
    around = [row(number, ratings=[None, 1]) for number in (100, 200, 300)]
    mine = [made for made in derived("kto", row(1, *given, ratings=ratings, rate=rate), *around) if made["conversation_id"] == PREFIX + public_id(1)]
    assert [(said(made["prompt"]), made["completion"][0]["content"], made["label"]) for made in mine] == taught


def test_kto_keeps_the_order_of_conversations_and_answers():
    mended = [(USER, "a"), (USER, "b"), (BOT, "c"), (USER, "d"), (BOT, "e")]
    regular = [(USER, "a"), (BOT, "b"), (USER, "c"), (BOT, "d")]
    rows = [row(n, *(mended if n % 2 else regular), ratings=[1, 1, 1, 1, 1]) for n in range(20)]
    found = derived("kto", *rows)
    assert len(found) == 40
    places = [(made["conversation_id"], len(made["prompt"])) for made in found]
    assert places == sorted(places)


def test_two_of_a_hundred_are_kept_for_testing_by_their_id_alone():
    ids = [public_id(number) for number in range(5_000)]
    tested = [int(hashlib.sha256(one.encode()).hexdigest(), 16) % 100 < 2 for one in ids]
    assert [split_of(one) == "test" for one in ids] == tested
    assert is_test(pa.array([PREFIX + one for one in ids])).tolist() == tested
    assert 50 < sum(tested) < 150


def test_a_config_or_split_without_rows_is_not_written(tmp_path):
    trained = next(number for number in range(100) if split_of(public_id(number)) == "train")
    with release_writer(tmp_path) as writer:
        for batch in batches([row(trained, (USER, "nobody answered"))]):
            writer.add(batch)
        files = writer.close()
    assert [name for name, _ in files] == ["default/train-00000-of-00001.parquet", "sharelm_v0/train-00000-of-00001.parquet"]
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {name for name, _ in files}


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.parquet"))}


def test_batches_leave_no_mark_in_the_files(tmp_path, monkeypatch):
    from sharelm.release import parquet

    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 300)
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 9_000)
    rows = [row(number, (USER, "x" * (number % 97)), (BOT, "y"), ratings=[None, number % 3 - 1 or None]) for number in range(2_000)]
    found = []
    for size in (1, 333, 5_000):
        with release_writer(tmp_path / str(size), shard_bytes=40_000) as writer:
            for batch in batches(rows, size=size):
                writer.add(batch)
            files = writer.close()
        found.append(digests(tmp_path / str(size)))
    assert found[0] == found[1] == found[2]
    assert len([name for name, _ in files if name.startswith("default/train-")]) > 1
    assert len(rows_in(tmp_path / "1")) == 2_000
    names = [name for name, _ in files if name.startswith("default/test-")]
    assert names == ["default/test-00000-of-00001.parquet"]


def test_files_are_compressed_in_chunks_by_their_content_and_have_an_index(tmp_path):
    import pyarrow.parquet as pq

    with release_writer(tmp_path) as writer:
        for batch in batches([row(number) for number in range(500)]):
            writer.add(batch)
        writer.close()
    metadata = pq.read_metadata(next((tmp_path / "default").glob("train-*")))
    column = metadata.row_group(0).column(0)
    assert (column.compression, column.has_column_index, column.has_offset_index) == ("ZSTD", True, True)


def test_a_row_that_is_larger_than_a_group_is_a_group(tmp_path, monkeypatch):
    from sharelm.release import parquet

    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 1_000)
    with release_writer(tmp_path) as writer:
        for batch in batches([row(number, (USER, "x" * 5_000), (BOT, "y")) for number in range(5)]):
            writer.add(batch)
        writer.close()
    assert len(rows_in(tmp_path)) == 5


def test_the_configs_open_as_researchers_open_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    from sharelm.release.card import CardFacts, write_card
    from sharelm.release.told import Told
    from sharelm.release.write import Written

    with release_writer(tmp_path / "release") as writer:
        for batch in batches([row(number, ratings=[None, 1]) for number in range(300)]):
            writer.add(batch)
        written = Written(files=writer.close())
    write_card(tmp_path / "release", CardFacts("v", "CC-BY-4.0", "", "", "http://127.0.0.1", 24, "1", False), written, Told())
    for config, splits in written.configs.items():
        found = load_dataset(str(tmp_path / "release"), config, cache_dir=str(tmp_path / "cache"))
        assert {split: rows.num_rows for split, rows in found.items()} == splits
        assert found["train"].column_names == SCHEMAS[config].names
    assert set(written.configs) == {"default", "sharelm_v0", "sft", "kto"}
    assert json.dumps(written.configs)
