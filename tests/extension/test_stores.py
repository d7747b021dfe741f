"""What the stores are told is what the package is: texts, permissions, and what Mozilla's own check finds."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sharelm.config import CHECKOUT
from tests.extension.conftest import SOURCE, build

LISTING = (CHECKOUT / "docs/stores/listing.md").read_text(encoding="utf-8")
MANIFEST = json.loads((SOURCE / "manifest.json").read_text())
WEB_EXT = CHECKOUT / ".pytest_cache/web-ext/node_modules/.bin/web-ext"


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_listing_has_the_name_and_the_summary_of_the_package(language: str) -> None:
    messages = json.loads((SOURCE / f"_locales/{language}/messages.json").read_text())
    name, summary = messages["name"]["message"], messages["description"]["message"]
    assert f"| {name} |" in LISTING
    assert f"| {summary} |" in LISTING
    assert len(name) <= 75
    assert len(summary) <= 132


def test_every_permission_is_justified_and_no_other() -> None:
    table = LISTING.split("## Permissions, and why")[1].split("## Data use")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE)) == set(MANIFEST["permissions"])
    assert ("optional host permissions" in table) == ("optional_host_permissions" in MANIFEST)


def test_mozillas_check_finds_no_error(tmp_path: Path, server: str) -> None:
    program = next((str(path) for path in (os.environ.get("WEB_EXT"), WEB_EXT, shutil.which("web-ext")) if path and Path(path).exists()), None)
    if program is None:
        pytest.skip("web-ext is not there: `make test-ui` installs it where npm is, or name yours in WEB_EXT")
    package = build(tmp_path / "package", server, "extension-firefox.zip")
    command = [program, "lint", "--source-dir", str(package), "--output", "json", "--no-config-discovery"]
    told = subprocess.run(command, check=False, capture_output=True, timeout=120)  # it fails on warnings, too
    found = json.loads(told.stdout[told.stdout.index(b"{") :])
    assert found["errors"] == []
    # The check takes the object that wraps the browser's interfaces for an interface of its own.
    assert {warning["code"] for warning in found["warnings"]} <= {"UNSUPPORTED_API", "KEY_FIREFOX_ANDROID_UNSUPPORTED_BY_MIN_VERSION"}
