"""Publishing: a final release goes to a folder or the Hub whole, once, and whatever fails on the way."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, snapshot_download

from sharelm import __version__
from sharelm.errors import ReleaseRefused
from sharelm.jobs import workshop
from sharelm.release.build import build_release
from sharelm.release.delta import apply_delta
from sharelm.release.publish import Hub, publish_to_folder, publish_to_hub, purge_hub
from sharelm.release.purge import purge_copy
from sharelm.release.verify import find_damage
from sharelm.release.write import write_manifest
from tests.release.hub import Fault, HubStub, hub_stub
from tests.released import rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
REPO = "tester/conversations"


@pytest.fixture
def build(app: Any, upload: Any, run_job: Any, alice: str) -> Callable[[], Path]:
    """A final release with one conversation more at each call; its folder."""
    made: list[Path] = []

    def one_more() -> Path:
        number = len(made)
        words = "".join(chr(ord("a") + (number * 7 + place * place) % 26) for place in range(20_000))
        upload(alice, conversation_id=f"c-{number}", user=[f"Question {number}"], bot=[words])
        run_job("anonymise")
        version = build_release(workshop(app.server), f"v{number}", now=datetime.now(UTC) + timedelta(seconds=1)).version
        made.append(app.server.releases_folder / version)
        return made[-1]

    return one_more


@pytest.fixture
def stub() -> Iterator[HubStub]:
    with hub_stub() as running:
        yield running


@pytest.fixture
def hub(stub: HubStub) -> Hub:
    return Hub(HfApi(endpoint=stub.address, token=stub.token), REPO, pause=paused.append)


paused: list[float] = []


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def on_the_hub(stub: HubStub, revision: str = "main") -> dict[str, bytes]:
    found = stub.repos[REPO].at(revision)
    assert found
    return {path: data for path, data in found[1].items() if path != ".gitattributes"}


def test_a_folder_holds_the_release_once(build: Callable[[], Path], tmp_path: Path) -> None:
    release = build()
    assert publish_to_folder(release, tmp_path / "out")
    assert content(tmp_path / "out" / release.name) == content(release)
    assert not publish_to_folder(release, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [release.name]


def test_a_folder_with_something_else_is_left_alone(build: Callable[[], Path], tmp_path: Path) -> None:
    release = build()
    (tmp_path / release.name).mkdir()
    (tmp_path / release.name / "mine.txt").write_text("mine")
    with pytest.raises(ReleaseRefused, match="holds something else"):
        publish_to_folder(release, tmp_path)
    assert content(tmp_path / release.name) == {"mine.txt": b"mine"}


def test_a_damaged_release_is_not_published(build: Callable[[], Path], hub: Hub, stub: HubStub, tmp_path: Path) -> None:
    release = tmp_path / "damaged"
    shutil.copytree(build(), release)
    (release / "README.md").write_text("other words")
    for publish in (lambda: publish_to_hub(hub, release), lambda: publish_to_folder(release, tmp_path / "out"), lambda: purge_hub(hub, release)):
        with pytest.raises(ReleaseRefused, match=r"README\.md was changed"):
            publish()
    assert stub.asked == []


def test_the_hub_has_every_release_under_its_tag(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    first, second = build(), build()
    publish_to_hub(hub, first, is_private=True, gated="manual")
    done = publish_to_hub(hub, second)
    assert on_the_hub(stub, first.name) == content(first)
    assert on_the_hub(stub, second.name) == on_the_hub(stub) == content(second)
    assert stub.repos[REPO].tags[second.name] == done.commit == stub.repos[REPO].head
    assert stub.repos[REPO].settings == {"type": "dataset", "visibility": "private", "gated": "manual"}
    assert len(stub.repos[REPO].commits) == 3


def test_publishing_again_changes_nothing(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    release = build()
    first = publish_to_hub(hub, release)
    before = stub.repos[REPO].head
    again = publish_to_hub(hub, release)
    assert (again.commit, bool(again.changes), stub.repos[REPO].head) == (first.commit, False, before)


def test_what_a_release_does_not_have_goes(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    publish_to_hub(hub, build())
    repo = stub.repos[REPO]
    repo.commit(on_the_hub(stub) | {"default/old-00000-of-00001.parquet": b"old", ".gitattributes": b"x"})
    done = publish_to_hub(hub, build())
    assert done.changes.deleted == ("default/old-00000-of-00001.parquet",)
    assert ".gitattributes" in repo.commits[repo.head or ""]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    release = build()
    would = publish_to_hub(hub, release, is_dry_run=True)
    assert (would.commit, set(would.changes.added)) == (None, set(content(release)))
    assert stub.repos == {}


STEPS = ("repos/create", "refs$", "tree/", "preupload", "objects/batch", "PUT /stored", "commit/main", "/tag/", "validate-yaml")


@pytest.mark.one_database
@pytest.mark.parametrize(("step", "status"), [*((step, 503) for step in STEPS), ("commit/main", 429), ("commit/main", 500)])
def test_a_step_that_fails_for_a_while_is_tried_again(build: Callable[[], Path], hub: Hub, stub: HubStub, step: str, status: int) -> None:
    stub.faults = [Fault(step, status, times=2)]
    release = build()
    publish_to_hub(hub, release)
    assert on_the_hub(stub, release.name) == content(release)
    assert len(stub.repos[REPO].commits) == 2


@pytest.mark.one_database
@pytest.mark.parametrize("step", ["repos/create", "commit/main", "/tag/"])
def test_a_lost_answer_does_nothing_twice(build: Callable[[], Path], hub: Hub, stub: HubStub, step: str) -> None:
    stub.faults = [Fault(step, 504, happens=True)]
    release = build()
    done = publish_to_hub(hub, release)
    assert on_the_hub(stub, release.name) == content(release)
    assert len(stub.repos[REPO].commits) == 2
    assert stub.repos[REPO].tags == {release.name: done.commit}


@pytest.mark.one_database
def test_it_looks_again_when_somebody_else_committed(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    stub.faults = [Fault("commit/main", 412, times=2)]
    release = build()
    publish_to_hub(hub, release)
    assert on_the_hub(stub) == content(release)


@pytest.mark.one_database
def test_it_waits_as_long_as_the_server_asks(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    paused.clear()
    stub.faults = [Fault("refs$", 429, headers={"Retry-After": "7"})]
    publish_to_hub(hub, build())
    assert paused == [7]


@pytest.mark.one_database
def test_one_that_never_answers_is_told_in_one_sentence_and_resumed(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    release = build()
    stub.faults = [Fault("commit/main", 503, times=99)]
    with pytest.raises(ReleaseRefused, match=r"answers 503\. Nothing is lost"):
        publish_to_hub(hub, release)
    stub.faults = []
    uploaded = [line for line in stub.asked if line.startswith("PUT /stored")]
    publish_to_hub(hub, release)
    assert [line for line in stub.asked if line.startswith("PUT /stored")] == uploaded
    assert on_the_hub(stub, release.name) == content(release)


@pytest.mark.one_database
def test_a_file_that_cannot_be_sent_is_told_in_one_sentence(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    stub.faults = [Fault("PUT /stored", 400, times=99)]
    with pytest.raises(ReleaseRefused, match=r"answers 400\. Nothing is lost"):
        publish_to_hub(hub, build())


@pytest.mark.one_database
def test_where_nobody_listens_is_told_in_one_sentence(build: Callable[[], Path]) -> None:
    with hub_stub() as gone:
        nobody = Hub(HfApi(endpoint=gone.address, token=gone.token), REPO, pause=paused.append)
    with pytest.raises(ReleaseRefused, match=r"does not answer\. Nothing is lost"):
        publish_to_hub(nobody, build())


@pytest.mark.one_database
def test_files_with_one_content_all_arrive_whole(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    release = build()
    entries = json.loads((release / "manifest.json").read_text())
    files = [(entry["path"], entry.get("rows")) for entry in entries.pop("files")]
    (release / "signature.json").unlink()
    for name in ("one.bin", "two.bin", "three.bin"):
        (release / name).write_bytes(random.Random(7).randbytes(5_000_000))
    write_manifest(release, entries, [*files, *((name, None) for name in ("one.bin", "two.bin", "three.bin"))])
    publish_to_hub(hub, release)
    assert on_the_hub(stub, release.name) == content(release)


@pytest.mark.one_database
@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_may_not_is_told_at_once(build: Callable[[], Path], hub: Hub, stub: HubStub, status: int) -> None:
    stub.faults = [Fault("repos/create", status, times=99)]
    with pytest.raises(ReleaseRefused, match="HF_TOKEN"):
        publish_to_hub(hub, build())
    assert stub.asked.count("POST /api/repos/create") == 1


def test_a_tag_on_other_files_is_never_moved(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    release = build()
    publish_to_hub(hub, release)
    repo = stub.repos[REPO]
    repo.tags[release.name] = moved = repo.commit({"README.md": b"others"})
    with pytest.raises(ReleaseRefused, match="never changes"):
        publish_to_hub(hub, release)
    assert repo.tags == {release.name: moved}


def test_a_purge_leaves_one_release_and_nothing_older(build: Callable[[], Path], hub: Hub, stub: HubStub) -> None:
    first, second = build(), build()
    publish_to_hub(hub, first)
    # A file that is the same in both stays; which are, depends on which split a conversation was drawn into.
    only_old = set(stub.stored) - {hashlib.sha256(path.read_bytes()).hexdigest() for path in second.rglob("*.parquet")}
    assert purge_hub(hub, second) == (1, len(only_old))
    repo = stub.repos[REPO]
    assert list(repo.commits) == [repo.head]
    assert repo.tags == {second.name: repo.head}
    assert not only_old & set(stub.stored)
    assert on_the_hub(stub, second.name) == content(second)
    assert purge_hub(hub, second) == (0, 0)


@pytest.mark.one_database
def test_it_is_read_back_by_its_tag(build: Callable[[], Path], hub: Hub, stub: HubStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = build()
    publish_to_hub(hub, release)
    rows = read_back(stub, release.name, tmp_path)
    assert rows == ["Question 0"]


def read_back(stub: HubStub, tag: str, cache: Path) -> list[str]:
    """In a process of its own: `datasets` reads the Hub's address once, when it is imported."""
    import json
    import os
    import subprocess
    import sys

    program = (
        "import json, sys; from datasets import load_dataset; "
        "splits = load_dataset(sys.argv[1], 'default', revision=sys.argv[2]); "
        "print(json.dumps([row['conversation'][0]['content'] for rows in splits.values() for row in rows]))"
    )
    environment = os.environ | {"HF_ENDPOINT": stub.address, "HF_TOKEN": stub.token, "HF_HOME": str(cache), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run([sys.executable, "-c", program, REPO, tag], env=environment, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("is_linked", [True, False])
def test_what_was_fetched_from_the_hub_passes_the_checks(build, hub, stub, tmp_path, is_linked):
    """Into the client's cache, whose files are links, or into a folder, where it leaves notes of its own."""
    release, newer = build(), build()
    publish_to_hub(hub, release)
    place = {"cache_dir": tmp_path / "cache"} if is_linked else {"local_dir": tmp_path / "copy"}
    copy = Path(snapshot_download(REPO, repo_type="dataset", revision=release.name, endpoint=stub.address, token=stub.token, **place))
    assert (copy / "README.md").is_symlink() == is_linked
    assert {".gitattributes", "manifest.json"} <= {path.name for path in copy.iterdir()}
    assert find_damage(copy, is_fetched=True) == []
    assert find_damage(copy), "a release of ours holds nothing else, and no links"
    facts = apply_delta(copy, release.parent / f"{release.name}..{newer.name}", tmp_path / "out", code_version=__version__)
    assert facts["to"] == newer.name
    assert content(tmp_path / "out") == content(newer)
    (copy / "README.md").unlink()
    (copy / "README.md").write_text("Something else")
    assert find_damage(copy, is_fetched=True) == ["README.md was changed: its checksum is another."]


def test_a_linked_copy_is_purged_and_the_cache_left_alone(build, hub, stub, tmp_path):
    release = build()
    build()
    publish_to_hub(hub, release)
    copy = Path(
        snapshot_download(REPO, repo_type="dataset", revision=release.name, endpoint=stub.address, token=stub.token, cache_dir=tmp_path / "cache")
    )
    cached = {path: path.read_bytes() for path in (tmp_path / "cache").rglob("blobs/*")}
    ids = [row["conversation_id"] for row in rows_in(copy)]
    (tmp_path / "gone.jsonl").write_text(json.dumps({"conversation_id": ids[0]}) + "\n")
    assert purge_copy(copy, tmp_path / "gone.jsonl") == 1
    assert [row["conversation_id"] for row in rows_in(copy)] == ids[1:]
    assert find_damage(copy, is_fetched=True) == []
    assert cached and {path: path.read_bytes() for path in cached} == cached
