"""Deltas between neighbours: the older release and the delta are the newer release, byte for byte; the numbers of a difference; purged copies."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.errors import ReleaseRefused
from sharelm.release.delta import DeltaWriter, Neighbours, apply_delta
from sharelm.release.diff import compare_releases
from sharelm.release.history import follow
from sharelm.release.layout import PREFIX, sha256_of
from sharelm.release.purge import purge_copy
from sharelm.release.verify import find_damage
from sharelm.release.write import parts_pool
from tests.release.made import batches, public_id, row, write_release
from tests.released import rows_in

CODE = "0.1.0"


def write_delta(old: Path, new: Path, rows: list[dict]) -> Path:
    """As a build writes it, from the rows of the newer release."""
    folder = new.parent / f"{old.name}..{new.name}"
    with parts_pool() as pool:
        writer = DeltaWriter(folder, pool)
        for step in follow(iter(batches([one | {"release": new.name} for one in rows])), old):
            writer.add(step)
        writer.close(new, Neighbours(old.name, new.name, sha256_of(old / "manifest.json")), code_version=CODE)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def pair(tmp_path):
    """Two releases: 1 is the same, 2 has grown, 3 is rated, 4 is gone, 5 is new."""
    older = [row(number) for number in (1, 2, 3, 4)]
    newer = [row(1), row(2, ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")), row(3, ratings=[None, 1]), row(5)]
    old = write_release(tmp_path / "v1", "v1", older)
    new = write_release(tmp_path / "v2", "v2", newer, before=old)
    return old, new, write_delta(old, new, newer)


def test_the_older_release_and_the_delta_are_the_newer_one(pair, tmp_path):
    old, new, delta = pair
    facts = apply_delta(old, delta, tmp_path / "out", code_version=CODE)
    assert contents(tmp_path / "out") == contents(new)
    assert (facts["added"], facts["changed"], facts["removed"]) == (1, 2, 1)
    assert find_damage(tmp_path / "out") == find_damage(delta) == []


def test_release_names_where_a_row_first_had_its_form(pair):
    _, new, _ = pair
    found = {one["conversation_id"]: one["release"] for one in rows_in(new)}
    assert found == {PREFIX + public_id(number): version for number, version in ((1, "v1"), (2, "v2"), (3, "v2"), (5, "v2"))}


def test_a_delta_holds_what_changed_and_nothing_else(pair):
    _, _, delta = pair
    numbers = {kind: {one["conversation_id"] for one in rows_in(delta, split=kind)} for kind in ("added", "changed", "removed")}
    expected = {"added": {5}, "changed": {2, 3}, "removed": {4}}
    assert numbers == {kind: {PREFIX + public_id(number) for number in those} for kind, those in expected.items()}
    manifest = json.loads((delta / "manifest.json").read_text())
    assert manifest["writer"].keys() == {"sharelm", "pyarrow"}


FORMS = st.dictionaries(st.integers(0, 400), st.integers(0, 3), max_size=60)


@settings(max_examples=25, deadline=None)
@given(older=FORMS, newer=FORMS, size=st.integers(1, 50))
def test_any_two_releases_and_their_delta_fit_byte_for_byte(older, newer, size):
    def rows(forms):
        return [row(number, ratings=[None, form % 2 or None], user_id=str(form // 2) * 32) for number, form in forms.items()]

    folder = Path(tempfile.mkdtemp())
    try:
        old = write_release(folder / "v1", "v1", rows(older))
        new = write_release(folder / "v2", "v2", rows(newer), before=old, size=size)
        delta = write_delta(old, new, rows(newer))
        apply_delta(old, delta, folder / "out", code_version=CODE)
        assert contents(folder / "out") == contents(new)
        changed = sum(older[number] != newer[number] for number in older.keys() & newer.keys())
        found = compare_releases(old, new)
        assert (found.added, found.changed, found.removed) == (len(newer.keys() - older), changed, len(older.keys() - newer))
    finally:
        shutil.rmtree(folder)


def test_a_delta_of_another_release_or_a_damaged_one_is_refused(pair, tmp_path):
    old, new, delta = pair
    with pytest.raises(ReleaseRefused, match="OLD_DIR"):
        apply_delta(new, delta, tmp_path / "out", code_version=CODE)
    with pytest.raises(ReleaseRefused, match="no delta"):
        apply_delta(old, new, tmp_path / "out", code_version=CODE)
    (delta / "release/README.md").write_text("changed")
    with pytest.raises(ReleaseRefused, match="checksum"):
        apply_delta(old, delta, tmp_path / "out", code_version=CODE)
    assert not (tmp_path / "out").exists()


def test_other_peoples_folders_are_left_alone(pair, tmp_path):
    old, _, delta = pair
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").write_text("years of work")
    with pytest.raises(ReleaseRefused):
        apply_delta(old, delta, tmp_path / "out", code_version=CODE)
    assert contents(tmp_path / "out") == {"thesis.tex": b"years of work"}


def altered(folder: Path, **facts: Any) -> Path:
    """Its manifest with other facts; None takes one away."""
    manifest = json.loads((folder / "manifest.json").read_text()) | facts
    (folder / "manifest.json").write_text(json.dumps({name: value for name, value in manifest.items() if value is not None}))
    return folder


@pytest.mark.parametrize("facts", [{"to": None}, {"from": None}, {"writer": ["x"]}, {"reused": ["x"]}, {"reused": {"README.md": 3}}])
def test_a_delta_with_a_manifest_of_another_form_is_refused(pair, tmp_path, facts):
    old, _, delta = pair
    with pytest.raises(ReleaseRefused, match="no delta"):
        apply_delta(old, altered(delta, **facts), tmp_path / "out", code_version=CODE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["elsewhere/secret", "secret", "old/../../secret"])
def test_what_lies_elsewhere_is_not_reused(pair, tmp_path, place):
    old, new, delta = pair
    (tmp_path / "secret").write_text("x")
    apply_delta(old, altered(delta, reused={"all/train-00000-of-00001.parquet": place}), tmp_path / "out", code_version=CODE)
    assert contents(tmp_path / "out") == contents(new)


@pytest.mark.parametrize("target", ["somewhere", "nowhere"])
def test_links_in_a_delta_are_not_followed(pair, tmp_path, target):
    old, _, delta = pair
    (tmp_path / "somewhere").mkdir()
    (delta / "release/more").symlink_to(tmp_path / target)
    with pytest.raises(ReleaseRefused, match="release/more is not in the manifest"):
        apply_delta(old, delta, tmp_path / "out", code_version=CODE)
    assert not (tmp_path / "out").exists()


def test_a_delta_without_what_it_should_carry_leaves_nothing_behind(pair, tmp_path):
    old, _, delta = pair
    shutil.rmtree(delta / "release")
    files = [entry for entry in json.loads((delta / "manifest.json").read_text())["files"] if not entry["path"].startswith("release/")]
    with pytest.raises(ReleaseRefused, match="not the newer release"):
        apply_delta(old, altered(delta, files=files), tmp_path / "out", code_version=CODE)
    assert not (tmp_path / "out").exists()


def test_the_newer_release_is_not_made_within_the_older_one(pair):
    old, _, delta = pair
    before = contents(old)
    for out in (old / "out", delta / "out"):
        with pytest.raises(ReleaseRefused, match="beside them"):
            apply_delta(old, delta, out, code_version=CODE)
    assert contents(old) == before


def test_what_is_no_parquet_is_found_whatever_the_manifest_says(pair):
    old, _, _ = pair
    path = next((old / "default").glob("*.parquet"))
    path.write_bytes(b"PAR1 and nothing else")
    entry = {"path": f"default/{path.name}", "rows": 4, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
    altered(old, files=[entry, {"path": "x" * 5_000, "bytes": 1, "sha256": ""}])
    found = find_damage(old)
    assert f"{entry['path']} cannot be read." in found
    (old / "manifest.json").write_text("[" * 100_000)
    assert find_damage(old) == ["manifest.json is missing or cannot be read."]


def test_the_difference_of_two_releases_in_numbers(pair):
    old, new, _ = pair
    found = compare_releases(old, new)
    assert (found.added, found.changed, found.removed) == (1, 2, 1)
    assert (found.rows_before, found.rows_after, found.messages_before, found.messages_after) == (4, 4, 8, 10)
    assert found.columns == {"conversation": 1, "turns": 2}


def test_damaged_releases_are_not_compared(pair):
    old, new, _ = pair
    next((new / "default").glob("*.parquet")).write_text("no table")
    with pytest.raises(ReleaseRefused, match="damaged"):
        compare_releases(old, new)


def test_a_row_of_another_schema_has_changed(tmp_path):
    import pyarrow.parquet as pq

    old = write_release(tmp_path / "v1", "v1", [row(1), row(2)])
    for path in (old / "default").glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["near_dup_group"]), path)
    steps = list(follow(iter(batches([row(1), row(3)])), old))
    assert sum(step.is_changed.sum() for step in steps) == sum(step.is_added.sum() for step in steps) == sum(len(step.removed) for step in steps) == 1


def lines(folder: Path, *numbers: int) -> Path:
    path = folder / "tombstones.jsonl"
    path.write_text("".join(json.dumps({"conversation_id": PREFIX + public_id(number), "reason": "withdrawn"}) + "\n" for number in numbers))
    return path


def with_facts(release: Path) -> Path:
    """What only whole releases have: configs in the manifest and in the card."""
    from sharelm.release.card import configs_of
    from sharelm.release.write import Written, write_manifest

    manifest = json.loads((release / "manifest.json").read_text())
    files = [(entry["path"], entry["rows"]) for entry in manifest["files"] if "rows" in entry]
    configs = Written(files=files).configs
    (release / "README.md").write_text(f"---\nlicense: mit\nconfigs: {json.dumps(configs_of(configs))}\n---\n\n# A card\n\nText.\n")
    write_manifest(release, {"version": release.name, "rows": len(files), "configs": configs}, [("README.md", None), *files])
    return release


def test_a_copy_is_purged_of_what_was_withdrawn(tmp_path):
    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number, ratings=[None, 1]) for number in range(200)]))
    assert purge_copy(copy, lines(tmp_path, 3, 4, 5, 999)) == 3
    for config in ("default", "sharelm_v0", "sft", "kto"):
        ids = {one["conversation_id"] for one in rows_in(copy, config)}
        assert ids == {PREFIX + public_id(number) for number in range(200) if number not in {3, 4, 5}}
    assert find_damage(copy) == []
    assert "3 conversations withdrawn since" in (copy / "README.md").read_text()
    before = contents(copy)
    assert purge_copy(copy, lines(tmp_path, 3, 4, 5, 999)) == 0
    assert contents(copy) == before
    assert purge_copy(copy, lines(tmp_path, 3, 6)) == 1
    assert (copy / "README.md").read_text().count("> Taken out of this copy: 4 conversations") == 1


def test_a_purged_copy_names_no_config_without_rows(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number, ratings=[None, 1] if number == 7 else []) for number in range(20)]))
    assert rows_in(copy, "kto")
    assert purge_copy(copy, lines(tmp_path, 7)) == 1
    assert "kto" not in (copy / "README.md").read_text()
    assert not list(copy.glob("kto/*"))
    assert load_dataset(str(copy), "default", cache_dir=str(tmp_path / "cache"))["train"].num_rows > 0


def test_tombstones_may_be_parquet_and_must_be_readable(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number) for number in range(20)]))
    pq.write_table(pa.table({"conversation_id": [PREFIX + public_id(7)]}), tmp_path / "gone.parquet")
    assert purge_copy(copy, tmp_path / "gone.parquet") == 1
    (tmp_path / "gone.jsonl").write_text("{}")
    with pytest.raises(ReleaseRefused, match="tombstones"):
        purge_copy(copy, tmp_path / "gone.jsonl")
    with pytest.raises(ReleaseRefused, match="no release"):
        purge_copy(tmp_path, tmp_path / "gone.parquet")


def test_tombstones_may_come_from_other_programs(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number) for number in range(20)]))
    for number, kind in enumerate((pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string())):
        pq.write_table(pa.table({"conversation_id": pa.array([PREFIX + public_id(number)]).cast(kind)}), tmp_path / "gone.parquet")
        assert purge_copy(copy, tmp_path / "gone.parquet") == 1
    pq.write_table(pa.table({"conversation_id": [4]}), tmp_path / "gone.parquet")
    (tmp_path / "deep.jsonl").write_text("[" * 100_000)
    for name in ("gone.parquet", "deep.jsonl"):
        with pytest.raises(ReleaseRefused, match="tombstones"):
            purge_copy(copy, tmp_path / name)


@pytest.mark.parametrize("config", ["../v0", "..", "/tmp", ""])
def test_a_purge_changes_nothing_outside_the_copy(tmp_path, config):
    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number) for number in range(20)]))
    shutil.copytree(copy / "default", tmp_path / "v0")
    before = contents(tmp_path / "v0")
    altered(copy, configs={"default": {"train": 20}, config: {"train": 20}})
    with pytest.raises(ReleaseRefused, match="no release"):
        purge_copy(copy, lines(tmp_path, 3))
    altered(copy, configs={"default": {"train": 20}}, files=[{"path": "../v0/train-00000-of-00001.parquet"}])
    with pytest.raises(ReleaseRefused, match="no release"):
        purge_copy(copy, lines(tmp_path, 3))
    assert contents(tmp_path / "v0") == before


def test_a_purge_writes_through_no_link_to_another_folder(tmp_path):
    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number) for number in range(20)]))
    (copy / "default").rename(tmp_path / "elsewhere")
    (copy / "default").symlink_to(tmp_path / "elsewhere")
    before = contents(tmp_path / "elsewhere")
    with pytest.raises(ReleaseRefused, match="a link to another folder"):
        purge_copy(copy, lines(tmp_path, 3))
    assert contents(tmp_path / "elsewhere") == before


def test_a_damaged_copy_is_said_to_be_one(tmp_path):
    copy = with_facts(write_release(tmp_path / "v1", "v1", [row(number) for number in range(20)]))
    (copy / "default/train-00007-of-00008.parquet").write_text("no table")
    with pytest.raises(ReleaseRefused, match="damaged"):
        purge_copy(copy, lines(tmp_path, 3))
    (copy / "default/train-00007-of-00008.parquet").unlink()
    (copy / "README.md").unlink()
    with pytest.raises(ReleaseRefused, match="damaged"):
        purge_copy(copy, lines(tmp_path, 3))


@pytest.mark.parametrize("is_fetched", [True, False])
def test_a_manifest_that_names_what_lies_elsewhere_is_not_believed(pair, tmp_path, is_fetched):
    old, _, _ = pair
    (tmp_path / "elsewhere").write_text("x")
    named = {"path": "../elsewhere", "bytes": 1, "sha256": sha256_of(tmp_path / "elsewhere")}
    altered(old, files=[*json.loads((old / "manifest.json").read_text())["files"], named])
    assert "../elsewhere is missing." in find_damage(old, is_fetched=is_fetched)


@pytest.mark.parametrize("name", [".cache", ".cache/huggingface/more"])
def test_a_link_is_no_note_of_the_hubs_client(pair, tmp_path, name):
    old, _, _ = pair
    (old / name).parent.mkdir(parents=True, exist_ok=True)
    (old / name).symlink_to(tmp_path)
    assert find_damage(old, is_fetched=True) == [f"{name} is not in the manifest."]


def test_a_purge_says_what_is_wrong_where_the_manifest_names_a_folder(pair, tmp_path):
    old, _, _ = pair
    altered(old, configs={"default": {"train": 4}}, files=[{"path": "default", "bytes": 1, "sha256": "x"}])
    (tmp_path / "gone.jsonl").write_text(json.dumps({"conversation_id": PREFIX + public_id(1)}) + "\n")
    with pytest.raises(ReleaseRefused, match="copy is damaged"):
        purge_copy(old, tmp_path / "gone.jsonl")
