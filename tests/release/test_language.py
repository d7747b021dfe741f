"""The language of a conversation in a release."""

from __future__ import annotations

import pytest

from tests.released import newest, rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")


def test_it_is_published_where_it_is_known(app, upload, run_job, alice):
    upload(alice, "c-1", user=["Warum geht mein Brot nicht auf?"])
    upload(alice, "c-2", user=["ok"], bot=["1"])
    for name in ("anonymise", "release"):
        run_job(name)
    rows = rows_in(newest(app.server.releases_folder))
    found = {row["conversation"][0]["content"]: row["conversation_metadata"]["language"] for row in rows}
    assert found == {"Warum geht mein Brot nicht auf?": "de", "ok": None}
