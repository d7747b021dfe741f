"""What an extension asks before anything else: who the server is, and how chat pages are read."""

from __future__ import annotations

import copy
import json

import pytest

from sharelm.config import CHECKOUT
from sharelm.ingest.platforms import read_page
from sharelm.signatures import public_entry
from sharelm.withdraw.receipt import receipt_keys
from tests.web.api.test_account import agree, bearer

pytestmark = pytest.mark.one_database

SHIPPED = json.loads((CHECKOUT / "extension/platforms.json").read_text(encoding="utf-8"))
WELL_KNOWN = "/.well-known/sharelm.json"


def changed(**values):
    return copy.deepcopy(SHIPPED) | {"version": SHIPPED["version"] + 1} | values


def with_platform(**values):
    first, *others = copy.deepcopy(SHIPPED["platforms"])
    return [first | values, *others]


@pytest.fixture
def install(app):
    """Put a file into the instance folder, as the operator does."""

    def put(content):
        text = content if isinstance(content, str) else json.dumps(content)
        (app.server.config.instance / "platforms.json").write_text(text, encoding="utf-8")

    return put


@pytest.mark.settings(SHARELM_STUDY="Heron study", SHARELM_CONTACT="heron@example.org", SHARELM_HOLD_HOURS="0")
def test_it_says_who_the_server_is(app, client):
    answer = client.get(WELL_KNOWN)
    terms = client.get("/api/v1/consent").json
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json == {
        "name": "Heron study",
        "address": "http://127.0.0.1:8000",
        "operator": "the operator of this server",
        "contact": "heron@example.org",
        "licence": "CC-BY-4.0",
        "consent": {"version": terms["version"], "hash": terms["sha256"], "address": "http://127.0.0.1:8000/terms"},
        "hold_hours": 24,
        "release_hold_hours": 0,
        "platforms": {"address": "http://127.0.0.1:8000/platforms.json", "version": SHIPPED["version"]},
        "receipt_keys": receipt_keys(app.server.keys),
        "release_keys": [public_entry(app.server.keys.signature)],
    }


def test_it_serves_the_platforms_of_the_extension(client):
    answer = client.get("/platforms.json")
    assert (answer.json, answer.content_type) == (SHIPPED, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert client.get("/platforms.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_newer_file_of_the_operator_takes_its_place_at_once(client, install):
    newer = changed(platforms=with_platform(name="Gradio, mended"))
    install(newer)
    assert client.get("/platforms.json").json == newer
    assert client.get(WELL_KNOWN).json["platforms"]["version"] == SHIPPED["version"] + 1


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "{}", "[" * 100_000, "1" * 1_000_001,
        changed(version=SHIPPED["version"]), changed(version=0), changed(version="9"), changed(version=True), changed(version=9.5),
        changed(platforms=[]), changed(platforms={}), changed(more=1), changed(platforms=SHIPPED["platforms"] * 2),
        changed(platforms=with_platform(hosts="*.hf.space")), changed(platforms=with_platform(unheard=1)),
        changed(platforms=with_platform(chat=None)), changed(platforms=with_platform(chat="a" * 2001)),
        changed(platforms=SHIPPED["platforms"][1:]), changed(platforms=SHIPPED["platforms"][::-1]),
        changed(platforms=with_platform(id="bank")), changed(platforms=with_platform(hosts=["bank.example"])),
        changed(platforms=with_platform(paths=["/elsewhere"])), changed(platforms=with_platform(selfHosted=False)),
        changed(platforms=with_platform(never={})), changed(platforms=with_platform(generations=[{}])),
    ],
    ids=range(27),
)  # fmt: skip
def test_a_file_that_is_older_or_not_like_ours_is_left_aside_with_one_line_in_the_log(client, install, caplog, content):
    install(content)
    assert [client.get("/platforms.json").json for _ in range(2)] == [SHIPPED, SHIPPED]
    assert caplog.text.count("is not used") == 1


@pytest.mark.parametrize("platform", ["openwebui", "streamlit", "chainlit"])
def test_of_pages_that_people_host_themselves_only_the_platform_is_kept(client, platform, alice):
    agree(client, alice)
    messages = [{"id": "1", "role": "user", "content": "Hello"}, {"id": "2", "role": "assistant", "content": "Hi"}]
    sent = {"conversation_id": "c", "platform": platform, "page_host": "llm.employer.internal", "messages": messages}
    assert client.post("/api/v1/conversations", json=sent, headers=bearer(alice)).status_code == 200
    kept = client.get("/api/v1/conversations/c", headers=bearer(alice)).json
    assert (kept["platform"], kept["page_host"]) == (platform, None)


@pytest.mark.parametrize("host", ["", "localhost", "x.streamlit.app", "chat.example.org"])
def test_no_host_belongs_to_a_platform_that_people_host_themselves(host):
    assert read_page(host).host is None


@pytest.mark.parametrize("path", [WELL_KNOWN, "/platforms.json"])
def test_it_takes_no_other_method(client, path):
    assert client.delete(path).status_code in {403, 405}
    assert client.get("/.well-known/nothing").content_type == "application/problem+json"
