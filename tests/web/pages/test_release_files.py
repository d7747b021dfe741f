"""The files of releases as programs fetch them: whole, in parts, from pages of any site, and those of deltas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlretrieve

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.engine import read
from sharelm.store.release import release
from tests.conftest import free_port, gunicorn

pytestmark = [pytest.mark.one_database, pytest.mark.settings(SHARELM_HOLD_HOURS="0")]


@pytest.fixture
def built(app: ShareLM, upload: Callable[..., TestResponse], run_job: Callable[[str], object], alice: str) -> Callable[[str], str]:
    """A release with one conversation more; its version."""

    def build(conversation_id: str) -> str:
        upload(alice, conversation_id)
        for name in ("anonymise", "release"):
            run_job(name)
        with read(app.server.engine) as connection:
            return str(connection.execute(select(release.c.version).order_by(release.c.version.desc())).scalars().first())

    return build


@pytest.fixture
def path(built: Callable[[str], str], client: FlaskClient) -> str:
    return parquet(client, built("c-1"))


def parquet(client: FlaskClient, version: str) -> str:
    manifest = json.loads(client.get(f"/releases/{version}/manifest.json").data)
    return next(f"/releases/{version}/{entry['path']}" for entry in manifest["files"] if entry["path"].startswith("default/"))


def test_the_tag_of_a_file_is_its_sha_256(client: FlaskClient, path: str) -> None:
    for address in (path, path.rsplit("/", 2)[0] + "/manifest.json"):
        whole = client.get(address)
        assert whole.headers["ETag"] == f'"{hashlib.sha256(whole.data).hexdigest()}"'
        assert client.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-3", slice(0, 4)), ("bytes=4-", slice(4, None)), ("bytes=-8", slice(-8, None)), ("bytes=0-99999999", slice(None)),
        ("bytes=-99999999", slice(None)),
    ],
)  # fmt: skip
def test_it_gives_the_part_that_is_asked_for(client: FlaskClient, path: str, asked: str, part: slice) -> None:
    whole = client.get(path).data
    answer = client.get(path, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, whole[part])
    first, last, _ = part.indices(len(whole))
    assert answer.headers["Content-Range"] == f"bytes {first}-{last - 1}/{len(whole)}"
    assert answer.content_length == len(answer.data)


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes", "bytes=b-a", "bytes=5-2", ""])
def test_it_gives_the_whole_where_it_cannot_tell_one_part(client: FlaskClient, path: str, asked: str) -> None:
    whole = client.get(path)
    answer = client.get(path, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, whole.data)
    assert whole.headers["Accept-Ranges"] == "bytes"


def test_it_says_how_long_a_file_is_that_ends_before_the_part(client: FlaskClient, path: str) -> None:
    size = len(client.get(path).data)
    for asked in (f"bytes={size}-", "bytes=-0"):
        answer = client.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
        assert answer.content_type == "application/problem+json"


def test_it_goes_on_with_a_part_only_of_the_same_file(client: FlaskClient, path: str) -> None:
    whole = client.get(path)
    for tag in (whole.headers["ETag"], whole.headers["Last-Modified"]):
        same = client.get(path, headers={"Range": "bytes=4-", "If-Range": tag})
        assert (same.status_code, same.data) == (206, whole.data[4:])
    for tag in ('"another"', f"W/{whole.headers['ETag']}", "Wed, 21 Oct 2037 07:28:00 GMT", "*"):
        other = client.get(path, headers={"Range": "bytes=4-", "If-Range": tag})
        assert (other.status_code, other.data) == (200, whole.data)


def test_a_file_that_is_not_the_one_that_was_meant_is_not_sent(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"If-Match": '"another"', "Range": "bytes=0-3"})
    assert (answer.status_code, answer.content_type) == (412, "application/problem+json")
    assert client.get(path, headers={"If-Match": client.get(path).headers["ETag"], "Range": "bytes=0-3"}).status_code == 206


def test_what_has_not_changed_is_not_sent_in_part_either(client: FlaskClient, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"Range": "bytes=0-3", "If-None-Match": etag}).status_code == 304


def test_it_says_how_long_a_file_is_without_sending_it(client: FlaskClient, path: str) -> None:
    size = len(client.get(path).data)
    for headers in ({}, {"Range": "bytes=0-3"}):
        answer = client.head(path, headers=headers)
        assert (answer.status_code, answer.data, answer.content_length) == (200, b"", size)
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"


def test_pages_of_any_site_may_read_them(client: FlaskClient, path: str) -> None:
    asked = client.options(path, headers={"Origin": "https://a.example", "Access-Control-Request-Headers": "range"})
    assert "Range" in asked.headers["Access-Control-Allow-Headers"]
    for answer in (asked, client.get(path), client.get(path + "x"), client.get("/releases/tombstones.jsonl")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]


def test_it_serves_the_delta_between_two_releases(client: FlaskClient, built: Callable[[str], str]) -> None:
    between = f"/releases/{built('c-1')}..{built('c-2')}"
    manifest = json.loads(client.get(f"{between}/manifest.json").data)
    for entry in manifest["files"]:
        assert hashlib.sha256(client.get(f"{between}/{entry['path']}").data).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("between", ["{0}..{0}", "{0}..", "..{0}", "{0}..{1}..{0}", "{1}..{0}", "{0}..9999.01.0"])
def test_it_knows_no_other_delta(client: FlaskClient, built: Callable[[str], str], between: str) -> None:
    versions = [built("c-1"), built("c-2")]
    assert client.get(f"/releases/{between.format(*versions)}/manifest.json").status_code == 404


def test_data_libraries_open_it_over_http(environment: dict[str, str], tmp_path: Path, path: str) -> None:
    import pandas
    from datasets import load_dataset

    with gunicorn({**environment, "PORT": str(free_port())}, tmp_path / "log") as server:
        assert len(pandas.read_parquet(server + path)) == 1
        fetched, _ = urlretrieve(server + path, tmp_path / "rows.parquet")
        rows = load_dataset("parquet", data_files=str(fetched), split="train", cache_dir=str(tmp_path / "cache"))
        assert rows[0]["conversation"][0]["role"] == "user"
