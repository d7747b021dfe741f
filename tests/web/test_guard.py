"""What every request must pass: our own name, our own pages; and what every answer carries."""

from __future__ import annotations

import pytest

from sharelm.web.guard import is_from_elsewhere, is_our_host
from tests.web.api.exports import Sender, some_chats

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("host", "ours", "is_us"),
    [
        ("localhost:8000", "http://127.0.0.1:8000", True),
        ("127.0.0.1", "http://127.0.0.1:8000", True),
        ("[::1]:8000", "http://127.0.0.1:8000", True),
        ("evil.example", "http://127.0.0.1:8000", False),
        ("share.example", "https://share.example", True),
        ("share.example:443", "https://share.example", True),
        ("SHARE.example", "https://share.example", True),
        ("share.example.evil.example", "https://share.example", False),
        ("127.0.0.1", "https://share.example", False),
        ("", "https://share.example", False),
    ],
)
def test_it_knows_its_own_name(host, ours, is_us):
    assert is_our_host(host, ours) is is_us


@pytest.mark.parametrize(
    ("site", "origin", "is_foreign"),
    [
        (None, None, False), ("same-origin", "null", False), ("none", None, False), (None, "null", False), ("cross-site", None, True),
        ("same-site", "https://a.localhost", True), ("cross-site", "null", True),
        (None, "https://evil.example", True), (None, "http://127.0.0.1:8000", False),
    ],
)  # fmt: skip
def test_it_knows_forms_from_elsewhere(app, site, origin, is_foreign):
    with app.test_request_context("/"):
        assert is_from_elsewhere(site, origin) is is_foreign


def test_it_answers_under_no_other_name(client):
    assert client.get("/api/v1/consent", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/consent", "/api/nothing", "/nothing", "/healthz", "/openapi.json"])
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.settings(SHARELM_PUBLIC_URL="https://localhost")
def test_behind_tls_it_asks_for_tls(client):
    assert "max-age" in client.get("/healthz").headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/endpoint/x"])
def test_an_unknown_api_address_is_a_problem_document(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_reading_changes_nothing_in_the_database(app, client, upload, run_job, alice):
    from sqlalchemy import select

    from sharelm.store.engine import read
    from sharelm.store.tables import TABLES

    upload(alice)
    export_id = Sender(client, alice, run_job).bring(some_chats(1))

    def content():
        with read(app.server.engine) as connection:
            return [connection.execute(select(table)).all() for table in TABLES]

    before = content()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods:
            words = {"<conversation_id>": "c-1", "<public_id>": "0" * 32, "<version>": "v", "<path:name>": "x", "<export_id>": export_id}
            path = rule.rule
            for argument, word in words.items():
                path = path.replace(argument, word)
            client.get(path, headers={"Authorization": f"Bearer {alice}"})
    assert content() == before
