"""The card of a release: a datasheet that says what the numbers say, and nothing about fewer than ten people."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import yaml

from sharelm.config import CHECKOUT
from sharelm.jobs import clock, workshop
from sharelm.release.build import build_release, draft_release
from sharelm.release.charts import bars
from sharelm.release.told import consent_versions, shown_kinds

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0", SHARELM_OPERATOR='The "Open" Lab: Bread & Co')
HEADINGS = [
    "Why it was made",
    "What a row is",
    "How it was collected",
    "How it was anonymised",
    "Licences",
    "What it is good for, and what not",
    "How it is kept",
]


@pytest.fixture
def draft(app, run_job, tmp_path):
    """The folder of what would be released now."""

    def write():
        run_job("anonymise")
        draft_release(workshop(app.server), "2026.11.0", tmp_path / "out", now=clock())
        return tmp_path / "out"

    return write


def person(number):
    return f"Contributor-number-{number:03d}-with-a-long-id"


def test_a_model_is_named_from_ten_contributors_on(upload, draft):
    for number in range(9):
        upload(person(number), f"c-{number}", page_url="https://nine-many-chat.hf.space/")
    for number in range(10):
        upload(person(number), f"d-{number}", page_url="https://ten-many-chat.hf.space/")
    for number in range(12):
        upload(person(0), f"e-{number}", page_url="https://one-alone-chat.hf.space/")
    card = (draft() / "README.md").read_text()
    table = card.partition("### Models")[2].partition("###")[0]
    assert "| ten\\-many\\-chat | 10 |" in table
    assert "| unknown or other | 21 |" in table
    assert "nine" not in table
    assert "one" not in table


def test_kinds_are_counted_by_people():
    nine = [(number, "rare", "it", None, "v1") for number in range(9)]
    assert shown_kinds([*nine, *((0, "rare", language, "hf", "v2") for language in "abc")]) == dict.fromkeys(
        ("models", "languages", "platforms"), frozenset()
    )
    assert shown_kinds([*nine, (9, "rare", "en", "hf", "v1")])["models"] == {"rare"}
    assert consent_versions([*nine, (1, None, None, None, "v0")]) == ("v0", "v1")


def test_it_answers_the_questions_of_a_datasheet(upload, draft, app, client, alice, bob):
    upload(alice, user=["anna@example.org"], conversation_metadata={"message_ratings": [1], "rate": "thumbdown"})
    upload(bob)
    folder = draft()
    card, manifest = (folder / "README.md").read_text(), json.loads((folder / "manifest.json").read_text())
    assert all(f"\n## {heading}\n" in card for heading in HEADINGS)
    assert "$" not in card
    assert "| of whole conversations | 0 | 1 |" in card
    assert "| of single answers | 1 | 0 |" in card
    assert manifest["consent_versions"] == ["sharelm-plugin"]
    assert "`sharelm-plugin`" in card
    assert f"| {manifest['anonymiser_version']} | 2 |" in card
    assert "No conversation of an earlier release was withdrawn" in card


def test_it_has_charts_with_the_numbers_of_its_tables(upload, draft, client):
    for number in range(10):
        upload(person(number), f"c-{number}", page_url="https://a-b.hf.space/")
    folder = draft()
    card = (folder / "README.md").read_text()
    assert {path.stem for path in (folder / "charts").iterdir()} == {"models", "languages", "platforms", "months", "ratings"}
    for kind, label in (("models", "a-b"), ("languages", None), ("platforms", None), ("months", "2026-")):
        chart = ElementTree.parse(folder / "charts" / f"{kind}.svg")
        texts = [text.text for text in chart.iter("{http://www.w3.org/2000/svg}text")]
        assert f"(charts/{kind}.svg)" in card
        assert texts[0] == f"Conversations by {kind.removesuffix('s')}"
        assert "10" in texts
        assert label is None or any(label in text for text in texts)


@pytest.mark.parametrize("counts", [{}, {"<script>&": 3}, {"a" * 60: 0, "b": 7}])
def test_a_chart_is_well_formed_whatever_is_in_it(counts):
    texts = [text.text for text in ElementTree.fromstring(bars("Conversations & more", counts)).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "Conversations & more"
    assert [int(text) for text in texts[2::2]] == list(counts.values())


def test_withdrawals_since_the_last_release_are_counted_once(app, client, upload, run_job, alice, bob):
    upload(alice)
    upload(bob, "c-2")
    upload(bob, "c-3")
    counted = []
    for number in range(3):
        run_job("anonymise")
        build_release(workshop(app.server), f"v{number}", now=clock() + timedelta(seconds=number))
        manifest = json.loads((app.server.releases_folder / f"v{number}" / "manifest.json").read_text())
        counted.append(manifest["withdrawn_since_previous"])
        if number == 0:
            client.delete("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
            build_now = (app.server.releases_folder / "v0" / "README.md").read_text()
            assert "No conversation of an earlier release was withdrawn" in build_now
    assert counted == [0, 1, 0]
    assert "1 conversation of earlier releases was withdrawn" in (app.server.releases_folder / "v1" / "README.md").read_text()


def test_it_is_cited_as_the_citation_file_says(upload, draft, alice):
    upload(alice)
    cited = yaml.safe_load((draft() / "CITATION.cff").read_text())
    assert (cited["cff-version"], cited["type"], cited["version"]) == ("1.2.0", "dataset", "2026.11.0")
    assert cited["url"] == "http://127.0.0.1:8000/releases/2026.11.0"
    assert [author["name"] for author in cited["authors"]] == ["The contributors of ShareLM", 'The "Open" Lab: Bread & Co']
    assert {"message", "title", "license"} <= cited.keys()


def test_the_measured_quality_is_that_of_the_documentation():
    measured = (CHECKOUT / "docs/anonymisation.md").read_text()
    card = (CHECKOUT / "sharelm/release/card.md").read_text()
    rules, with_names = (
        re.search(rf"\| \*\*ours,? {name}\*\* \| \*\*(.+?)\*\* .*?\| \*\*(.+?)\*\* ", measured).groups()
        for name in ("rules alone", "with the model for names")
    )
    assert rules[0] == with_names[0]
    assert f"it left {rules[0]} of" in card
    assert f"{rules[1]} by rules alone and {with_names[1]} with the model for names" in card
