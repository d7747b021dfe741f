"""The architecture is a test: imports point down, and some libraries live in one room only."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORDS = {"vocabulary", "errors", "config", "crontab", "keys", "passages", "signatures"}
OF_WORDS = {"signatures": {"cryptography"}}  # nobody writes Ed25519 by hand; receipts and releases need it, and stages do not import each other
STORE = {"store"}
STAGES = {"consent", "download", "identity", "ingest", "anonymise", "quality", "review", "release", "withdraw", "packaging", "figures", "collection"}
EDGES = {"server", "web", "collected", "jobs", "scheduler", "cli", "demo"}
# Which edge may use which: the server is what they share; jobs are run by the scheduler, by hand and by the demo; releases take the collection along.
EDGE_IMPORTS = {
    "server": set(),
    "web": {"server"},
    "collected": set(),
    "jobs": {"server", "collected"},
    "scheduler": {"server", "jobs"},
    "demo": {"server", "jobs"},
    "cli": {"server", "jobs", "scheduler", "demo"},
}
# The collection writes the same schema as a release; there is one.
SHARED_SCHEMA = {"collection": {"sharelm.release.schema", "sharelm.release.layout", "sharelm.release.columns"}}
ROOMS_OF_LIBRARIES = {
    "flask": EDGES | {""},
    "flask_sqlalchemy": {"store"},
    "flask_migrate": {"server", ""},
    "click": {"cli"},
    "apscheduler": {"scheduler"},
    "huggingface_hub": {"release", "collection"},
    "dask": {"collection"},
    "distributed": {"collection"},
    "scrubadub": {"anonymise"},
    "phonenumbers": {"anonymise"},
    "hyperscan": {"anonymise"},
    "py3langid": {"anonymise"},
    "datasketch": {"quality"},
    "pydantic": {"ingest", "web"},
    "pydantic_core": {"store", "web"},
    "pyarrow": {"release", "store", "collection"},
    "cryptography": {"signatures"},
    "rfc8785": {"withdraw"},
    "ijson": {"ingest"},
    "markdown_it": {"web"},
    "nh3": {"web"},
    "babel": {"web", "ingest"},
    "flask_babel": {"web"},
}


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "sharelm").parts[0].removesuffix(".py").replace("__init__", "")


def our_rooms(modules: set[str]) -> set[str]:
    parts = (module.split(".") for module in modules if module.startswith("sharelm."))
    known = WORDS | STORE | STAGES | EDGES
    return {part[1] for part in parts if part[1] in known}


FILES = sorted((ROOT / "sharelm").rglob("*.py"))


def allowed(room: str) -> set[str]:
    if room == "":
        return WORDS | STORE | EDGES
    if room in WORDS:
        return {"errors", "crontab"} if room == "config" else set()
    if room in STORE:
        return WORDS | STORE
    if room in STAGES:
        return WORDS | STORE | {room}
    return WORDS | STORE | STAGES | {room} | EDGE_IMPORTS[room]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_only_what_lies_below(path):
    room = room_of(path)
    assert room in {""} | WORDS | STORE | STAGES | EDGES, "a room that this test does not know: say where it stands"
    used = {module for module in imports_of(path) if not module.startswith(tuple(SHARED_SCHEMA.get(room, ())) or ("-",))}
    assert our_rooms(used) <= allowed(room)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_keeps_libraries_in_their_rooms(path):
    used = {module.split(".")[0] for module in imports_of(path)}
    assert [library for library in used & set(ROOMS_OF_LIBRARIES) if room_of(path) not in ROOMS_OF_LIBRARIES[library]] == []


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) in WORDS], ids=lambda path: path.name)
def test_words_need_only_the_standard_library(path):
    foreign = {module.split(".")[0] for module in imports_of(path)} - set(sys.stdlib_module_names) - {"sharelm"}
    assert foreign <= OF_WORDS.get(room_of(path), set())


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) in STAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_stages_read_no_clock_and_no_environment(path):
    text = path.read_text(encoding="utf-8")
    for word in ("datetime.now", "utcnow", "os.environ", "current_app", "flask.g"):
        assert word not in text


def test_pages_and_commands_start_without_the_heavy_libraries():
    told = subprocess.run(
        [sys.executable, "-c", "import json, sys, app; print(json.dumps(sorted(sys.modules)))"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert {"pyarrow", "numpy", "pandas", "scrubadub", "spacy", "datasketch", "dask"} & set(json.loads(told.stdout)) == set()
