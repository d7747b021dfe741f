"""croissant.json describes every file and every column of a release, and `mlcroissant` reads the rows by it."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging

import pytest

from sharelm.release.croissant import About, write_croissant
from sharelm.release.layout import PREFIX
from sharelm.release.purge import purge_copy
from sharelm.release.schema import SCHEMAS
from sharelm.release.verify import find_damage
from sharelm.release.write import digests_of, write_manifest
from tests.release.made import public_id, row, write_release


@pytest.fixture
def folder(tmp_path):
    """A release of 300 conversations."""
    made = write_release(tmp_path / "v1", "v1", [row(number, ratings=[None, 1], rate=1) for number in range(300)])
    (made / "README.md").write_text("---\nlicense: mit\n---\n\n# A card\n\nText.\n")
    manifest = json.loads((made / "manifest.json").read_text())
    files = [(entry["path"], entry.get("rows")) for entry in manifest.pop("files")]
    tables = [(path, rows) for path, rows in files if rows is not None]
    write_croissant(made, About("2026.11.0", ("CC-BY-4.0",), "", "http://127.0.0.1:8000"), digests_of(made, tables))
    configs = {path.partition("/")[0]: {"train": 0} for path, _ in tables} | {config: {"train": 0, "test": 0} for config in ("default", "sft", "kto")}
    write_manifest(made, {"version": "v1", "rows": 300, "configs": configs}, [*files, ("croissant.json", None)])
    return made


def described(folder):
    return json.loads((folder / "croissant.json").read_text())


def test_it_names_every_file_with_its_checksum_and_every_column(folder):
    facts = described(folder)
    files = {entry["contentUrl"]: entry["sha256"] for entry in facts["distribution"] if entry["@type"] == "cr:FileObject"}
    assert files == {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.parquet")}
    columns = {entry["name"]: [field["name"].partition("/")[2] for field in entry["field"]] for entry in facts["recordSet"]}
    assert columns == {config: SCHEMAS[config].names for config in ("default", "sharelm_v0", "sft", "kto")}


def test_it_follows_what_is_taken_out_of_a_copy(folder, tmp_path):
    before = described(folder)
    (tmp_path / "gone.jsonl").write_text(json.dumps({"conversation_id": PREFIX + public_id(7)}) + "\n")
    assert purge_copy(folder, tmp_path / "gone.jsonl") == 1
    assert find_damage(folder) == []
    assert described(folder)["name"] == before["name"]
    assert described(folder)["distribution"] != before["distribution"]
    test_it_names_every_file_with_its_checksum_and_every_column(folder)


@pytest.mark.parametrize("licences", [("CC-BY-4.0",), ("Our own words",), ("CC-BY-4.0", "MIT", "CC-BY-4.0 AND CC-BY-NC-4.0")])
def test_mlcroissant_accepts_it_and_reads_the_rows(folder, licences):
    mlcroissant = pytest.importorskip("mlcroissant", reason="requirements-dev.txt is not installed as a whole")
    tables = [(str(path.relative_to(folder)), 0) for path in sorted(folder.rglob("*.parquet"))]
    write_croissant(folder, About("2026.11.0", licences, "", "http://127.0.0.1:8000"), digests_of(folder, tables))
    logging.disable(logging.WARNING)
    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    logging.disable(logging.NOTSET)
    assert dataset.metadata.issues.errors == set()
    records = list(dataset.records("default"))
    assert len(records) == 300
    said = {record["default/conversation_id"].decode(): record["default/conversation"] for record in records}
    first = said[PREFIX + public_id(0)]
    assert [(one["default/conversation/role"], one["default/conversation/content"]) for one in first] == [
        (b"user", b"question 0"),
        (b"assistant", b"answer 0"),
    ]
    assert next(itertools.islice(dataset.records("kto"), 1))["kto/label"] is True
