"""`flask --app app release publish …` and `purge-hub …` as operators type them, against a server that speaks the Hub's protocol."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sharelm.jobs import clock, workshop
from sharelm.release.build import build_candidate, build_release
from sharelm.release.layout import PREFIX
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from sharelm.vocabulary import Stage
from tests import processes
from tests.release.hub import HubStub, hub_stub
from tests.release.test_publish import REPO, content, on_the_hub
from tests.released import rows_in

pytestmark = [pytest.mark.one_database, pytest.mark.settings(SHARELM_HOLD_HOURS="0")]
Flask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def stub() -> Iterator[HubStub]:
    with hub_stub() as running:
        yield running


@pytest.fixture
def release(app: Any, upload: Any, run_job: Any, alice: str, bob: str) -> Path:
    """A final release `v1` with a conversation of Alice's and one of Bob's."""
    upload(alice)
    upload(bob, "c-2")
    run_job("anonymise")
    build_release(workshop(app.server), "v1", now=clock())
    return Path(app.server.releases_folder) / "v1"


@pytest.fixture
def flask(environment: dict[str, str], stub: HubStub, tmp_path: Path) -> Flask:
    def run(*command: str, **changed: str) -> subprocess.CompletedProcess[str]:
        hub = {"HF_TOKEN": stub.token, "HF_ENDPOINT": stub.address, "HF_HOME": str(tmp_path / "hf")}
        return processes.flask("release", *command, environment=environment | hub | changed)

    return run


@pytest.fixture
def invoke(app: Any) -> Callable[..., Any]:
    """The same without a process of its own, where no Hub is asked."""
    return lambda *command: app.test_cli_runner().invoke(args=["release", *(str(word) for word in command)])


def test_a_release_is_copied_to_a_folder_once(release: Path, invoke: Any, tmp_path: Path) -> None:
    target = tmp_path / "mirror"
    dry = invoke("publish", "v1", "--to", target, "--dry-run")
    assert (dry.exit_code, dry.output) == (0, f"v1 would be copied to {target / 'v1'}; nothing was done.\n")
    assert not target.exists()
    assert invoke("publish", "v1", "--to", target).output == f"v1 is in {target / 'v1'}.\n"
    assert content(target / "v1") == content(release)
    assert invoke("publish", "v1", "--to", target).output == f"v1 was in {target / 'v1'} already.\n"


@pytest.mark.parametrize("where", [(), ("--to", "somewhere", "--hub", REPO)])
def test_it_goes_to_one_place(release: Path, invoke: Any, where: tuple[str, ...]) -> None:
    done = invoke("publish", "v1", *where)
    assert (done.exit_code, done.output) == (1, "Say where to: either --to FOLDER or --hub OWNER/NAME.\n")


def test_only_final_releases_are_published(app: Any, release: Path, upload: Any, run_job: Any, invoke: Any, tmp_path: Path, alice: str) -> None:
    upload(alice, "c-3")
    run_job("anonymise")
    build_candidate(workshop(app.server), "v2", now=clock())
    shutil.copytree(release, app.server.releases_folder / "v3")
    for version in ("v2", "v3", "v9", "../releases/v1", "v1..v2"):
        done = invoke("publish", version, "--to", tmp_path / "mirror")
        assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert not (tmp_path / "mirror").exists()


def test_what_was_withdrawn_since_is_not_published_again(app: Any, client: Any, release: Path, invoke: Any, tmp_path: Path, alice: str) -> None:
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    done = invoke("publish", "v1", "--to", tmp_path / "mirror")
    assert (done.exit_code, "1 of its conversations were withdrawn or rejected" in done.output) == (1, True)
    assert not (tmp_path / "mirror").exists()
    build_release(workshop(app.server), "v2", now=clock())
    assert invoke("publish", "v2", "--to", tmp_path / "mirror").exit_code == 0


def test_what_was_rejected_since_is_not_published_again(app: Any, release: Path, invoke: Any, tmp_path: Path) -> None:
    public_id = rows_in(release)[0]["conversation_id"].removeprefix(PREFIX)
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.public_id == public_id).values(stage=Stage.REJECTED))
    done = invoke("publish", "v1", "--to", tmp_path / "mirror")
    assert (done.exit_code, "1 of its conversations were withdrawn or rejected" in done.output) == (1, True)
    assert not (tmp_path / "mirror").exists()


def test_without_a_token_it_says_which_one_is_missing(release: Path, invoke: Any) -> None:
    for command in ("publish", "purge-hub"):
        done = invoke(command, "v1", "--hub", REPO)
        assert (done.exit_code, "HF_TOKEN is not set" in done.output) == (1, True)


def test_the_hub_gets_it_and_the_token_stays_unsaid(release: Path, flask: Flask, stub: HubStub, tmp_path: Path) -> None:
    dry = flask("publish", "v1", "--hub", REPO, "--dry-run")
    assert (dry.returncode, "+ README.md" in dry.stdout, stub.repos) == (0, True, {})
    (tmp_path / "token").write_text(f"{stub.token}\n")
    done = flask("publish", "v1", "--hub", REPO, "--private", "--gated", "manual", HF_TOKEN="", HF_TOKEN_FILE=str(tmp_path / "token"))
    assert (done.returncode, done.stdout.startswith(f"v1 is in {REPO}, commit ")) == (0, True)
    assert on_the_hub(stub, "v1") == content(release)
    assert stub.repos[REPO].settings == {"type": "dataset", "visibility": "private", "gated": "manual"}
    again = flask("publish", "v1", "--hub", REPO)
    assert "was in" in again.stdout
    refused = flask("publish", "v1", "--hub", REPO, HF_TOKEN="a-token-that-may-not")
    assert (refused.returncode, "set HF_TOKEN to one that may" in refused.stderr) == (1, True)
    for run in (dry, done, again, refused):
        assert stub.token not in run.stdout + run.stderr
        assert "a-token-that-may-not" not in run.stdout + run.stderr


def test_a_purge_of_the_hub_leaves_one_release(app: Any, client: Any, release: Path, flask: Flask, stub: HubStub, alice: str) -> None:
    assert flask("publish", "v1", "--hub", REPO).returncode == 0
    client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert flask("purge-hub", "v1", "--hub", REPO).returncode == 1
    build_release(workshop(app.server), "v2", now=clock())
    before = stub.repos[REPO].head
    dry = flask("purge-hub", "v2", "--hub", REPO, "--dry-run")
    assert (dry.returncode, "1 tags of other releases" in dry.stdout, stub.repos[REPO].head) == (0, True, before)
    done = flask("purge-hub", "v2", "--hub", REPO)
    assert (done.returncode, "v2 alone is left" in done.stdout) == (0, True)
    assert stub.repos[REPO].tags == {"v2": stub.repos[REPO].head}
    assert list(stub.repos[REPO].commits) == [stub.repos[REPO].head]
    assert on_the_hub(stub, "v2") == content(app.server.releases_folder / "v2")
