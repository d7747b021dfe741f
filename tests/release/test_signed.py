"""A final release is signed, so that a copy from anywhere can be checked with the server's public key."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sharelm.jobs import clock, workshop
from sharelm.keys import Keys
from sharelm.release.build import build_candidate, build_release, draft_release
from sharelm.release.delta import apply_delta
from sharelm.release.purge import purge_copy
from sharelm.release.signed import sign_release, signer_of
from sharelm.release.verify import find_damage
from sharelm.release.write import write_manifest
from sharelm.signatures import public_entry
from tests.released import rows_in

pytestmark = [pytest.mark.one_database, pytest.mark.settings(SHARELM_HOLD_HOURS="0")]
OTHER = Keys.from_secret("somebody else's secret, also 32 bytes long").signature


@pytest.fixture
def release(app, upload, run_job, alice, bob):
    upload(alice)
    upload(bob, "c-2")
    run_job("anonymise")
    build_release(workshop(app.server), "v1", now=clock())
    return app.server.releases_folder / "v1"


@pytest.fixture
def verify(app, client, tmp_path):
    """As operators and researchers type it: the exit code and what is said."""
    keys = tmp_path / "sharelm.json"
    keys.write_bytes(client.get("/.well-known/sharelm.json").data)

    def run(folder: Path, *options: str):
        done = app.test_cli_runner().invoke(args=["release", "verify", str(folder), *options])
        return done.exit_code, done.output

    return lambda folder, *, with_keys=True: run(folder, *(("--keys", str(keys)) if with_keys else ()))


def test_a_copy_is_known_as_the_servers_own(app, client, release, verify, tmp_path):
    shutil.copytree(release, tmp_path / "copy")
    code, said = verify(tmp_path / "copy")
    assert (code, "signed by that server" in said) == (0, True)
    assert client.get("/.well-known/sharelm.json").json["release_keys"][0]["key_id"] in said
    assert client.get("/releases/v1/signature.json").data == (release / "signature.json").read_bytes()
    assert "--keys tells whose it is" in verify(release, with_keys=False)[1]


def test_a_manifest_that_was_changed_with_its_files_is_found(release, verify):
    (release / "README.md").write_text("other words")
    manifest = json.loads((release / "manifest.json").read_text())
    files = [(entry["path"], entry.get("rows")) for entry in manifest.pop("files")]
    write_manifest(release, manifest, files)
    for with_keys in (True, False):
        code, said = verify(release, with_keys=with_keys)
        assert (code, said) == (1, "signature.json does not fit manifest.json: one of the two was changed.\n")


def test_a_signature_of_somebody_else_is_found(release, verify):
    sign_release(release, OTHER)
    assert find_damage(release) == []
    assert signer_of(release) == public_entry(OTHER)["key_id"]
    assert verify(release) == (
        1,
        "Every file is as the manifest says.\nThe release is signed with a key that is not among those of this server.\n",
    )


@pytest.mark.parametrize("words", ["", "[]", "{}", '{"public_key": 1}', '{"public_key": "AAAA", "signature": "AAAA"}'])
def test_a_broken_signature_is_damage(release, words):
    (release / "signature.json").write_text(words)
    assert find_damage(release) == ["signature.json does not fit manifest.json: one of the two was changed."]


def test_what_is_not_final_is_not_signed(app, release, verify, upload, run_job, tmp_path, alice):
    draft_release(workshop(app.server), "v2", tmp_path / "draft", now=clock())
    upload(alice, "c-3")
    run_job("anonymise")
    build_candidate(workshop(app.server), "v2", now=clock())
    for folder in (tmp_path / "draft", workshop(app.server).places.candidates / "v2"):
        assert signer_of(folder) is None
        assert verify(folder, with_keys=False) == (0, "Every file is as the manifest says.\nIt is not signed.\n")
        assert "is not signed" in verify(folder)[1]


def test_a_draft_over_a_signed_copy_takes_the_signature_along(app, release, tmp_path):
    shutil.copytree(release, tmp_path / "copy")
    draft_release(workshop(app.server), "v9", tmp_path / "copy", now=clock())
    assert find_damage(tmp_path / "copy") == []
    assert signer_of(tmp_path / "copy") is None


def test_a_delta_makes_the_signature_too(app, release, verify, upload, run_job, tmp_path, alice):
    upload(alice, "c-3")
    run_job("anonymise")
    build_release(workshop(app.server), "v2", now=clock())
    apply_delta(release, app.server.releases_folder / "v1..v2", tmp_path / "v2", code_version="0.1.0")
    assert verify(tmp_path / "v2")[0] == 0


def test_a_copy_from_which_something_was_taken_out_is_no_more_the_servers_own(release, verify, tmp_path):
    shutil.copytree(release, tmp_path / "copy")
    gone = rows_in(release)[0]["conversation_id"]
    (tmp_path / "gone.jsonl").write_text(json.dumps({"conversation_id": gone}) + "\n")
    assert purge_copy(tmp_path / "copy", tmp_path / "gone.jsonl") == 1
    assert verify(tmp_path / "copy", with_keys=False) == (0, "Every file is as the manifest says.\nIt is not signed.\n")
    assert "is not signed" in verify(tmp_path / "copy")[1]


@pytest.mark.parametrize("document", [b"", b"{}", b'{"release_keys": [{"public_key": "x"}]}'])
def test_what_are_no_keys_is_said(app, release, tmp_path, document):
    (tmp_path / "keys").write_bytes(document)
    done = app.test_cli_runner().invoke(args=["release", "verify", str(release), "--keys", str(tmp_path / "keys")])
    assert (done.exit_code, "no public keys" in done.output) == (1, True)
