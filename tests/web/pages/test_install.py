"""Install the extension: the page that says how, and the two zips."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from flask.testing import FlaskClient

from sharelm import ShareLM
from sharelm.config import EXTENSION
from sharelm.packaging.extension import BrowserKind, zip_extension

pytestmark = pytest.mark.one_database

ZIPS = {"/extension.zip": BrowserKind.CHROMIUM, "/extension-firefox.zip": BrowserKind.FIREFOX}


@pytest.mark.parametrize("path", ZIPS)
def test_it_hands_out_the_extension_made_out_to_this_server(app: ShareLM, client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=sharelm-{ZIPS[path]}.zip"
    assert answer.data == client.get(path).data == zip_extension(EXTENSION, app.server.package, ZIPS[path])
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.settings(SHARELM_STUDY="Heron study", SHARELM_OPERATOR="Heron Library", SHARELM_PUBLIC_URL="https://localhost:8443")
def test_the_zip_carries_what_the_server_says(client: FlaskClient) -> None:
    site = client.get("/.well-known/sharelm.json").json
    with zipfile.ZipFile(io.BytesIO(client.get("/extension.zip").data)) as archive:
        config, manifest = json.loads(archive.read("config.json")), json.loads(archive.read("manifest.json"))
        terms = json.loads(archive.read("consent/texts.json"))
    assert site is not None
    assert (config["server"], config["study"], config["operator"]) == (site["address"], site["name"], "Heron Library")
    assert (config["hold_hours"], config["consent_version"]) == (site["hold_hours"], site["consent"]["version"])
    assert manifest["host_permissions"] == ["https://localhost/*"]
    for language, text in terms["texts"].items():
        shown = client.get(f"/api/v1/consent?language={language}").json
        assert shown is not None
        assert (shown["text"], shown["version"]) == (text["text"], terms["version"])


def test_the_page_offers_both_and_is_honest_about_firefox(client: FlaskClient) -> None:
    page = client.get("/install").text
    assert 'href="/extension.zip"' in page
    assert 'href="/extension-firefox.zip"' in page
    assert "Firefox itself installs only add-ons that Mozilla has signed, and this file is not signed." in page
    assert "Every message waits 24 hours on your device" in page


def test_the_page_names_every_platform_of_the_package(client: FlaskClient) -> None:
    page = client.get("/install").text
    for platform in json.loads((EXTENSION / "platforms.json").read_text(encoding="utf-8"))["platforms"]:
        assert f"<strong>{platform['name']}</strong>" in page


def test_every_part_that_is_linked_is_there(client: FlaskClient) -> None:
    page = client.get("/install").text
    assert set(re.findall(r'href="#([a-z]+)"', page)) <= set(re.findall(r'id="([a-z]+)"', page))


@pytest.mark.parametrize("path", ["/", "/faq", "/terms", "/login"])
def test_people_find_it(client: FlaskClient, path: str) -> None:
    assert 'href="/install"' in client.get(path).text


@pytest.mark.parametrize("path", ["/install", *ZIPS])
def test_it_takes_no_other_method(client: FlaskClient, path: str) -> None:
    assert client.put(path).status_code in {403, 405}
