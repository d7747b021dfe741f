"""`release build --collection`: public datasets as configs, all of them with the contributions as `all`; what may not be passed on stays here."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from huggingface_hub import HfApi

from sharelm import __version__
from sharelm.errors import ReleaseRefused
from sharelm.jobs import clock, workshop
from sharelm.release import sorting
from sharelm.release.build import approve_release, build_candidate, build_release, draft_release
from sharelm.release.delta import apply_delta
from sharelm.release.gate import find_obstacles
from sharelm.release.layout import sha256_of
from sharelm.release.publish import Hub, publish_to_folder, publish_to_hub
from sharelm.release.purge import purge_copy
from sharelm.release.schema import PREFERENCE, RELEASE
from sharelm.release.verify import find_damage
from tests.collection.made import FIXTURES, lmsys, run, write_lines, write_parquet
from tests.release.hub import hub_stub
from tests.released import newest, rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
SOON = timedelta(seconds=1)
MAIL = "write to anna@example.org"


def pair(number, said="Hello"):
    asked = f"\n\nHuman: Question {number}?\n\nAssistant:"
    return {"chosen": f"{asked} {said} {number}", "rejected": f"{asked} No"}


@pytest.fixture
def imports(app, tmp_path):
    """Bring a source into the instance, as `collection import` does."""
    return lambda name, *paths, **more: run(name, *paths, out=app.server.config.instance / "collection" / name, **more)


@pytest.fixture
def hh(imports, tmp_path):
    """hh-rlhf with more rows than one file, and in another order than that of their ids; one says an e-mail address."""
    (tmp_path / "helpful-base").mkdir()
    rows = [pair(number) for number in range(300)]
    rows[7] = pair(7, MAIL)
    parts = {"train": rows, "test": [pair(number) for number in range(900, 950)]}
    files = [write_lines(tmp_path / "helpful-base" / f"{name}.jsonl.gz", part) for name, part in parts.items()]
    return imports("hh-rlhf", *files)


@pytest.fixture
def oasst(imports, tmp_path):
    tree = {"role": "prompter", "text": "Hello", "replies": [{"role": "assistant", "text": "Hi", "replies": []}]}
    return imports("oasst", write_lines(tmp_path / "trees.jsonl", [{"message_tree_id": "t1", "tree_state": "ready", "prompt": tree}]))


@pytest.fixture
def given(upload, run_job, alice, bob):
    upload(alice, "c-1", conversation_metadata={"rate": "thumbup"})
    upload(bob, "c-2", user=["Where do herons nest?"])
    run_job("anonymise")


@pytest.fixture
def shop(app):
    return lambda: workshop(app.server).with_collection()


@pytest.fixture
def draft(shop, tmp_path):
    def build(name="draft"):
        draft_release(shop(), "v1", tmp_path / name, now=clock() + SOON)
        return tmp_path / name

    return build


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_every_source_is_a_config_and_all_is_the_unified_ones_with_the_contributions(given, hh, oasst, draft):
    out = draft()
    assert [one["conversation_id"] for one in rows_in(out, "hh-rlhf")] == sorted(hh.ids)
    assert [one["source"] for one in rows_in(out, "oasst")] == ["oasst"]
    together = rows_in(out, "all")
    assert together == sorted(rows_in(out) + rows_in(out, "hh-rlhf"), key=lambda one: one["conversation_id"])
    assert {(one["source"], one["license"]) for one in together} == {("plugin", "CC-BY-4.0"), ("hh-rlhf", "MIT")}
    assert len(rows_in(out, "preference")) == len(hh.pairs) == 350
    assert find_damage(out) == []


def test_rows_are_sorted_in_the_schema_of_default_and_in_its_splits(given, hh, draft):
    out = draft()
    for config, schema in (("all", RELEASE), ("hh-rlhf", RELEASE), ("preference", PREFERENCE)):
        for split in ("train", "test"):
            tables = [pq.read_table(path) for path in sorted((out / config).glob(f"{split}-*.parquet"))]
            assert all(table.schema.equals(schema) for table in tables)
            ids = [one for table in tables for one in table["conversation_id"].to_pylist()]
            assert ids == sorted(ids)
            assert ids


def test_all_takes_no_room_of_its_own(given, hh, draft):
    out = draft()
    places = {path.stat().st_ino for config in ("default", "hh-rlhf") for path in (out / config).iterdir()}
    assert {path.stat().st_ino for path in (out / "all").iterdir()} == places


def test_the_same_import_gives_the_same_bytes_however_the_rows_are_sorted(given, hh, draft, monkeypatch):
    first = contents(draft("a"))
    monkeypatch.setattr(sorting, "RANGE_BYTES", 2_000)
    monkeypatch.setattr(sorting, "SCATTERED_ROWS", 17)
    assert contents(draft("b")) == first


def test_without_the_collection_nothing_is_different(app, given, tmp_path, imports):
    draft_release(workshop(app.server), "v1", tmp_path / "a", now=clock() + SOON)
    imports("hh-rlhf", FIXTURES / "hh_helpful-base_train.jsonl.gz")
    draft_release(workshop(app.server), "v1", tmp_path / "b", now=clock() + SOON)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert "collection" not in manifest(tmp_path / "a")


def test_load_dataset_opens_every_config_that_the_card_names(given, hh, oasst, draft, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    out = draft()
    for config, count in (("all", 352), ("hh-rlhf", 350), ("oasst", 1), ("preference", 350), ("default", 2)):
        assert sum(load_dataset(str(out), config, cache_dir=str(tmp_path / "cache")).num_rows.values()) == count


def test_card_and_manifest_say_whence_each_dataset_comes(given, hh, oasst, draft):
    out = draft()
    said, card = manifest(out)["collection"]["sources"], (out / "README.md").read_text()
    assert said.keys() == {"hh-rlhf", "oasst"}
    assert (said["hh-rlhf"]["licence"], said["hh-rlhf"]["rows"], said["hh-rlhf"]["from"]) == ("MIT", 350, "the Hub: Anthropic/hh-rlhf")
    assert said["hh-rlhf"]["source_checksum"] == hh.manifest["source_checksum"]
    assert (said["hh-rlhf"]["in_all"], said["oasst"]["in_all"]) == (True, False)
    for name, facts in said.items():
        assert f"| `{name}` | {facts['licence']} | {facts['rows']:,} |" in card
        assert facts["manifest_sha256"] in card
    assert "license: other" in card
    assert "our anonymiser did not see them" in card


def test_a_dataset_as_published_may_hold_an_address_and_one_that_says_it_was_anonymised_may_not(app, given, hh, draft):
    out = draft()
    assert any(MAIL in str(one["conversation"]) for one in rows_in(out, "hh-rlhf"))
    facts = manifest(out)
    facts["collection"]["sources"]["hh-rlhf"]["anonymised"] = True
    (out / "manifest.json").write_text(json.dumps(facts))
    assert "EMAIL_ADDRESS, in a dataset that says it was anonymised" in " ".join(find_obstacles(out, workshop(app.server).lookout))


def test_what_may_not_be_passed_on_stays_and_comes_as_a_recipe(given, imports, tmp_path, hh, draft):
    imports("lmsys-chat-1m", write_parquet(tmp_path / "l.parquet", [lmsys(1, "Never to be passed on", "Indeed")]))
    out = draft()
    assert not (out / "lmsys-chat-1m").exists()
    assert b"Never to be passed on" not in b"".join(contents(out).values())
    assert {one["source"] for one in rows_in(out, "all")} == {"plugin", "hh-rlhf"}
    said = manifest(out)["collection"]["recipes"]["lmsys-chat-1m"]
    assert (said["rows"], said["licence"]) == (1, "LicenseRef-LMSYS-Chat-1M")
    compile((out / "recipes/lmsys-chat-1m.py").read_text(), "recipe", "exec")
    assert find_damage(out) == []


def test_rows_of_a_gated_edition_keep_a_source_out(given, imports, tmp_path, hh, draft):
    rows = pq.read_table(FIXTURES / "wildchat1m.parquet").to_pylist()
    write_parquet(tmp_path / "w.parquet", [{**row, "toxic": True} for row in rows])
    assert imports("wildchat", tmp_path / "w.parquet").manifest["redistributable"] is False
    out = draft()
    assert not (out / "wildchat").exists()
    assert (out / "recipes/wildchat.py").is_file()


def groups_of(folder, config):
    return {one["conversation_id"]: one["near_dup_group"] for one in rows_in(folder, config) if one["near_dup_group"]}


def long_pair(number, words):
    return {"chosen": f"\n\nHuman: {' '.join(words)}\n\nAssistant: Yes {number}", "rejected": f"\n\nHuman: {' '.join(words)}\n\nAssistant: No"}


@pytest.fixture
def words():
    return [f"word{number}" for number in range(60)]


@pytest.fixture
def alike(imports, tmp_path, words):
    """Two rows of hh-rlhf that say nearly the same, one that only Alice says as well, and one of Collective Cognition that is like the first two."""
    (tmp_path / "helpful-base").mkdir()
    rows = [long_pair(1, words), long_pair(2, words), long_pair(3, words[::-1]), long_pair(4, [f"other{number}" for number in range(60)])]
    imports("hh-rlhf", write_lines(tmp_path / "helpful-base/train.jsonl.gz", rows))
    said = [{"from": "human", "value": " ".join(words)}, {"from": "gpt", "value": "Yes 5"}]
    imports("collective-cognition", write_lines(tmp_path / "cc.json", [{"conversations": said}]))


def test_near_duplicates_are_marked_across_datasets(given, alike, draft):
    out = draft()
    hh, cc = groups_of(out, "hh-rlhf"), groups_of(out, "collective-cognition")
    assert hh.keys() == {"hh:helpful-base:train:0", "hh:helpful-base:train:1"}
    assert len({*hh.values(), *cc.values()}) == len(cc) == 1
    assert groups_of(out, "all") == hh | cc
    assert manifest(out)["near_duplicates"] == {"rows": 3, "groups": 1}


@pytest.fixture
def like_datasets(upload, run_job, alice, bob, words):
    """Alice says what one row says exactly, Bob nearly what three rows do."""
    upload(alice, "c-1", user=[" ".join(words[::-1])], bot=["Yes 3"])
    upload(bob, "c-2", user=[" ".join(words)], bot=["Yes 6"])
    run_job("anonymise")


def test_contributions_that_are_like_a_row_are_marked_in_all_alone(app, like_datasets, alike, draft):
    out = draft()
    together, hh = groups_of(out, "all"), groups_of(out, "hh-rlhf")
    ours = {one["conversation_id"]: together.get(one["conversation_id"]) for one in rows_in(out)}
    assert groups_of(out, "default") == {}
    assert "hh:helpful-base:train:2" not in hh
    assert set(ours.values()) == {together["hh:helpful-base:train:2"], hh["hh:helpful-base:train:0"]}
    assert find_obstacles(out, workshop(app.server).lookout) == []


def test_marks_of_datasets_do_not_depend_on_contributions(given, alike, draft, upload, run_job, bob, words):
    before = draft("a")
    upload(bob, "c-3", user=[" ".join(words[::-1])], bot=["Yes 3"])
    run_job("anonymise")
    after = draft("b")
    assert contents(before / "hh-rlhf") == contents(after / "hh-rlhf")
    assert groups_of(before, "all").items() < groups_of(after, "all").items()


def test_the_gate_finds_a_group_of_one(app, given, alike, draft):
    out = draft()
    for config in ("hh-rlhf", "all"):
        [name] = [path.name for path in (out / config).iterdir() if "hh:helpful-base:train:3" in pq.read_table(path)["conversation_id"].to_pylist()]
        change(out, f"{config}/{name}", lambda rows: rows[-1].update(near_dup_group="0" * 32))
    assert "near_dup_group of one row in all" in " ".join(find_obstacles(out, workshop(app.server).lookout))


def change(folder, name, edit):
    """Rewrite a file as if it had been built so: the manifest fits."""
    table = pq.read_table(folder / name)
    rows = table.to_pylist()
    edit(rows)
    (folder / name).unlink()  # it stands in `all`, too
    pq.write_table(table.schema.empty_table().from_pylist(rows, schema=table.schema), folder / name)

    facts = manifest(folder)
    for entry in facts["files"]:
        if entry["path"] == name:
            entry |= {"bytes": (folder / name).stat().st_size, "sha256": sha256_of(folder / name)}
    (folder / "manifest.json").write_text(json.dumps(facts))


FAULTS = {
    "licence that does not let it": {"license": "LicenseRef-uncertain"},
    "name of another dataset": {"source": "plugin"},
    "id of a contribution": {"conversation_id": "sharelm:" + "0" * 32},
    "user_id of another form": {"user_id": "0" * 32},
    "without a message": {"conversation": []},
}


@pytest.mark.parametrize("sentence", FAULTS)
def test_the_gate_finds_what_must_not_be_in_a_dataset(app, given, hh, draft, sentence):
    out = draft()
    change(out, "hh-rlhf/train-00000-of-00001.parquet", lambda rows: rows[0].update(FAULTS[sentence]))
    assert sentence in " ".join(find_obstacles(out, workshop(app.server).lookout))


@pytest.mark.parametrize(("name", "value"), [("source", "lmsys-chat-1m"), ("license", "LicenseRef-uncertain")])
def test_the_gate_finds_a_pair_that_must_not_be_passed_on(app, given, hh, draft, name, value):
    out = draft()
    change(out, "preference/train-00000-of-00001.parquet", lambda rows: rows[0].update({name: value}))
    assert find_obstacles(out, workshop(app.server).lookout)[0].startswith("1 × pair ")


def test_the_gate_finds_an_all_that_says_something_else_or_lacks_something(app, given, hh, draft):
    out = draft()
    look = workshop(app.server).lookout
    name = sorted(path.name for path in (out / "all").glob("train-*"))[0]
    assert find_obstacles(out, look) == []
    change(out, f"all/{name}", lambda rows: rows[0].update(model_name="heron"))
    assert "part of all that does not say what the others say" in " ".join(find_obstacles(out, look))
    facts = manifest(out)
    facts["files"] = [entry for entry in facts["files"] if entry["path"] != f"all/{name}"]
    (out / "manifest.json").write_text(json.dumps(facts))
    (out / "all" / name).unlink()
    assert "file that all has, or lacks" in " ".join(find_obstacles(out, look))


def test_the_gate_lets_no_dataset_out_that_it_does_not_know(app, given, hh, draft):
    out = draft()
    facts = json.loads((out / "manifest.json").read_text().replace("hh-rlhf", "sharegpt"))
    (out / "hh-rlhf").rename(out / "sharegpt")
    (out / "manifest.json").write_text(json.dumps(facts))
    assert "dataset that may not be passed on" in " ".join(find_obstacles(out, workshop(app.server).lookout))


def test_an_import_that_was_changed_since_is_refused(app, given, hh, draft):
    with next((hh.out / "default").glob("*.parquet")).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ReleaseRefused, match="not as its import left it"):
        draft()


def test_without_an_import_it_says_so(given, draft):
    with pytest.raises(ReleaseRefused, match="Nothing of the collection is imported"):
        draft()


def test_the_older_release_and_the_delta_are_the_newer_one(app, given, hh, imports, tmp_path, upload, run_job, alice):
    releases = app.server.releases_folder
    build_release(workshop(app.server).with_collection(), "v1", now=clock() + SOON)
    upload(alice, "c-3", user=["One more?"])
    run_job("anonymise")
    imports("collective-cognition", FIXTURES / "collective_cognition.json")
    build_release(workshop(app.server).with_collection(), "v2", now=clock() + 2 * SOON)
    delta = releases / "v1..v2"
    carried = {name.removeprefix("release/").partition("/")[0] for name in contents(delta) if name.startswith("release/")}
    assert "hh-rlhf" not in carried
    assert "collective-cognition" in carried
    apply_delta(releases / "v1", delta, tmp_path / "made", code_version=__version__)
    assert contents(tmp_path / "made") == contents(releases / "v2")


def test_a_delta_carries_marks_that_changed_and_recipes_that_came(app, given, alike, imports, tmp_path, upload, run_job, bob, words):
    releases = app.server.releases_folder
    build_release(workshop(app.server).with_collection(), "v1", now=clock() + SOON)
    upload(bob, "c-3", user=[" ".join(words[::-1])], bot=["Yes 3"])
    run_job("anonymise")
    imports("sharegpt", FIXTURES / "sharegpt.json")
    build_release(workshop(app.server).with_collection(), "v2", now=clock() + 2 * SOON)
    apply_delta(releases / "v1", releases / "v1..v2", tmp_path / "made", code_version=__version__)
    made = contents(tmp_path / "made")
    assert made == contents(releases / "v2")
    assert "recipes/sharegpt.py" in made


def test_it_is_published_whole(app, given, hh, tmp_path):
    build_release(workshop(app.server).with_collection(), "v1", now=clock() + SOON)
    release = app.server.releases_folder / "v1"
    with hub_stub() as stub:
        hub = Hub(HfApi(endpoint=stub.address, token=stub.token), "tester/conversations", pause=pytest.fail)
        publish_to_hub(hub, release)
        [there] = [files for _, files in [stub.repos["tester/conversations"].at("v1")]]
    assert {path: data for path, data in there.items() if path != ".gitattributes"} == contents(release)
    assert publish_to_folder(release, tmp_path / "mirror")
    assert find_damage(tmp_path / "mirror/v1") == []


def test_a_purged_copy_loses_contributions_in_all_and_keeps_the_datasets(given, hh, draft, tmp_path):
    copy = shutil.copytree(draft(), tmp_path / "copy")
    gone = rows_in(copy)[0]["conversation_id"]
    write_lines(tmp_path / "tombstones.jsonl", [{"conversation_id": gone}])
    assert purge_copy(copy, tmp_path / "tombstones.jsonl") == 1
    assert find_damage(copy) == []
    assert gone not in {one["conversation_id"] for config in ("default", "all", "sft") for one in rows_in(copy, config)}
    assert len(rows_in(copy, "all")) == 351
    assert rows_in(copy, "hh-rlhf") == rows_in(draft("again"), "hh-rlhf")


def test_a_candidate_keeps_its_collection_when_it_becomes_final(app, given, hh, imports):
    build_candidate(workshop(app.server).with_collection(), "v1", now=clock() + SOON)
    approve_release(workshop(app.server), "v1", now=clock() + 2 * SOON)
    assert len(rows_in(app.server.releases_folder / "v1", "hh-rlhf")) == 350


def test_a_candidate_whose_collection_has_changed_is_not_approved(app, given, hh, imports):
    build_candidate(workshop(app.server).with_collection(), "v1", now=clock() + SOON)
    imports("collective-cognition", FIXTURES / "collective_cognition.json")
    with pytest.raises(ReleaseRefused, match="not as it was when the candidate was built"):
        approve_release(workshop(app.server), "v1", now=clock() + 2 * SOON)


def test_the_monthly_job_takes_the_collection_along_where_the_release_before_did(app, given, hh, upload, run_job, alice):
    for number, is_collected in enumerate((False, True)):
        if is_collected:
            build_release(workshop(app.server).with_collection(), "v1", now=clock() + SOON)
        upload(alice, f"more-{number}", user=[f"Question {number}?"])
        run_job("anonymise")
        assert run_job("release").counts
        assert (newest(app.server.releases_folder) / "all").is_dir() is is_collected


def test_the_command_says_what_it_took_along_and_diff_what_differs(app, given, hh, upload, run_job, alice):
    runner = app.test_cli_runner()
    said = runner.invoke(args=["release", "build", "--collection", "--version", "v1"]).output
    assert "with hh-rlhf: 350 conversations, 350 pairs" in said
    assert "the gate finds nothing" in runner.invoke(args=["release", "check", "v1"]).output
    runner.invoke(args=["release", "build", "--version", "v2"])
    assert "hh-rlhf: 350 before, 0 after" in runner.invoke(args=["release", "diff", "v1", "v2"]).output
