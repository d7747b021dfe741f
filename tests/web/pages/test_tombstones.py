"""The public list of withdrawals: streamed, open to every page, kept a minute, and silent while an undo is possible."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.engine import write
from sharelm.store.tombstone import BATCH, tombstone
from sharelm.web.current import now
from tests.web.pages.conftest import Browser
from tests.web.pages.test_receipts import end_undo

PATH = "/releases/tombstones.jsonl"


def mark(number: int, **changed: object) -> dict[str, object]:
    day = f"2026-11-{1 + number % 3:02}"
    facts = {"public_id": f"{number:032x}", "first_release": "v1", "last_release": "v2", "withdrawn_on": day, "reason": "withdrawn"}
    return facts | {"shown_after": now()} | changed


def test_it_is_empty_at_first_and_open_to_every_page(client: FlaskClient) -> None:
    answer = client.get(PATH)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert answer.content_type.startswith("application/x-ndjson")
    assert "Set-Cookie" not in answer.headers


def test_it_lists_each_once_by_day_and_id_however_many(app: ShareLM, client: FlaskClient) -> None:
    with write(app.server.engine) as connection:
        connection.execute(tombstone.insert(), [mark(number) for number in range(2 * BATCH + 1)])
    answer = client.get(PATH)
    assert answer.is_streamed
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert len(found) == len({row["public_id"] for row in found}) == 2 * BATCH + 1
    places = [(row["date"], row["public_id"]) for row in found]
    assert places == sorted(places)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_is_silent_while_an_undo_is_possible_and_after_one(
    app: ShareLM,
    client: FlaskClient,
    inside: Callable[[str], Browser],
    upload: Callable[..., TestResponse],
    run_job: Callable[[str], object],
    alice: str,
) -> None:
    visitor = inside(alice)
    upload(alice, "c-2")
    for name in ("anonymise", "release"):
        run_job(name)
    public_id = visitor.public_ids()[0]
    visitor.post(f"/conversations/{public_id}/withdraw")
    assert client.get(PATH).data == b""
    visitor.post(f"/conversations/{public_id}/restore")
    with write(app.server.engine) as connection:
        assert connection.execute(tombstone.select()).all() == []
    visitor.post(f"/conversations/{public_id}/withdraw")
    with write(app.server.engine) as connection:
        connection.execute(tombstone.update().values(shown_after=now() - timedelta(seconds=1)))
    end_undo(app)
    assert json.loads(client.get(PATH).data)["public_id"] == public_id
    assert alice not in client.get(PATH).text
