"""What the anonymiser did, summed over a release: in the card, in the manifest, and nothing of anybody's words."""

from __future__ import annotations

import json

import pytest

from sharelm.jobs import clock, workshop
from sharelm.release.build import draft_release
from sharelm.release.redactions import sum_redactions

LOGS = [
    ('{"EMAIL_ADDRESS": 2, "URL": 1}', '{"EMAIL_ADDRESS": 1, "URL": 1}', "2", True, 3),
    ('{"EMAIL_ADDRESS": 1}', '{"EMAIL_ADDRESS": 2}', "3", False, 1),
    (None, None, "2", None, 2),
]


def test_it_sums_places_and_gathers_versions() -> None:
    assert sum_redactions(LOGS).facts() == {
        "places": {"EMAIL_ADDRESS": 7, "URL": 3},
        "detector_versions": {"EMAIL_ADDRESS": [1, 2], "URL": [1]},
        "anonymiser_versions": {"2": 5, "3": 1},
        "with_names": 3,
    }


@pytest.mark.parametrize(("logs", "words"), [(LOGS, "3 of 6"), (LOGS[:1], "A language model looked"), (LOGS[1:], "rules and lists alone")])
def test_it_says_whether_names_ran(logs, words) -> None:
    assert words in sum_redactions(logs).names_sentence()


@pytest.mark.settings(SHARELM_HOLD_HOURS="0", SHARELM_NAMES="off")
def test_the_card_and_the_manifest_say_what_was_replaced(app, client, upload, run_job, tmp_path, alice, bob):
    upload(alice, user=["anna@example.org at 84.12.7.200"])
    upload(bob, user=["bob@example.org"])
    run_job("anonymise")
    draft_release(workshop(app.server), "v1", tmp_path / "out", now=clock())
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    card = (tmp_path / "out/README.md").read_text()
    assert manifest["redactions"]["places"] == {"EMAIL_ADDRESS": 2, "IP_ADDRESS": 1}
    assert manifest["redactions"]["with_names"] == 0
    assert "| EMAIL\\_ADDRESS | 2 |" in card
    assert "rules and lists alone" in card
    assert client.get("/readyz").json["names"] == "off"
