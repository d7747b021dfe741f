"""The gate: every fault that a release must never have is put into the written files, and each is found."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from sharelm.errors import ReleaseRefused
from sharelm.jobs import clock, find_watched, workshop
from sharelm.keys import user_digest
from sharelm.release.build import build_release, draft_release
from sharelm.release.gate import find_obstacles
from sharelm.release.layout import PREFIX
from sharelm.release.schema import SCHEMAS
from sharelm.release.suspect import SUSPECT
from sharelm.release.write import release_writer, write_manifest
from sharelm.store.arrow import stream_facts
from sharelm.store.contributor import consent, contributor
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from sharelm.vocabulary import WATCHED, Stage
from tests.released import rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
Change = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def draft(app, upload, run_job, alice, bob, tmp_path) -> Path:
    """A release of three conversations that the gate has let through."""
    upload(alice, "c-1", conversation_metadata={"rate": "thumbup"})
    upload(alice, "c-2", user=["Where do herons nest?"])
    upload(bob, "c-3", user=["Wie backe ich Brot?"])
    run_job("anonymise")
    draft_release(workshop(app.server), None, tmp_path / "draft", now=clock() + timedelta(seconds=1))
    return tmp_path / "draft"


@pytest.fixture
def with_fault(draft: Path) -> Callable[[Change], Path]:
    """The same with the rows of `default` changed; all else as if they had been built so: checksums, schema and the other configs."""

    def rewrite(change: Change) -> Path:
        rows = rows_in(draft)
        change(rows)
        manifest = json.loads((draft / "manifest.json").read_text())
        for config in SCHEMAS:
            for path in (draft / config).glob("*.parquet"):
                path.unlink()
        with release_writer(draft) as writer:
            for one in rows:
                writer.add(pa.RecordBatch.from_pylist([one], schema=SCHEMAS["default"]))
            files = writer.close()
        others = [(entry["path"], None) for entry in manifest.pop("files") if "rows" not in entry]
        write_manifest(draft, manifest, [*others, *files])
        return draft

    return rewrite


def listed(folder: Path, name: str, *, rows: int | None = None) -> None:
    """One file more in the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    files = [(entry["path"], entry.get("rows")) for entry in manifest.pop("files")]
    write_manifest(folder, manifest, [*files, (name, rows)])


@pytest.fixture
def faults(app) -> Callable[[Path], str]:
    return lambda folder: " ".join(find_obstacles(folder, workshop(app.server).lookout))


def say(text: str) -> Change:
    return lambda rows: rows[0]["conversation"][0].update(content=text)


def test_a_sound_release_passes(draft, faults):
    assert faults(draft) == ""


PERSONAL = {
    "EMAIL_ADDRESS": "write to anna@example.org",
    "IP_ADDRESS": "my host is 84.17.52.9",
    "MAC_ADDRESS": "the card 00:1A:2B:3C:4D:5E",
    "CREDIT_CARD": "pay with 4111 1111 1111 1111",
    "IBAN_CODE": "to DE89370400440532013000",
    "US_SSN": "my number is 536-90-4399",
    "SECRET": "use AKIA" + "QWERTYUIOPASDFGH",
}


@pytest.mark.parametrize("entity_type", PERSONAL)
def test_it_finds_personal_data_in_the_written_text(with_fault, faults, entity_type):
    found = faults(with_fault(say(PERSONAL[entity_type])))
    assert f"conversation with {entity_type}" in found
    assert PERSONAL[entity_type].split()[-1] not in found, "a finding quotes nobody"


def test_it_watches_everything_that_must_not_be_there():
    assert set(PERSONAL) == set(WATCHED)


def test_code_is_judged_as_the_anonymiser_judges_it(with_fault, faults):
    assert faults(with_fault(say("```\nping 84.17.52.9\n```"))) == ""
    assert "EMAIL_ADDRESS" in faults(with_fault(say("```\nmail anna@example.org\n```")))


@pytest.mark.parametrize("place", ["model_name", "extra_json", "title", "turn"])
def test_it_reads_whatever_is_there_in_words(with_fault, faults, place):
    def write_it(rows):
        one = rows[0]
        target = {"model_name": one, "turn": one["turns"][0]}.get(place, one["conversation_metadata"])
        target["model" if place == "turn" else place] = "of anna@example.org"

    assert "conversation with EMAIL_ADDRESS" in faults(with_fault(write_it))


def test_it_finds_a_user_id(with_fault, faults, alice):
    assert "user ID, or its digest" in faults(with_fault(say(f"my data are at {alice}.")))


def test_it_finds_the_digest_of_a_user_id(app, with_fault, faults, alice):
    digest = user_digest(app.server.keys, alice).hex()
    assert "user ID, or its digest" in faults(with_fault(say(digest)))
    assert "user ID, or its digest" in faults(with_fault(say(f"{digest.upper()} is mine")))


@pytest.mark.parametrize("shown", ["a number", "somebody else's", "a user ID"])
def test_it_finds_a_wrong_pseudonym(with_fault, faults, alice, shown):
    def name(rows):
        others = next(one["user_id"] for one in rows if one["user_id"] != rows[0]["user_id"])
        rows[0]["user_id"] = {"a number": "1", "somebody else's": others, "a user ID": alice}[shown]

    assert "user_id that is not the pseudonym" in faults(with_fault(name))


def test_it_finds_a_pseudonym_of_who_is_not_grouped(app, draft, faults):
    with write(app.server.engine) as connection:
        connection.execute(update(contributor).values(is_ungrouped=True))
    assert "user_id that is not the pseudonym, or that stands where none may" in faults(draft)


def test_it_finds_what_was_withdrawn(client, draft, faults, alice):
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert "1 × withdrawn conversation" in faults(draft)


def test_it_finds_what_was_rejected(app, draft, faults):
    public_id = rows_in(draft)[0]["conversation_id"].removeprefix(PREFIX)
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.public_id == public_id).values(stage=Stage.REJECTED))
    assert faults(draft).startswith("1 × rejected conversation")


def test_it_finds_what_has_a_tombstone(draft, faults, with_fault):
    folder = with_fault(lambda _: None)
    gone = {"conversation_id": rows_in(folder)[0]["conversation_id"], "first_release": "v", "last_release": "v", "date": "2026-11-01", "reason": "w"}
    (folder / "tombstones").mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist([gone], schema=SCHEMAS["tombstones"]), folder / "tombstones/train-00000-of-00001.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    files = [(entry["path"], entry.get("rows")) for entry in manifest.pop("files")]
    write_manifest(folder, manifest, [*files, ("tombstones/train-00000-of-00001.parquet", 1)])
    assert "it has a tombstone" in faults(folder)


def test_it_finds_a_missing_consent(app, draft, faults):
    with write(app.server.engine) as connection:
        connection.execute(consent.delete())
    assert "3 × conversation without a recorded consent" in faults(draft)


def test_it_finds_a_consent_to_other_terms(app, draft, faults):
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.client_id == "c-1").values(consent_version="other terms"))
    assert "1 × conversation without a recorded consent" in faults(draft)


@pytest.mark.parametrize("source", ["lmsys", "https://huggingface.co/datasets/lmsys/lmsys-chat-1m", None])
def test_it_finds_a_source_that_may_not_be_published(with_fault, faults, source):
    assert "source that may not be published" in faults(with_fault(lambda rows: rows[0].update(source=source)))


def test_it_finds_a_cell_with_few_people(with_fault, faults):
    def tell(rows):
        for one in rows:
            one["user_metadata"] = {"location": "IT", "age": "25-34", "gender": "female"}

    assert "cell of age, place and gender with fewer than 10 people" in faults(with_fault(tell))


def test_it_finds_what_people_put_in_their_own_words(with_fault, faults):
    place = {"location": "Rome, near the station", "age": None, "gender": None}
    assert "words that are never published" in faults(with_fault(lambda rows: rows[0].update(user_metadata=place)))


FAULTS: dict[str, tuple[Change, str]] = {
    "twice": (lambda rows: rows.insert(1, rows[0]), "id that stands twice"),
    "order": (lambda rows: rows.reverse(), "out of order"),
    "foreign": (lambda rows: rows[-1].update(conversation_id="wildchat:1"), "id that is not ours"),
    "unknown": (lambda rows: rows[0].update(conversation_id=PREFIX + "0" * 32), "does not know"),
    "empty": (lambda rows: rows[0].update(conversation=[], turns=[]), "without a message"),
    "licence": (lambda rows: rows[0].update(license=None), "without a licence"),
    "release": (lambda rows: rows[0].update(release=None), "without a release"),
    "role": (lambda rows: rows[0]["conversation"][0].update(role="anna@example.org"), "role of another form"),
    "message id": (lambda rows: rows[0]["turns"][0].update(message_id="anna@example.org"), "message_id of another form"),
    "parent id": (lambda rows: rows[0]["turns"][1].update(parent_id="anna@example.org"), "parent_id of another form"),
    "hash": (lambda rows: rows[0].update(content_hash="anna@example.org"), "content_hash of another form"),
    "page": (lambda rows: rows[0]["conversation_metadata"].update(extra_json='{"page_url": "https://x.example/c/1"}'), "extra_json of another form"),
    "path": (lambda rows: rows[0]["conversation_metadata"].update(extra_json='{"host": "x.example/c/1"}'), "extra_json of another form"),
    "words in release": (lambda rows: rows[0].update(release="v1 anna@example.org"), "release of another form"),
    "time": (lambda rows: rows[0].update(timestamp=rows[0]["timestamp"] + timedelta(hours=3)), "time of day"),
    "time of a turn": (lambda rows: rows[0]["turns"][1].update(timestamp=rows[0]["timestamp"] + timedelta(minutes=1)), "time of day"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_finds_faulty_rows(with_fault, faults, name):
    change, sentence = FAULTS[name]
    assert sentence in faults(with_fault(change))


def rewritten(folder: Path, config: str, change: Callable[[pa.Table], pa.Table]) -> Path:
    """One file of another config changed, the manifest following it."""
    path = next((folder / config).glob("*.parquet"))
    table = change(pq.read_table(path))
    pq.write_table(table, path)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = [(entry["path"], pq.read_metadata(folder / entry["path"]).num_rows if "rows" in entry else None) for entry in manifest.pop("files")]
    write_manifest(folder, manifest, files)
    return folder


@pytest.mark.parametrize("config", ["sft", "kto", "sharelm_v0"])
def test_it_finds_a_config_that_says_something_else(draft, faults, config):
    def change(table):
        rows = table.to_pylist()
        rows[0]["conversation_id"] = PREFIX + "0" * 32
        return pa.Table.from_pylist(rows, schema=table.schema)

    assert f"part of {config} that does not say what default says" in faults(rewritten(draft, config, change))


def test_it_finds_rows_too_many_in_another_config(draft, faults):
    assert "row of sft that is not in default" in faults(rewritten(draft, "sft", lambda table: pa.concat_tables([table, table])))


def test_it_finds_a_row_in_the_wrong_split(draft, faults):
    path = next((draft / "default").glob("*.parquet"))
    other = "test" if path.name.startswith("train") else "train"
    path.rename(path.with_name(f"{other}-00007-of-00008.parquet"))
    manifest = json.loads((draft / "manifest.json").read_text())
    names = {f"default/{path.name}": f"default/{other}-00007-of-00008.parquet"}
    write_manifest(draft, {}, [(names.get(entry["path"], entry["path"]), entry.get("rows")) for entry in manifest["files"]])
    assert "row in the wrong split" in faults(draft)


@pytest.mark.parametrize(
    "name",
    [
        "default/train.parquet",
        "default/more-00000-of-00001.parquet",
        "default/x/train-00000-of-00001.parquet",
        "sharelm_v0/test-00000-of-00001.parquet",
    ],
)
def test_it_finds_tables_that_it_would_not_read(draft, faults, name):
    (draft / name).parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist([], schema=SCHEMAS[name.partition("/")[0]]), draft / name)
    listed(draft, name, rows=0)
    assert faults(draft) == f"1 × file that no release has: {name}."


@pytest.mark.parametrize("name", ["default/rows.csv", "notes.txt", "charts/people.html"])
def test_it_finds_files_that_are_none_of_a_release(draft, faults, name):
    (draft / name).write_text("anna@example.org")
    listed(draft, name)
    assert faults(draft) == f"1 × file that no release has: {name}."


def test_it_lets_nothing_through_that_has_no_conversation(draft, faults):
    shutil.rmtree(draft / "default")
    manifest = json.loads((draft / "manifest.json").read_text())
    write_manifest(draft, {}, [(entry["path"], entry.get("rows")) for entry in manifest["files"] if not entry["path"].startswith("default/")])
    assert "release without a conversation" in faults(draft)


def test_it_reads_tombstones(draft, faults):
    mark = dict.fromkeys(SCHEMAS["tombstones"].names, "v1") | {"conversation_id": PREFIX + "0" * 32, "reason": "asked by anna@example.org"}
    (draft / "tombstones").mkdir()
    pq.write_table(pa.Table.from_pylist([mark], schema=SCHEMAS["tombstones"]), draft / "tombstones/train-00000-of-00001.parquet")
    listed(draft, "tombstones/train-00000-of-00001.parquet", rows=1)
    assert "tombstone with EMAIL_ADDRESS" in faults(draft)


def test_it_finds_damage(draft, faults):
    (draft / "README.md").write_text("changed")
    assert "README.md was changed" in faults(draft)


def test_what_the_gate_finds_stays_in(app, draft, client, alice):
    with write(app.server.engine) as connection:
        connection.execute(consent.delete())
    with pytest.raises(ReleaseRefused, match="without a recorded consent"):
        build_release(workshop(app.server), "v1", now=clock() + timedelta(seconds=1))
    assert list(app.server.releases_folder.iterdir()) == []
    assert client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json["stage"] == "approved"


def hits() -> list[str]:
    """Every text in which the detectors' own tests find something of the watched kinds."""
    found = []
    for name in ("secret", "email_address", "iban_code", "credit_card", "us_ssn", "mac_address", "ip_address"):
        module = importlib.import_module(f"tests.anonymise.detectors.test_{name}")
        tables = [value for value in vars(module).values() if isinstance(value, (list, tuple, dict))]
        found += [text for table in tables for text in texts_in(table)]
    return [text for text in found if find_watched(text)]


def texts_in(table: Any) -> list[str]:
    if isinstance(table, str):
        return [table]
    return (
        [text for one in (table.items() if isinstance(table, dict) else table) for text in texts_in(one)]
        if isinstance(table, (list, tuple, dict))
        else []
    )


def test_it_looks_closer_wherever_there_is_anything_to_find():
    import pyarrow.compute as pc

    texts = pa.array(hits())
    assert len(texts) > 20
    is_suspect = pc.match_substring_regex(texts, SUSPECT).to_pylist()
    assert [text for text, looked_at in zip(texts.to_pylist(), is_suspect, strict=True) if not looked_at] == []


def test_what_it_knows_of_conversations_comes_in_the_order_of_their_ids(app, upload, run_job, alice, bob):
    for number in range(5):
        upload(alice if number % 2 else bob, f"c-{number}")
    run_job("anonymise")
    with write(app.server.engine) as connection:
        ids = sorted(connection.execute(select(conversation.c.public_id)).scalars())
        connection.execute(update(conversation).where(conversation.c.public_id == ids[1]).values(stage=Stage.REJECTED))
        connection.execute(update(conversation).where(conversation.c.public_id == ids[2]).values(withdrawn_at=clock()))
        connection.execute(update(conversation).where(conversation.c.public_id == ids[3]).values(consent_version="never given"))
    rows = [row for batch in stream_facts(app.server.engine) for row in batch.to_pylist()]
    assert [row["public_id"] for row in rows] == ids
    assert [[row[name] for row in rows].index(True) for name in ("is_rejected", "is_withdrawn")] == [1, 2]
    assert [row["has_consent"] for row in rows] == [True, True, True, False, True]
    assert [row["is_ungrouped"] for row in rows] == [False] * 5
    assert len({row["contributor_id"] for row in rows}) == 2
