"""`release build`: plan, files, card, manifest, gate; the same database gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from sharelm.errors import NothingToRelease, ReleaseRefused
from sharelm.jobs import workshop
from sharelm.release.build import build_release, draft_release
from sharelm.release.plan import Remainder, next_version, plan_release
from sharelm.release.rows import RELEASE
from sharelm.release.verify import find_damage
from sharelm.store import release as releases
from sharelm.store.engine import read, write
from sharelm.vocabulary import Stage
from tests.released import rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
SOON = timedelta(seconds=1)


def now():
    return datetime.now(UTC) + SOON


@pytest.fixture
def filled(upload, run_job, alice, bob):
    upload(alice, user=["I am anna@example.org", 'ünï ﷽ \u2028 "quoted" \\ 🙂'], bot=["Hello", "Yes"], conversation_metadata={"rate": "thumbup"})
    upload(alice, conversation_id="c-2", page_url="https://chatgpt.com/c/1")
    upload(bob, conversation_id="c-3", page_url="https://huggingface.co/chat/models/meta-llama/Llama-2-70b-chat-hf")
    run_job("anonymise")


def digests(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_database_gives_the_same_bytes(app, filled, tmp_path):
    for name in ("a", "b"):
        draft_release(workshop(app.server), None, tmp_path / name, now=now())
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    draft_release(workshop(app.server), None, tmp_path / "a", now=now())
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert {name.partition("/")[0] for name in digests(tmp_path / "a")} == {
        "README.md",
        "CITATION.cff",
        "charts",
        "croissant.json",
        "manifest.json",
        "default",
        "sharelm_v0",
        "sft",
        "kto",
    }


def test_a_draft_registers_nothing(app, client, filled, tmp_path, alice):
    draft_release(workshop(app.server), "2026.1.0", tmp_path / "out", now=now())
    with read(app.server.engine) as connection:
        assert releases.select_releases(connection) == []
    assert client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json["stage"] == "approved"


def test_it_leaves_other_peoples_folders_alone(app, filled, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ReleaseRefused):
        draft_release(workshop(app.server), None, tmp_path, now=now())
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_load_dataset_opens_it_with_the_documented_columns(app, filled, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from datasets import load_dataset

    draft_release(workshop(app.server), None, tmp_path / "out", now=now())
    rows = load_dataset("parquet", data_files=str(tmp_path / "out/default/*.parquet"), split="train", cache_dir=str(tmp_path / "cache"))
    assert rows.column_names == RELEASE.names
    assert rows.num_rows == 3
    first = next(row for row in rows if len(row["conversation"]) == 4)
    assert first["conversation"][2] == {"role": "user", "content": 'ünï ﷽ \u2028 "quoted" \\ 🙂'}
    assert [turn["message_id"] for turn in first["turns"]] == ["1", "2", "3", "4"]
    assert [turn["parent_id"] for turn in first["turns"]] == [None, "1", "2", "3"]
    assert (first["conversation_metadata"]["rate"], first["turns"][0]["redactions"]) == (1, 1)
    assert json.loads(first["conversation_metadata"]["extra_json"]) == {"host": "huggingface.co", "platform": "gradio"}
    assert first["user_metadata"] == {"location": None, "age": None, "gender": None}
    assert sorted(rows["license"]) == ["CC-BY-4.0", "CC-BY-4.0", "LicenseRef-Llama-2-Community"]
    card = load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert sum(card.num_rows.values()) == 3


def test_rows_are_sorted_by_id_and_the_clients_ids_are_not_there(app, filled, tmp_path):
    draft_release(workshop(app.server), None, tmp_path / "out", now=now())
    for path in (tmp_path / "out/default").glob("*.parquet"):
        ids = pq.read_table(path)["conversation_id"].to_pylist()
        assert ids == sorted(ids)
        assert all(one.startswith("sharelm:") and len(one) == 40 for one in ids)
    found = str(rows_in(tmp_path / "out"))
    assert not [client_id for client_id in ("c-1", "c-2", "c-3") if f"'{client_id}'" in found]


def test_the_manifest_lists_what_is_there(app, filled, upload, bob, tmp_path):
    upload(bob, conversation_id="late")
    draft_release(workshop(app.server), "v1", tmp_path / "out", now=now())
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert (manifest["version"], manifest["rows"], manifest["contributors"]) == ("v1", 3, 2)
    assert manifest["left_out"] == {"not yet anonymised": 1}
    assert manifest["writer"].keys() == {"sharelm", "pyarrow"}
    assert sum(manifest["configs"]["default"].values()) == sum(manifest["configs"]["sharelm_v0"].values()) == 3
    assert {file["path"]: file["sha256"] for file in manifest["files"]}.items() <= digests(tmp_path / "out").items()
    assert find_damage(tmp_path / "out") == []


def test_verify_names_every_damage(app, filled, tmp_path):
    out = tmp_path / "out"
    draft_release(workshop(app.server), None, out, now=now())
    (out / "README.md").write_text("changed")
    (out / "extra").write_text("x")
    gone = next((out / "default").glob("*.parquet"))
    gone.unlink()
    damage = " ".join(find_damage(out))
    assert all(word in damage for word in ("README.md", "extra", gone.name))
    assert find_damage(tmp_path / "nothing")


def test_a_final_version_is_never_built_again(app, filled):
    build_release(workshop(app.server), "v1", now=now())
    with pytest.raises(ReleaseRefused):
        build_release(workshop(app.server), "v1", now=now())


def test_without_a_row_there_is_no_release(app, upload, alice, tmp_path):
    upload(alice)
    with pytest.raises(NothingToRelease):
        build_release(workshop(app.server), None, now=now())
    with pytest.raises(NothingToRelease):
        draft_release(workshop(app.server), None, tmp_path / "out", now=now())
    assert not list(app.server.releases_folder.glob("*"))


def test_a_build_that_dies_leaves_nothing_behind_for_the_next(app, client, filled, monkeypatch, alice):
    def die(*_, **__):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("sharelm.release.build.write_card", die)
        with pytest.raises(OSError, match="disk full"):
            build_release(workshop(app.server), "v1", now=now())
    assert client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json["stage"] == "approved"
    assert build_release(workshop(app.server), "v1", now=now()).row_count == 3


def test_pins_of_a_killed_build_are_taken_back(app, client, filled, alice):
    with write(app.server.engine) as connection:
        releases.pin_ready(connection, "killed", now=now(), limit=2)
    assert build_release(workshop(app.server), "v1", now=now()).row_count == 3
    item = client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json
    assert (item["stage"], item["first_release"]) == ("released", "v1")


def test_what_a_killed_build_left_on_the_disk_is_erased(app, filled, run_job):
    build_release(workshop(app.server), "v1", now=now())
    for name in (".building-dead", "v2"):
        (app.server.releases_folder / name / "default").mkdir(parents=True)
        (app.server.releases_folder / name / "default" / "train-00000-of-00001.parquet").write_bytes(b"text of somebody")
    run_job("purge")
    assert [path.name for path in app.server.releases_folder.iterdir()] == ["v1"]


def test_two_builds_at_once_make_two_releases(app, filled, upload, run_job, bob):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as threads:
        plans = list(threads.map(lambda _: build_release(workshop(app.server), None, now=now()), range(2)))
    assert len({plan.version for plan in plans}) == 2
    assert {plan.row_count for plan in plans} == {3}
    for plan in plans:
        assert find_damage(app.server.releases_folder / plan.version) == []


def test_a_withdrawal_alone_makes_the_next_release_due(app, client, filled, run_job, alice):
    run_job("release")
    assert run_job("release").counts == {}
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert run_job("release").counts == {"released": 2}
    assert run_job("release").counts == {}


def test_who_withdraws_while_it_is_written_is_not_in_it(app, client, filled, monkeypatch, alice):
    from sharelm.release import build

    real, calls = build.write_card, []

    def withdraw_meanwhile(*arguments):
        if not calls:
            client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
        calls.append(1)
        return real(*arguments)

    monkeypatch.setattr(build, "write_card", withdraw_meanwhile)
    assert build_release(workshop(app.server), "v1", now=now()).row_count == 2
    assert len(calls) == 2


@pytest.mark.parametrize("version", ["../up", "", "a/b", ".hidden", "x" * 65, "v1..v2"])
def test_a_version_is_a_plain_name(version):
    with pytest.raises(ReleaseRefused):
        plan_release(version, (1, 1), [])


def test_versions_count_within_the_month():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert next_version([], at) == "2026.11.0"
    assert next_version(["2026.11.0", "2026.11.1", "2026.10.0"], at) == "2026.11.2"
    assert next_version(["2026.11.0", "2026.11.50", "2026.11.9", "2026.11.x", "pilot"], at) == "2026.11.51"


@pytest.mark.parametrize(
    ("remainder", "reason"),
    [
        (Remainder(Stage.RECEIVED, True, False, "", 1), "quarantined"),
        (Remainder(Stage.RECEIVED, False, True, "", 1), "not yet anonymised"),
        (Remainder(Stage.REJECTED, False, False, "", 1), "rejected"),
        (Remainder(Stage.ANONYMISED, False, True, "empty", 1), "empty"),
        (Remainder(Stage.ANONYMISED, False, False, "", 1), "not yet approved"),
        (Remainder(Stage.APPROVED, False, True, "", 1), "in hold"),
        (Remainder(Stage.APPROVED, False, False, "", 1), "approved later"),
    ],
)
def test_what_is_left_out_has_a_reason(remainder, reason):
    assert plan_release("v", (0, 0), [remainder]).left_out == {reason: 1}
