"""The release that waits, as a reviewer sees and approves it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sharelm import ShareLM
from sharelm.store.engine import read
from sharelm.store.release import select_releases
from tests.web.review.conftest import Reviewer
from tests.web.review.test_review import Rows, Upload, acts

PAGE = "/review/releases"
pytestmark = pytest.mark.settings(SHARELM_REVIEW="manual", SHARELM_HOLD_HOURS="0")


@pytest.fixture
def waiting(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str, bob: str) -> str:
    """The version of a candidate with one conversation; another one is not accepted, and one is one-sided."""
    upload(alice, "good")
    upload(bob, "bad", user=["What?"], bot=["That."])
    upload(bob, "half", user=["What?"], bot=[""])
    run_job("anonymise")
    rae.decide(rows()["good"].public_id, "approve")
    rae.decide(rows()["bad"].public_id, "reject", reason="spam")
    run_job("release")
    found = re.search(r"Approve release ([\d.]+)", rae.get(PAGE).text)
    assert found
    return found[1]


def form(rae: Reviewer) -> str:
    found = re.search(r'name="manifest" value="([0-9a-f]{64})"', rae.get(PAGE).text)
    assert found
    return found[1]


def final(app: ShareLM) -> list[str]:
    with read(app.server.engine) as connection:
        return [row.version for row in select_releases(connection)]


def test_it_shows_what_is_in_it_and_what_is_not(rae: Reviewer, waiting: str) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", rae.get(PAGE).text).split())
    assert f"Release {waiting}" in page
    assert "The gate found nothing" in page
    assert "not accepted 1" in page
    assert "only one side recorded 1" in page
    assert "looked at by a person 1" in page
    assert "sft 1" in page
    assert "built one that waits for approval: 1 conversation" in page


def test_it_is_made_final_by_the_job_and_the_log_says_by_whom(app: ShareLM, rae: Reviewer, waiting: str, run_job: Any) -> None:
    assert rae.post(f"{PAGE}/{waiting}/approve", manifest=form(rae)).status_code == 303
    assert final(app) == []
    assert "Is being made final" in rae.get(PAGE).text
    assert run_job("approved").counts == {"released": 1}
    assert final(app) == [waiting]
    assert acts(app)[-1] == ("rae", "approve-release")
    page = rae.get(PAGE).text
    assert "No release waits" in page
    assert f"/releases/{waiting}" in page
    assert run_job("approved").counts == {}


def test_what_nobody_looked_at_is_not_approved(app: ShareLM, rae: Reviewer, waiting: str, run_job: Any) -> None:
    assert rae.post(f"{PAGE}/{waiting}/approve", manifest="0" * 64).status_code == 409
    assert rae.post(f"{PAGE}/2001.1.0/approve", manifest=form(rae)).status_code == 409
    assert rae.post(f"{PAGE}/{waiting}/approve").status_code == 409
    seen = form(rae)
    assert rae.post(f"{PAGE}/{waiting}/approve", manifest=seen).status_code == 303
    assert rae.post(f"{PAGE}/{waiting}/approve", manifest=seen).status_code == 409
    assert [act for act in acts(app) if act[1] == "approve-release"] == [("rae", "approve-release")]


def test_why_it_was_not_made_final_is_said(app: ShareLM, client: Any, rae: Reviewer, waiting: str, run_job: Any, alice: str) -> None:
    assert rae.post(f"{PAGE}/{waiting}/approve", manifest=form(rae)).status_code == 303
    client.delete("/api/v1/conversations/good", headers={"Authorization": f"Bearer {alice}"})
    assert run_job("approved").counts == {"refused": 1}
    assert final(app) == []
    page = rae.get(PAGE).text
    assert "It was not made final" in page
    assert "Nothing to release" in page
    assert f"Approve release {waiting}" in page


def test_it_is_for_reviewers_only(app: ShareLM, waiting: str) -> None:
    stranger = Reviewer(app.test_client())
    assert stranger.get(PAGE).headers["Location"].endswith("/review/login")
    assert stranger.post(f"{PAGE}/{waiting}/approve", manifest="0" * 64).headers["Location"].endswith("/review/login")
    assert stranger.client.post(f"{PAGE}/{waiting}/approve").status_code in {400, 403}
    assert final(app) == []


@pytest.mark.settings(SHARELM_REVIEW="auto", SHARELM_HOLD_HOURS="0")
def test_with_auto_nothing_waits(rae: Reviewer, upload: Upload, run_job: Any, alice: str) -> None:
    upload(alice)
    run_job("anonymise")
    run_job("release")
    page = rae.get(PAGE).text
    assert "No release waits" in page
    assert "released: 1 conversation" in page
    assert rae.post(f"{PAGE}/2026.1.0/approve", manifest="0" * 64).status_code == 409
