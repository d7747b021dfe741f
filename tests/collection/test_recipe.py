"""The program that stands in a release for a dataset that must not be passed on: run as users run it, against a Hub with their token."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sharelm.collection.recipe import recipe_of
from sharelm.collection.sources import SOURCES, source_named
from tests.collection.made import FIXTURES, files_of, lmsys, run, write_parquet
from tests.release.hub import Repo, hub_stub

ROOT = Path(__file__).parents[2]
REPO = "lmsys/lmsys-chat-1m"


@pytest.fixture
def hub():
    with hub_stub() as hub:
        hub.repos[REPO] = Repo()
        hub.repos[REPO].commit({"data/train-0.parquet": (FIXTURES / "lmsys_chat_1m.parquet").read_bytes(), "README.md": b"x"})
        yield hub


@pytest.fixture
def here(tmp_path):
    """The import for the release."""
    return run("lmsys-chat-1m", FIXTURES / "lmsys_chat_1m.parquet", out=tmp_path / "here")


@pytest.fixture
def start(here, tmp_path):
    recipe = tmp_path / "lmsys-chat-1m.py"
    recipe.write_text(recipe_of(source_named("lmsys-chat-1m"), here.manifest))

    def run_it(*words, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SHARELM_", "HF_"))}
        settings = {**clean, "SHARELM_INSTANCE": str(tmp_path / "instance"), "SHARELM_NAMES": "off", **environment}
        command = [sys.executable, recipe, "--out", tmp_path / "mine", "--sharelm", ROOT, *words]
        return subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)

    return run_it


def test_it_fetches_with_the_users_token_and_gets_the_very_same_files(start, here, hub, tmp_path):
    done = start(HF_ENDPOINT=hub.address, HF_TOKEN=hub.token)
    assert (done.returncode, "The same as was made for the release." in done.stdout) == (0, True), done.stderr
    assert files_of(tmp_path / "mine").items() >= {name: data for name, data in files_of(here.out).items() if name.endswith(".parquet")}.items()
    assert hub.token not in done.stdout + done.stderr


def test_without_a_token_it_says_what_to_do_and_fails(start, hub):
    done = start(HF_ENDPOINT=hub.address)
    assert (done.returncode, "set HF_TOKEN" in done.stderr) == (1, True)


def test_another_edition_is_told_apart(start, tmp_path):
    write_parquet(tmp_path / "other.parquet", [lmsys(1), lmsys(2)])
    done = start("other.parquet")
    assert (done.returncode, "source_checksum" in done.stderr, "rows_out: 1 in the release, 2 here" in done.stderr) == (1, True, True)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_has_a_program_that_python_reads(source, here):
    compile(recipe_of(source, {**here.manifest, "anonymised": True, "left_out": {'"""\n\\': 1}}), source.name, "exec")


def test_what_is_not_on_the_hub_asks_for_files(here, tmp_path):
    (tmp_path / "r.py").write_text(recipe_of(source_named("sharegpt"), here.manifest))
    done = subprocess.run([sys.executable, tmp_path / "r.py", "--out", tmp_path / "o"], capture_output=True, text=True, check=False)
    assert (done.returncode, "say where your copy is" in done.stderr) == (2, True)
