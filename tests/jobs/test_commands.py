"""`flask --app app job …` and `release …` as operators type them."""

from __future__ import annotations

import json
import shutil

import pytest

from sharelm.anonymise.model import names_run
from tests import processes

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")


@pytest.fixture
def flask(environment):
    def run(*command, input="", **changed):
        return processes.flask(*command, environment=environment | changed, input=input)

    return run


def test_from_uploads_to_a_release(app, flask, upload, tmp_path, alice):
    upload(alice)
    done = flask("job", "run", "anonymise")
    assert (done.returncode, done.stdout.strip()) == (0, "1 anonymised, 1 approved, 1 checked")
    assert "anonymise" in flask("job", "list").stdout
    out = tmp_path / "out"
    assert flask("release", "build", "--version", "v1", "--out", str(out)).returncode == 0
    assert flask("release", "verify", str(out)).returncode == 0
    (out / "README.md").write_text("changed")
    assert flask("release", "verify", str(out)).returncode == 1
    assert flask("release", "build", "--version", "v1").returncode == 0
    again = flask("release", "build", "--version", "v1")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


def test_a_build_without_any_row_says_so_and_exits_1(app, flask):
    done = flask("release", "build")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_receipt_is_checked_with_the_public_keys_alone(app, flask, client, upload, run_job, tmp_path, alice):
    upload(alice)
    address = client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json["receipt"]
    run_job("purge")
    receipt, keys, copy = tmp_path / "receipt.json", tmp_path / "keys.json", tmp_path / "copy.json"
    receipt.write_bytes(client.get(address.removeprefix("http://127.0.0.1:8000") + ".json").data)
    keys.write_bytes(client.get("/.well-known/sharelm.json").data)
    copy.write_bytes(receipt.read_bytes().replace(b'"releases": []', b'"releases": ["v1"]'))
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "SHARELM_SECRET": "", "SHARELM_INSTANCE": str(tmp_path / "none")}
    done = flask("receipt", "verify", str(receipt), "--keys", str(keys), **nowhere)
    assert (done.returncode, done.stdout.startswith("Genuine: http://127.0.0.1:8000 says")) == (0, True)
    assert not (tmp_path / "none").exists()
    changed = flask("receipt", "verify", str(copy), "--keys", str(keys), **nowhere)
    assert (changed.returncode, changed.stdout, changed.stderr.count("\n")) == (1, "", 1)
    assert flask("receipt", "verify", str(receipt)).returncode == 0
    assert flask("receipt", "verify", str(copy)).returncode == 1


def test_an_unknown_job_is_named_with_those_that_there_are(app, flask):
    done = flask("job", "run", "polish")
    assert done.returncode == 1
    assert "anonymise, improve, purge, release, approved, figures, download, export" in done.stderr


def test_the_demo_can_be_run_twice(app, flask, client):
    first, second = flask("demo"), flask("demo")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout
    user_id = first.stdout.split("Alice")[1].split()[0]
    stages = {item["stage"] for item in client.get("/api/v1/conversations", headers={"Authorization": f"Bearer {user_id}"}).json["items"]}
    assert "released" in stages


def test_anonymise_reads_standard_input(flask):
    assert flask("anonymise", input="I am anna@example.org").stdout == "I am [EMAIL_ADDRESS_1]"


def test_anonymise_keeps_line_ends_and_says_that_names_did_not_run(flask):
    done = flask("anonymise", input="I am anna@example.org\r\nand bob@example.org\n", SHARELM_NAMES="on")
    assert done.stdout == "I am [EMAIL_ADDRESS_1]\nand [EMAIL_ADDRESS_2]\n"  # `text=True` reads \r\n as \n
    assert done.returncode == 0
    assert ("by rules alone" in done.stderr) is not names_run()
    assert flask("anonymise", "--no-names", input="x").stderr == ""


def test_anonymise_writes_one_row_for_each_row(flask, tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "I am anna@example.org", "id": 7}\n{"text": "bob@example.org, é\\ud800"}\n', encoding="utf-8")
    done = flask("anonymise", "--jsonl", "--no-names", str(file))
    assert done.stdout == '{"text": "I am [EMAIL_ADDRESS_1]"}\n{"text": "[EMAIL_ADDRESS_1], \\u00e9\\ufffd"}\n'


def test_anonymise_explains_where_what_was_found(flask):
    done = flask("anonymise", "--jsonl", "--explain", "--no-names", input='{"text": "é\\ud83d\\ude00 anna@example.org"}\n')
    assert json.loads(done.stdout) == {"text": "é😀 anna@example.org", "spans": [{"start": 3, "end": 19, "label": "EMAIL"}]}
    assert done.stdout.isascii()


@pytest.mark.parametrize("row", ['{"words": "x"}', "[]", "{", '{"text": 1}', "[" * 100_000], ids=["no text", "a list", "cut", "a number", "deep"])
def test_anonymise_names_the_line_that_is_no_row_and_not_what_it_says(flask, row):
    done = flask("anonymise", "--jsonl", "--no-names", input='{"text": "secret canary"}\n' + row)
    assert (done.returncode, done.stderr) == (1, 'Line 2 is not a JSON object with a "text" in UTF-8.\n')


def test_anonymise_needs_no_instance_secret_or_database(flask, tmp_path):
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "SHARELM_SECRET": "", "SHARELM_INSTANCE": str(tmp_path / "none")}
    assert flask("anonymise", "--no-names", input="anna@example.org", **nowhere).stdout == "[EMAIL_ADDRESS_1]"
    assert not (tmp_path / "none").exists()


def test_releases_are_listed_compared_checked_and_made_of_deltas(app, flask, upload, tmp_path, alice, bob):
    assert flask("release", "list").stdout == "There is no release yet.\n"
    for version, user_id in (("v1", alice), ("v2", bob)):
        upload(user_id, f"c-{version}", user=[f"What is new in {version}?"])
        flask("job", "run", "anonymise")
        assert flask("release", "build", "--version", version).returncode == 0
    listed = flask("release", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["v2", "v1"]
    assert flask("release", "check").stdout == "v2: the gate finds nothing.\n"
    compared = flask("release", "diff", "v1", "v2").stdout
    assert "added             1\n" in compared
    assert "conversations: 1 before, 2 after" in compared
    folders = [str(app.server.releases_folder / name) for name in ("v1", "v1..v2")]
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "SHARELM_SECRET": "", "SHARELM_INSTANCE": str(tmp_path / "none")}
    done = flask("release", "apply-delta", *folders, str(tmp_path / "out"), **nowhere)
    assert (done.returncode, "1 added, 0 changed, 0 removed" in done.stdout) == (0, True)
    assert flask("release", "diff", str(tmp_path / "out"), "v2").stdout.startswith("added             0\nchanged           0\nremoved           0\n")
    for path in (app.server.releases_folder / "v2").rglob("*"):
        assert path.is_dir() or path.read_bytes() == (tmp_path / "out" / path.relative_to(app.server.releases_folder / "v2")).read_bytes()
    assert flask("release", "apply-delta", *folders, str(tmp_path / "out"), **nowhere).returncode == 1
    for name in ("v9", folders[1]):  # a delta is no release
        assert flask("release", "check", name).returncode == flask("release", "diff", name, "v2").returncode == 1


def test_a_copy_is_purged_with_the_list_of_withdrawals(app, flask, client, upload, run_job, tmp_path, alice, bob):
    upload(alice)
    upload(bob, "c-2")
    flask("job", "run", "anonymise")
    assert flask("release", "build", "--version", "v1").returncode == 0
    row_id = client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).json["public_id"]
    (tmp_path / "tombstones.jsonl").write_text(f'{{"conversation_id": "sharelm:{row_id}"}}\n')
    shutil.copytree(app.server.releases_folder / "v1", tmp_path / "copy")
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "SHARELM_SECRET": "", "SHARELM_INSTANCE": str(tmp_path / "none")}
    done = flask("release", "purge", str(tmp_path / "copy"), "--tombstones", str(tmp_path / "tombstones.jsonl"), **nowhere)
    assert (done.returncode, done.stdout) == (0, "1 conversation taken out.\n")
    assert flask("release", "verify", str(tmp_path / "copy"), **nowhere).returncode == 0


def test_where_somebody_approves_releases_a_build_waits(app, flask, upload, alice):
    manual = {"SHARELM_REVIEW": "manual"}
    upload(alice)
    flask("job", "run", "anonymise")  # approved by rule, for this test
    built = flask("release", "build", "--version", "v1", **manual)
    assert (built.returncode, "wait for `release approve v1`" in built.stdout) == (0, True)
    assert "waits for approval" in flask("release", "list", **manual).stdout
    assert flask("release", "check", **manual).returncode == 0
    assert flask("release", "approve", "v2", **manual).returncode == 1
    assert flask("release", "approve", "v1", **manual).stdout == "v1: 1 conversations of 1 contributors are released.\n"
    assert flask("release", "list", **manual).stdout.split()[0] == "v1"
    assert "final" in flask("release", "list", **manual).stdout


def test_reviewers_come_and_go(app, flask):
    from tests.web.review.conftest import Reviewer

    assert "Nobody may review yet" in flask("reviewer", "list").stdout
    assert flask("reviewer", "add", "rae", input="too short\n").returncode == 1
    assert flask("reviewer", "add", "Rae & co", input="a long password of Rae's\n").returncode == 1
    assert flask("reviewer", "add", "rae", input="a long password of Rae's\n").stdout.startswith("rae may review")
    assert flask("reviewer", "add", "rae", input="a long password of Rae's\n").returncode == 1
    rae = Reviewer(app.test_client())
    assert rae.log_in().status_code == 303
    made_up = flask("reviewer", "password", "rae", input="").stdout.split()[-1]
    assert rae.get("/review").status_code == 303
    assert rae.log_in("rae", made_up).status_code == 303
    assert "rae" in flask("reviewer", "list").stdout
    assert flask("reviewer", "remove", "rae").returncode == 0
    assert rae.get("/review").status_code == 303
    assert rae.log_in("rae", made_up).status_code == 401
    assert flask("reviewer", "remove", "rae").returncode == 1
