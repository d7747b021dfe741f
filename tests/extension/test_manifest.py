"""What the package asks for and what it holds: the narrowest permissions, one author, no surprises."""

from __future__ import annotations

import io
import json
import re
import urllib.request
import zipfile
from pathlib import Path

import pytest

from sharelm import create_app
from sharelm.config import Config
from sharelm.ingest.platforms import PLATFORMS
from sharelm.packaging.extension import BrowserKind, package_files
from tests.extension.conftest import SOURCE, build

MANIFEST = json.loads((SOURCE / "manifest.json").read_text())
PLATFORM_LIST = json.loads((SOURCE / "platforms.json").read_text())["platforms"]
SCRIPTS = sorted(SOURCE.rglob("*.js"))
MESSAGES = json.loads((SOURCE / "_locales/en/messages.json").read_text())


def test_it_asks_for_no_more_than_it_needs() -> None:
    assert set(MANIFEST["permissions"]) <= {"storage", "unlimitedStorage", "alarms", "scripting", "activeTab"}
    assert "web_accessible_resources" not in MANIFEST
    assert MANIFEST["incognito"] == "not_allowed"
    assert "<all_urls>" not in json.dumps(MANIFEST)
    assert "script-src 'self'" in MANIFEST["content_security_policy"]["extension_pages"]


def test_content_scripts_run_on_exactly_the_hosts_of_the_platforms() -> None:
    matches = [match for script in MANIFEST["content_scripts"] for match in script["matches"]]
    assert sorted(matches) == sorted(f"https://{host}/*" for platform in PLATFORM_LIST for host in platform["hosts"])
    assert all(script.get("all_frames", False) == any("hf.space" in match for match in script["matches"]) for script in MANIFEST["content_scripts"])


def test_the_server_knows_every_platform() -> None:
    assert {platform["id"] for platform in PLATFORM_LIST} <= {platform.id for platform in PLATFORMS}
    assert {platform["id"] for platform in PLATFORM_LIST if platform.get("selfHosted")} == {"gradio", "openwebui", "streamlit", "chainlit"}


def test_every_platform_has_hosts_or_may_be_on_any() -> None:
    assert all(platform["hosts"] or platform["selfHosted"] for platform in PLATFORM_LIST)


def test_every_platform_has_examples_of_each_generation() -> None:
    for platform in PLATFORM_LIST:
        pages = {example["page"].split("/")[1] for example in platform["examples"]}
        assert {"empty", "short", "rich", "long", "greeting", "streaming"} <= pages


def test_every_file_that_is_named_is_there() -> None:
    named = [path for script in MANIFEST["content_scripts"] for path in script["js"]]
    named += [MANIFEST["background"]["service_worker"], MANIFEST["action"]["default_popup"], *MANIFEST["icons"].values()]
    assert all((SOURCE / path).is_file() for path in named)


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_no_script_does_what_none_may_do(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for forbidden in (
        "Math.random",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "new Function",
        "storage.sync",
        "console.",
        "document.write",
    ):
        assert forbidden not in source
    assert not re.search(r"import[^;]*[\"']https?:", source)
    uses_network = re.search(r"\bfetch\((?!api\.runtime\.getURL)", source) or "XMLHttpRequest" in source or "sendBeacon" in source
    assert not uses_network or path.name == "server.js"


def test_every_text_that_is_used_is_there() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in [*SCRIPTS, *SOURCE.rglob("*.html")])
    used = set(re.findall(r"\btext\(\"([a-z]\w+)\"", source)) | set(re.findall(r"data-(?:text|label)=\"(\w+)\"", source))
    used |= {f"{name}_{form}" for name in re.findall(r"\bcount\(\"(\w+)\"", source) for form in ("one", "other")}
    assert used <= set(MESSAGES)


def test_both_languages_say_everything_with_the_same_values() -> None:
    italian = json.loads((SOURCE / "_locales/it/messages.json").read_text())
    assert set(italian) == set(MESSAGES)
    for name, entry in MESSAGES.items():
        assert italian[name].get("placeholders") == entry.get("placeholders")
        assert sorted(re.findall(r"\$[A-Z]+\$", italian[name]["message"])) == sorted(re.findall(r"\$[A-Z]+\$", entry["message"]))


def test_the_source_is_made_out_to_a_server_without_settings(tmp_path: Path) -> None:
    """`flask --app app extension write FOLDER` writes the two files anew where this fails."""
    app = create_app(Config.from_environment({"SHARELM_INSTANCE": str(tmp_path)}))
    files = package_files(SOURCE, app.server.package, BrowserKind.CHROMIUM)
    for name in ("config.json", "consent/texts.json"):
        assert json.loads((SOURCE / name).read_text()) == json.loads(files[name])


def test_the_tests_package_differs_from_the_shipped_one_in_its_key_only(tmp_path: Path, server: str) -> None:
    folder = build(tmp_path / "package", server)
    with urllib.request.urlopen(f"{server}/extension.zip") as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
        shipped = {name: archive.read(name) for name in archive.namelist()}
    tested = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert tested.keys() == shipped.keys()
    assert {name for name in tested if tested[name] != shipped[name]} == {"manifest.json"}
    ours, theirs = json.loads(tested["manifest.json"]), json.loads(shipped["manifest.json"])
    assert ours == {**theirs, "key": ours["key"]}
