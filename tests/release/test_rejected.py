"""What a reviewer does not accept after it was released: out of the next one, named, and back if somebody thinks better of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sharelm import ShareLM, __version__
from sharelm.jobs import clock, workshop
from sharelm.release.build import build_release
from sharelm.release.delta import apply_delta
from sharelm.release.purge import purge_copy
from sharelm.vocabulary import Rejection
from tests.released import rows_in
from tests.web.review.conftest import Reviewer, rae, rows

FIXTURES = (rae, rows)
pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
TOMBSTONES = "/releases/tombstones.jsonl"


@pytest.fixture
def build(app: ShareLM) -> Any:
    def make() -> Path:
        version = build_release(workshop(app.server), None, now=clock()).version
        return app.server.releases_folder / version

    return make


def named(client: Any) -> dict[str, str]:
    return {mark["public_id"]: mark["reason"] for mark in map(json.loads, client.get(TOMBSTONES).text.splitlines())}


def ids(folder: Path) -> set[str]:
    return {one["conversation_id"].removeprefix("sharelm:") for one in rows_in(folder)}


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_it_leaves_the_next_release_with_a_tombstone_of_its_own(
    app: ShareLM, client: Any, rae: Reviewer, rows: Any, upload: Any, run_job: Any, build: Any, inside: Any, alice: str, bob: str, tmp_path: Path
) -> None:
    upload(alice, "bad")
    upload(bob, "good", user=["What is salt?"], bot=["A mineral."])
    run_job("anonymise")
    first = build()
    bad = rows()["bad"].public_id
    assert rae.decide(bad, "reject", reason=Rejection.PRIVATE).status_code == 303
    assert named(client) == {bad: "rejected"}
    second = build()
    assert (bad in ids(first), bad in ids(second)) == (True, False)
    (mark,) = rows_in(second, "tombstones")
    assert (mark["conversation_id"], mark["reason"], mark["last_release"]) == (f"sharelm:{bad}", "rejected", first.name)
    assert "1 conversation of earlier releases was taken out by a reviewer" in (second / "README.md").read_text()
    page = inside(alice).get(f"/conversations/{bad}").text
    assert f"It was in release {first.name}. Later ones leave it out" in page
    out = tmp_path / second.name
    apply_delta(first, app.server.releases_folder / f"{first.name}..{second.name}", out, code_version=__version__)
    assert digests(out) == digests(second)
    assert purge_copy(first, second / "tombstones" / "train-00000-of-00001.parquet") == 1
    assert bad not in ids(first)


def test_it_comes_back_when_somebody_approves_it_after_all(
    client: Any, rae: Reviewer, rows: Any, upload: Any, run_job: Any, build: Any, alice: str, bob: str
) -> None:
    upload(alice, "bad")
    upload(bob, "good", user=["What is salt?"], bot=["A mineral."])
    run_job("anonymise")
    build()
    bad = rows()["bad"].public_id
    rae.decide(bad, "reject", reason=Rejection.OTHER)
    build()
    assert rae.decide(bad, "approve").status_code == 303
    assert named(client) == {}
    assert bad in ids(build())


def test_its_older_form_does_not_come_back_when_it_grows(
    rae: Reviewer, rows: Any, upload: Any, run_job: Any, build: Any, alice: str, bob: str
) -> None:
    upload(alice, "bad", user=["Why?"], bot=["So."])
    upload(bob, "good", user=["What is salt?"], bot=["A mineral."])
    run_job("anonymise")
    build()
    bad = rows()["bad"].public_id
    upload(alice, "bad", user=["Why?", "And?"], bot=["So.", "Thus."])
    run_job("anonymise")
    rae.decide(bad, "reject", reason=Rejection.PRIVATE)
    upload(alice, "bad", user=["Why?", "And?", "More?"], bot=["So.", "Thus.", "No."])
    assert bad not in ids(build())
    run_job("anonymise")
    assert rows()["bad"].stage == "anonymised"


def test_a_withdrawal_says_so_afterwards_and_taking_it_back_says_rejected_again(
    client: Any, rae: Reviewer, rows: Any, upload: Any, run_job: Any, build: Any, inside: Any, alice: str
) -> None:
    upload(alice, "bad")
    run_job("anonymise")
    build()
    bad = rows()["bad"].public_id
    rae.decide(bad, "reject", reason=Rejection.PRIVATE)
    visitor = inside(alice)
    visitor.post(f"/conversations/{bad}/withdraw")
    assert named(client) == {bad: "withdrawn"}
    visitor.post(f"/conversations/{bad}/restore")
    assert named(client) == {bad: "rejected"}
    client.delete("/api/v1/conversations/bad", headers={"Authorization": f"Bearer {alice}"})
    run_job("purge")
    assert named(client) == {bad: "withdrawn"}


def test_what_was_in_no_release_gets_no_tombstone(client: Any, rae: Reviewer, rows: Any, upload: Any, run_job: Any, alice: str) -> None:
    upload(alice, "bad")
    run_job("anonymise")
    rae.decide(rows()["bad"].public_id, "reject", reason=Rejection.PRIVATE)
    assert named(client) == {}


@pytest.mark.settings(SHARELM_HOLD_HOURS="0", SHARELM_REVIEW="sample", SHARELM_REVIEW_SAMPLE="1")
def test_the_card_says_how_many_a_person_has_looked_at(rae: Reviewer, rows: Any, upload: Any, run_job: Any, build: Any, alice: str) -> None:
    for number in range(3):
        upload(alice, f"c-{number}", user=[f"question {number}"])
    run_job("anonymise")
    rae.decide(rows()["c-1"].public_id, "approve")
    assert rae.post("/review/rest").status_code == 303
    first = build()
    assert "Reviewers looked at 1 of the 3 conversations that are in this release, and approved them; the others were approved by rule" in (
        first / "README.md"
    ).read_text().replace("\n", " ")
    assert json.loads((first / "manifest.json").read_text())["looked_at"] == 1
    upload(alice, "c-1", user=["question 1", "more"], bot=["It may be too cold.", "Yes."])
    run_job("anonymise")
    rae.decide(rows()["c-1"].public_id, "approve")
    assert json.loads((build() / "manifest.json").read_text())["looked_at"] == 1


def test_the_card_of_a_release_that_nobody_looked_at_says_so(rae: Reviewer, upload: Any, run_job: Any, build: Any, alice: str) -> None:
    upload(alice, "one")
    run_job("anonymise")
    assert "No person looked at each conversation" in (build() / "README.md").read_text()
