"""The browser extension as a zip: the folder `extension/` with this server's address, name and terms in it.

The same settings give the same bytes, so that a copy can be compared with what the server hands out.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell
READABLE = 0o100644 << 16
UNIX = 3


class BrowserKind(StrEnum):
    """One manifest is kept in the source; each kind complains about a key that is the other's."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


FOREIGN_KEYS = {BrowserKind.CHROMIUM: {"browser_specific_settings"}, BrowserKind.FIREFOX: {"minimum_chrome_version", "storage"}}
FOREIGN_BACKGROUND = {BrowserKind.CHROMIUM: {"scripts"}, BrowserKind.FIREFOX: {"service_worker"}}


@dataclass(frozen=True, slots=True)
class PackagedText:
    """A consent text in one language."""

    language: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Package:
    """What the extension carries of one server. `hold_hours` on the device before sending, `release_hold_hours` on the server after it."""

    address: str
    study: str
    operator: str
    contact: str
    licence: str
    hold_hours: int
    release_hold_hours: int
    consent_version: str
    texts: tuple[PackagedText, ...]


def zip_extension(source: Path, package: Package, browser: BrowserKind) -> bytes:
    """The extension in `source`, made out to one server and one kind of browser."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(package_files(source, package, browser).items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.external_attr, entry.create_system, entry.compress_type = READABLE, UNIX, zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def package_files(source: Path, package: Package, browser: BrowserKind) -> dict[str, bytes]:
    """Every file by its path in the zip. Hidden files stay behind."""
    paths = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    files = {path.as_posix(): (source / path).read_bytes() for path in paths if not any(part.startswith(".") for part in path.parts)}
    manifest = make_manifest(json.loads(files["manifest.json"]), package.address, browser)
    return files | {
        "manifest.json": as_json(manifest),
        "config.json": as_json(make_config(package)),
        "consent/texts.json": as_json(make_texts(package)),
    }


def make_manifest(manifest: dict[str, Any], address: str, browser: BrowserKind) -> dict[str, Any]:
    kept = {name: value for name, value in manifest.items() if name not in FOREIGN_KEYS[browser]}
    background = {name: value for name, value in manifest["background"].items() if name not in FOREIGN_BACKGROUND[browser]}
    return kept | {"background": background, "host_permissions": [host_pattern(address)]}


def host_pattern(address: str) -> str:
    """The server's host and nothing else. Patterns have no port: Firefox refuses one."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}/*"


def make_config(package: Package) -> dict[str, Any]:
    return {
        "server": package.address,
        "study": package.study,
        "operator": package.operator,
        "contact": package.contact,
        "licence": package.licence,
        "hold_hours": package.hold_hours,
        "release_hold_hours": package.release_hold_hours,
        "consent_version": package.consent_version,
    }


def make_texts(package: Package) -> dict[str, Any]:
    return {"version": package.consent_version, "texts": {text.language: {"sha256": text.sha256, "text": text.text} for text in package.texts}}


def as_json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
