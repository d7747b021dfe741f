"""Alice and Bob over every address: what is hers answers him as if it were not there; and looking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.engine import read
from sharelm.store.tables import TABLES
from tests.web.api.exports import some_chats
from tests.web.pages.conftest import HTMX, Browser, without_marks
from tests.web.pages.test_conversation import FIELDS
from tests.web.pages.test_history import agree, send

Inside = Callable[[str], Browser]
# What an address of one's own names, by its endpoint. Whoever adds one adds it here.
NAMED = {"conversations": "conversation", "copies": "conversation", "correcting": "conversation", "downloads": "download", "history": "export"}
OPEN = {"static", "releases", "release_files", "receipts", "handover", "site", "badge"}  # nobody's own: for whoever has the address
REVIEWERS = {"review", "reviewing", "review_messages", "review_releases"}  # no contributor comes in there at all: tests/web/review


def named_by(rule: Rule) -> str | None:
    """The kind of thing that a page's address names; None for an address that names nothing or is open."""
    blueprint = rule.endpoint.partition(".")[0]
    if not rule.arguments or rule.rule.startswith("/api/") or blueprint in OPEN | REVIEWERS:
        return None
    return NAMED[blueprint]


def address(rule: Rule, public_id: str) -> str:
    return re.sub("<[a-z_]+>", public_id, rule.rule)


def test_what_is_mine_is_not_there_for_somebody_else(
    app: ShareLM, inside: Inside, upload: Callable[..., TestResponse], run_job: Callable[[str], object], alice: str, bob: str
) -> None:
    alices, bobs = inside(alice), inside(bob)
    alices.post("/your-data/download")
    run_job("download")
    found = re.search(r"/your-data/download/([0-9a-f]{32})\.zip", alices.get("/your-data").text)
    assert found
    hers = {"conversation": alices.public_ids()[0], "download": found[1], "export": bring(alices)}
    looked_at = 0
    for rule in app.url_map.iter_rules():
        kind = named_by(rule)
        if kind is None:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for headers in ({}, HTMX):
                theirs, missing = (ask(bobs, method, address(rule, one), headers) for one in (hers[kind], "0" * 32))
                assert theirs.status_code == missing.status_code == 404, rule
                assert without_marks(theirs.text) == without_marks(missing.text), rule
                looked_at += 1
    assert looked_at >= 8
    assert alices.get(f"/your-data/download/{hers['download']}.zip").status_code == 200


def bring(visitor: Browser) -> str:
    """The id of an export of the visitor's own."""
    agree(visitor)
    return str(send(visitor, some_chats(1)).location).rpartition("/")[2]


def ask(visitor: Browser, method: str, path: str, headers: dict[str, str]) -> TestResponse:
    return visitor.get(path, headers=headers) if method == "GET" else visitor.post(path, headers=headers, **FIELDS)


def test_looking_at_my_pages_changes_nothing_in_the_database(app: ShareLM, inside: Inside, run_job: Callable[[str], object], alice: str) -> None:
    visitor = inside(alice)
    visitor.post("/your-data/download")
    export_id = bring(visitor)
    for job in ("download", "export"):
        run_job(job)

    def content() -> list[object]:
        with read(app.server.engine) as connection:
            return [connection.execute(select(table)).all() for table in TABLES]

    before = content()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()):
            for headers in ({}, HTMX):
                visitor.get(re.sub("<[^>]+>", export_id if "history" in rule.rule else "0" * 32, rule.rule), headers=headers)
    assert content() == before
