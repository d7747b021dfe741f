"""Releases: the list, one of them, its files."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.store.release import release
from tests.web.api.test_account import bearer

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")


@pytest.fixture
def version(app: ShareLM, upload: Callable[..., TestResponse], run_job: Callable[[str], object], alice: str, bob: str) -> str:
    """A release with a conversation of Alice's; Bob's is one-sided and left out."""
    upload(alice)
    upload(bob, bot=[])
    for name in ("anonymise", "release"):
        run_job(name)
    with read(app.server.engine) as connection:
        return str(connection.execute(select(release.c.version)).scalar_one())


def parquet(client: FlaskClient, version: str) -> str:
    """The address of the file with the one conversation, whichever split it is in."""
    manifest = json.loads(client.get(f"/releases/{version}/manifest.json").data)
    return next(f"/releases/{version}/{entry['path']}" for entry in manifest["files"] if entry["path"].startswith("default/"))


def test_it_says_so_when_there_is_none(client: FlaskClient) -> None:
    assert "No release yet" in client.get("/releases").text


def test_it_lists_the_newest_first(
    client: FlaskClient, version: str, upload: Callable[..., TestResponse], run_job: Callable[[str], object], bob: str
) -> None:
    upload(bob, "c-2")
    for name in ("anonymise", "release"):
        run_job(name)
    page = client.get("/releases").text
    newer = version[:-1] + "1"
    assert page.index(f"Release {newer}") < page.index(f">{version}</a>")
    assert "Replaced by a newer one" in client.get(f"/releases/{version}").text
    assert "Newest" in client.get(f"/releases/{newer}").text


def test_it_shows_what_is_in_it(client: FlaskClient, version: str) -> None:
    page = client.get(f"/releases/{version}").text
    assert "only one side recorded" in page
    assert "CC-BY-4.0" in page
    manifest = json.loads(client.get(f"/releases/{version}/manifest.json").data)
    for entry in manifest["files"]:
        assert entry["sha256"] in page
        assert f'href="/releases/{version}/{entry["path"]}"' in page


def test_it_shows_the_first_rows_without_what_was_taken_back(
    client: FlaskClient, version: str, upload: Callable[..., TestResponse], run_job: Callable[[str], object], bob: str, alice: str
) -> None:
    upload(bob, "c-2", user=["What rises by itself?"])
    for name in ("anonymise", "release"):
        run_job(name)
    newer = f"/releases/{version[:-1]}1"
    page = client.get(newer).text
    assert "Why does my bread not rise?" in page
    assert "What rises by itself?" in page
    client.delete("/api/v1/conversations/c-2", headers=bearer(bob))
    page = client.get(newer).text
    assert "What rises by itself?" not in page
    assert "Why does my bread not rise?" in page


def test_it_shows_no_row_in_a_form_that_was_corrected(app: ShareLM, client: FlaskClient, version: str) -> None:
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(content_hash="another", published_hash=None))
    assert "Why does my bread not rise?" not in client.get(f"/releases/{version}").text


def test_it_says_what_has_changed_since_the_one_before(
    client: FlaskClient, version: str, upload: Callable[..., TestResponse], run_job: Callable[[str], object], bob: str
) -> None:
    assert "Since " not in client.get(f"/releases/{version}").text
    upload(bob, "c-2", user=["What is salt?"], bot=["A mineral."])
    for name in ("anonymise", "release"):
        run_job(name)
    page = client.get(f"/releases/{version[:-1]}1").text
    assert f"Since {version}" in page
    assert "<dt>Added</dt><dd>1 conversation</dd><dt>Changed</dt><dd>0 conversations</dd><dt>Gone</dt><dd>0 conversations</dd>" in page
    assert f"/releases/{version}..{version[:-1]}1/manifest.json" in page


def test_it_counts_by_name_from_ten_people_on(client: FlaskClient, upload: Callable[..., TestResponse], run_job: Callable[[str], object]) -> None:
    for number in range(10):
        upload(f"{number}-user-ID_0123456789abcdefghijklmnopqrstu")
    for name in ("anonymise", "release"):
        run_job(name)
    version = re.search(r"/releases/(\d[^\"]*)", client.get("/releases").text)[1]
    counts = client.get(f"/releases/{version}/manifest.json").json["counts"]
    assert counts["platforms"] == {"gradio": 10}
    assert counts["months"] == {"2026-06": 10}
    page = client.get(f"/releases/{version}").text
    assert "Gradio and Spaces" in page
    assert "Jun 2026" in page


def test_it_shows_a_release_whose_manifest_says_less(app: ShareLM, client: FlaskClient, version: str) -> None:
    """As those have that were built before the counts were there."""
    place = app.server.releases_folder / version / "manifest.json"
    facts = json.loads(place.read_text())
    place.write_text(json.dumps({name: value for name, value in facts.items() if name not in {"counts", "thumbs", "previous"}}))
    assert client.get(f"/releases/{version}").status_code == 200


def test_it_serves_the_files_as_the_manifest_says(client: FlaskClient, version: str) -> None:
    manifest = json.loads(client.get(f"/releases/{version}/manifest.json").data)
    for entry in manifest["files"]:
        answer = client.get(f"/releases/{version}/{entry['path']}")
        assert hashlib.sha256(answer.data).hexdigest() == entry["sha256"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert pq.read_table(io.BytesIO(client.get(parquet(client, version)).data)).num_rows == 1


@pytest.mark.parametrize(
    "name", ["", "nothing", "../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/sharelm.sqlite3", "default", "default/", "%00", ".hidden"]
)
def test_it_serves_nothing_else(client: FlaskClient, version: str, name: str) -> None:
    assert client.get(f"/releases/{version}/{name}").status_code in {404, 308}


@pytest.mark.parametrize("name", ["draft", ".building-x", "..", "%2e%2e", "%00", "x" * 65, "é"])
def test_it_does_not_know_what_is_not_registered(app: ShareLM, client: FlaskClient, name: str) -> None:
    for folder in ("draft", ".building-x"):
        (app.server.releases_folder / folder).mkdir()
        (app.server.releases_folder / folder / "manifest.json").write_text('{"files": []}')
    assert client.get(f"/releases/{name}").status_code == 404
    assert client.get(f"/releases/{name}/manifest.json").status_code == 404


@pytest.mark.parametrize("left", [None, "[]", "{}", "[" * 100_000, "no JSON"])
def test_it_says_so_when_the_files_are_gone(app: ShareLM, client: FlaskClient, version: str, left: str | None) -> None:
    path = parquet(client, version)
    (app.server.releases_folder / version / "manifest.json").unlink()
    if left is not None:
        (app.server.releases_folder / version / "manifest.json").write_text(left)
    assert client.get("/releases").status_code == 200
    assert client.get(f"/releases/{version}").status_code == 404
    assert client.get(f"/releases/{version}/manifest.json").status_code == 404
    assert client.get(path).status_code == 404


def test_it_takes_no_other_method(client: FlaskClient, version: str) -> None:
    assert client.delete(f"/releases/{version}").status_code in {403, 405}
