"""`toxic` and `near_dup_group` in releases, on both databases: who judged, what a group may tell, and that deltas stay exact."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sharelm import ShareLM, __version__
from sharelm.jobs import clock, workshop
from sharelm.release.build import build_release, is_due
from sharelm.release.delta import apply_delta
from sharelm.release.gate import find_obstacles
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from tests.quality.test_checking import ANSWER, NEARLY, OTHER, QUESTION
from tests.release.made import row, write_release
from tests.released import newest, rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")


@pytest.fixture
def build(app: ShareLM) -> Any:
    def make() -> Path:
        version = build_release(workshop(app.server), None, now=clock() + timedelta(seconds=1)).version
        return app.server.releases_folder / version

    return make


def told(folder: Path) -> dict[str, tuple[bool | None, str | None]]:
    """By the first words of the conversation."""
    return {one["conversation"][0]["content"][:8]: (one["toxic"], one["near_dup_group"]) for one in rows_in(folder)}


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def judge(app: ShareLM, name: str, **values: Any) -> None:
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.client_id == name).values(**values))


def test_a_reviewers_word_beats_a_programs(app: ShareLM, upload: Any, run_job: Any, build: Any, alice: str) -> None:
    upload(alice, "one", user=["First, you are an asshole and you should know that by now"], bot=["I am sorry that you feel like this."])
    upload(alice, "two", user=["Second, please tell me how bread is baked in Italy"], bot=["With flour, water and a little patience."])
    upload(alice, "three", user=["!!"], bot=["?"])
    run_job("anonymise")
    first = build()
    assert told(first) == {"First, y": (True, None), "Second, ": (False, None), "!!": (None, None)}
    assert {one["conversation_metadata"]["toxic"] for one in rows_in(first, "sharelm_v0")} == {"True", "False", ""}
    judge(app, "one", toxic=False)
    assert is_due(workshop(app.server), now=clock(), is_final=True)
    second = build()
    assert told(second)["First, y"] == (False, None)
    assert {one["release"] for one in rows_in(second)} == {first.name, second.name}


def test_a_group_is_named_only_where_two_of_it_are_public(
    app: ShareLM, client: Any, upload: Any, run_job: Any, build: Any, alice: str, bob: str
) -> None:
    upload(alice, "one", user=[QUESTION], bot=[ANSWER])
    upload(alice, "other", user=[OTHER], bot=[ANSWER])
    upload(bob, "nearly", user=["Nearly: " + NEARLY], bot=[ANSWER])
    run_job("anonymise")
    judge(app, "nearly", stage="anonymised")
    first = build()
    assert {group for _, group in told(first).values()} == {None}
    judge(app, "nearly", stage="approved")
    second = build()
    found = told(second)
    assert found["Why does"][1] == found["Nearly: "][1] is not None
    assert found["Tell me "][1] is None
    client.delete("/api/v1/conversations/one", headers={"Authorization": f"Bearer {alice}"})
    third = build()
    assert {group for _, group in told(third).values()} == {None}
    for old, new in ((first, second), (second, third)):
        out = app.server.releases_folder.parent / "copies" / new.name
        apply_delta(old, app.server.releases_folder / f"{old.name}..{new.name}", out, code_version=__version__)
        assert digests(out) == digests(new)


def test_the_name_of_a_group_stays_the_same(app: ShareLM, upload: Any, run_job: Any, build: Any, alice: str, bob: str) -> None:
    upload(alice, "one", user=[QUESTION], bot=[ANSWER])
    upload(bob, "two", user=[QUESTION], bot=[ANSWER])
    run_job("anonymise")
    first = {one["near_dup_group"] for one in rows_in(build())}
    upload(alice, "three", user=[NEARLY], bot=[ANSWER])
    run_job("anonymise")
    build()
    second = [one["near_dup_group"] for one in rows_in(newest(app.server.releases_folder))]
    assert set(second) == first
    assert len(second) == 3
    assert not first & {one["conversation_id"].removeprefix("sharelm:") for one in rows_in(newest(app.server.releases_folder))}


def test_the_gate_lets_no_group_tell_of_others(app: ShareLM, tmp_path: Path) -> None:
    rows = [row(1, near_dup_group="a" * 32), row(2, near_dup_group="b" * 32), row(3, near_dup_group="b" * 32), row(4, near_dup_group="by Alice")]
    folder = write_release(tmp_path / "2026.1.0", "2026.1.0", [*rows, row(5)])
    found = " ".join(find_obstacles(folder, workshop(app.server).lookout))
    assert "2 × near_dup_group of one row" in found
    assert "1 × group of another form" in found
