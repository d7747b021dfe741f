"""A sentinel text that is taken out by hand: in no column, index, log or file any more, and no later copy brings it back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sharelm.store.engine import read
from sharelm.store.tables import TABLES
from tests.released import newest, rows_in
from tests.test_privacy_boundary import files_with
from tests.web.pages.conftest import browser, inside
from tests.web.pages.test_correcting import delete_turn, hide
from tests.web.pages.test_rating import rate, tell

FIXTURES = (browser, inside)
NAME, TURN = "quuxella zanzibart", "sentinel-of-a-turn"
SENTINELS = ("quuxella", "Quuxella", "QUUXELLA", TURN)
# Long enough for pages of their own in the database file, so that freed pages are looked at too.
COPY = {"user": [f"I see {NAME}. " * 400, TURN * 400], "bot": [f"Yes, **QUUXELLA**\n{NAME.split()[1]}!", "bye"]}


@pytest.fixture
def left(app: Any, caplog: pytest.LogCaptureFixture) -> Callable[..., list[str]]:
    """Where anything of it is left: tables, files of the instance, log records."""
    caplog.set_level(logging.DEBUG)

    def look(*sentinels: str) -> list[str]:
        sentinels = sentinels or SENTINELS
        with read(app.server.engine) as connection:
            rows = {table.name: str(connection.execute(select(table)).all()) for table in TABLES}
        found = [name for name, text in rows.items() if any(sentinel in text for sentinel in sentinels)]
        found += files_with(Path(app.server.config.instance), *sentinels)
        return found + (["log"] if any(sentinel in caplog.text for sentinel in sentinels) else [])

    return look


def shown_of_it(visitor: Any) -> list[str]:
    """Where on its owner's pages, or in what can be had there, anything of it is seen."""
    (public_id,) = visitor.public_ids()
    names = ("", "/json", "/conversation.json", "/conversation.md", "/row.json")
    pages = ["/conversations", "/overview", *(f"/conversations/{public_id}{name}" for name in names)]
    seen = {path: visitor.get(path).text for path in pages}
    seen["selected"] = visitor.post("/conversations/download", id=public_id).text
    seen["places"] = (
        visitor.post(f"/conversations/{public_id}/hide", passage="am").text + visitor.post(f"/conversations/{public_id}/hide", passage="hello").text
    )
    return [path for path, text in seen.items() if any(sentinel in text for sentinel in SENTINELS)]


@pytest.mark.parametrize("jobs", [[], ["anonymise"], ["anonymise", "release"]])
@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_nothing_of_it_is_left_and_no_copy_brings_it_back(
    app: Any, upload: Any, inside: Any, run_job: Any, left: Any, alice: str, jobs: list[str]
) -> None:
    upload(alice, **COPY)
    for name in jobs:
        run_job(name)
    visitor = inside(alice)
    rate(visitor, "", "up")
    tell(visitor, "", f"It asked {NAME}")
    assert "conversation" in left()
    delete_turn(visitor)
    hide(visitor, NAME.upper())
    assert shown_of_it(visitor) == []
    run_job("purge")
    assert [place for place in left(TURN) if "parquet" not in place] == []
    run_job("anonymise")  # which the reason, at least, has waited for
    run_job("purge")
    assert [place for place in left() if "parquet" not in place] == []
    upload(alice, **COPY)
    upload(alice, user=[*COPY["user"], f"once more {NAME}"], bot=[*COPY["bot"], "yes"])
    assert shown_of_it(visitor) == []
    assert [place for place in left(TURN) if "parquet" not in place] == []
    run_job("anonymise")
    run_job("purge")
    assert [place for place in left() if "parquet" not in place] == []
    run_job("release")
    content = str(rows_in(newest(app.server.releases_folder)))
    assert "[HIDDEN_1]" in content
    assert not any(sentinel in content for sentinel in SENTINELS)


def test_uploads_and_jobs_at_the_same_time_bring_nothing_back(app: Any, upload: Any, inside: Any, run_job: Any, left: Any, alice: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tests.conftest import plugin_payload

    upload(alice, user=[f"I see {NAME}"], bot=["Hello"])
    visitor = inside(alice)

    def grow(number: int) -> int:
        texts = [f"{turn} of {NAME}" for turn in range(number)]
        payload = plugin_payload(alice, user=[f"I see {NAME}", *texts], bot=["Hello", *texts], conversation_metadata={"rate": "thumbdown"})
        return int(app.test_client().post("/api/endpoint", json=payload).status_code)

    with ThreadPoolExecutor(6) as threads:
        grown = [threads.submit(grow, number) for number in range(1, 13)]
        jobs = [threads.submit(run_job, "anonymise") for _ in range(3)]
        taken = threads.submit(lambda: {rate(visitor, "", "up").status_code, hide(visitor, NAME).status_code})
    assert {one.result() for one in grown} == {200}
    assert all(one.result() for one in jobs)
    assert taken.result() == {303}
    run_job("anonymise")
    run_job("purge")
    assert left() == []
    (public_id,) = visitor.public_ids()
    facts = visitor.get(f"/conversations/{public_id}/conversation.json").json
    assert facts["rating"] == 1
    assert [message["content"] for message in facts["messages"]].count("11 of [HIDDEN_1]") == 2
