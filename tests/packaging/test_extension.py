"""The extension as a zip: the same bytes for the same settings, and in each browser only its own keys."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from sharelm import create_app
from sharelm.config import EXTENSION, Config
from sharelm.packaging.extension import BrowserKind, Package, host_pattern, package_files, zip_extension
from tests import processes

SOURCE_MANIFEST = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture
def package(tmp_path: Path) -> Package:
    environment = {"SHARELM_PUBLIC_URL": "https://heron.example:8443", "SHARELM_STUDY": "Heron study", "SHARELM_HOLD_HOURS": "48"}
    return create_app(Config.from_environment({**environment, "SHARELM_INSTANCE": str(tmp_path)})).server.package


def manifest(package: Package, browser: BrowserKind) -> dict[str, object]:
    return json.loads(package_files(EXTENSION, package, browser)["manifest.json"])  # type: ignore[no-any-return]


def test_the_same_settings_give_the_same_bytes(package: Package, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(EXTENSION, copy, copy_function=shutil.copyfile)
    (copy / ".DS_Store").write_text("of the person who packs it")
    assert zip_extension(copy, package, BrowserKind.CHROMIUM) == zip_extension(EXTENSION, package, BrowserKind.CHROMIUM)
    assert zip_extension(EXTENSION, replace(package, study="x"), BrowserKind.CHROMIUM) != zip_extension(EXTENSION, package, BrowserKind.CHROMIUM)


def test_every_file_is_there_under_its_name_and_without_a_time(package: Package) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_extension(EXTENSION, package, BrowserKind.FIREFOX))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == sorted(path.relative_to(EXTENSION).as_posix() for path in EXTENSION.rglob("*") if path.is_file())
    assert {"manifest.json", "config.json", "platforms.json"} <= set(names)


def test_only_what_belongs_to_the_server_differs_from_the_source(package: Package) -> None:
    files = package_files(EXTENSION, package, BrowserKind.CHROMIUM)
    changed = {name for name, content in files.items() if (EXTENSION / name).read_bytes() != content}
    assert changed == {"manifest.json", "config.json", "consent/texts.json"}


def test_it_says_whose_it_is(package: Package) -> None:
    config = json.loads(package_files(EXTENSION, package, BrowserKind.CHROMIUM)["config.json"])
    assert config == {
        "server": "https://heron.example:8443",
        "study": "Heron study",
        "operator": "the operator of this server",
        "contact": "",
        "licence": "CC-BY-4.0",
        "hold_hours": 24,
        "release_hold_hours": 48,
        "consent_version": package.consent_version,
    }


def test_it_carries_the_terms_in_every_language(package: Package) -> None:
    packaged = json.loads(package_files(EXTENSION, package, BrowserKind.CHROMIUM)["consent/texts.json"])
    assert packaged["version"] == package.consent_version
    assert set(packaged["texts"]) == {"en", "it"}
    for text in packaged["texts"].values():
        assert hashlib.sha256(text["text"].encode()).hexdigest() == text["sha256"]
        assert "https://heron.example:8443" in text["text"]


@pytest.mark.parametrize("browser", list(BrowserKind))
def test_it_may_call_its_server_and_no_other(package: Package, browser: BrowserKind) -> None:
    made = manifest(package, browser)
    assert made["host_permissions"] == ["https://heron.example/*"]
    same = {name for name in SOURCE_MANIFEST if made.get(name) == SOURCE_MANIFEST[name]}
    assert set(SOURCE_MANIFEST) - same <= {"host_permissions", "background", "minimum_chrome_version", "storage", "browser_specific_settings"}
    assert set(made) <= set(SOURCE_MANIFEST)


def test_each_browser_gets_its_own_keys(package: Package) -> None:
    chromium, firefox = manifest(package, BrowserKind.CHROMIUM), manifest(package, BrowserKind.FIREFOX)
    assert chromium["background"] == {"service_worker": "background.js", "type": "module"}
    assert firefox["background"] == {"scripts": ["background.js"], "type": "module"}
    assert "minimum_chrome_version" in chromium and "browser_specific_settings" not in chromium
    assert "browser_specific_settings" in firefox and "minimum_chrome_version" not in firefox


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1/*"), ("https://heron.example", "https://heron.example/*"), ("http://[::1]:8000", "http://[::1]/*"),
    ],
)  # fmt: skip
def test_the_host_is_named_without_its_port(address: str, pattern: str) -> None:
    assert host_pattern(address) == pattern


def test_it_is_written_by_hand_too(tmp_path: Path) -> None:
    def write(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"SHARELM_INSTANCE": str(tmp_path / "instance"), "SHARELM_PUBLIC_URL": "https://heron.example"}
        return processes.flask("extension", "write", str(tmp_path / "out"), *arguments, environment=environment)

    assert write("--browser", "firefox").returncode == 0
    assert json.loads((tmp_path / "out/manifest.json").read_text())["host_permissions"] == ["https://heron.example/*"]
    again = write()
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "instance").exists()
