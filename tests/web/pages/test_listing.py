"""Search, filters and order of the list of one's own conversations."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.store.tables import TABLES
from sharelm.web.pages.listing import PAGE
from tests.web.pages.conftest import HTMX, Browser

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
TITLES = re.compile(r"<h2><a [^>]*><bdi>([^<]*)</bdi></a></h2>")
CHIP = re.compile(r'<a class="chip filter" href="([^"]+)"[^>]*><bdi>([^<]*)</bdi>')
MORE = re.compile(r'id="more"><a class="button" href="([^"]+)"')
DAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
CHANGES = (
    (
        "bread",
        {"platform": "chatgpt", "model": "tern-mini", "rating": 1, "received_at": DAY, "changed_at": DAY + timedelta(days=9), "message_count": 2},
    ),
    (
        "tea",
        {"platform": "claude", "model": "larch", "thumbs_down": 1, "received_at": DAY + timedelta(days=1), "changed_at": DAY, "message_count": 9},
    ),
    ("bread and tea", {"platform": "chatgpt", "model": None, "received_at": DAY + timedelta(days=2), "changed_at": DAY, "message_count": 4}),
)


@pytest.fixture
def three(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str, bob: str) -> Browser:
    """Alice with three conversations that differ in everything; Bob has one like hers."""
    for number, (text, _) in enumerate(CHANGES):
        upload(alice, f"c-{number}", user=[text])
    upload(bob, user=["bread and tea"])
    run_job("anonymise")
    with write(app.server.engine) as connection:
        for number, (_, values) in enumerate(CHANGES):
            change = {"language": "en", **values}
            connection.execute(update(conversation).where(conversation.c.client_id == f"c-{number}").values(**change))
    return inside(alice)


def titles(page: str) -> list[str]:
    return TITLES.findall(page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["bread and tea", "tea", "bread"]),
        ("q=bread", ["bread and tea", "bread"]),
        ("q=tea+br", ["bread and tea"]),
        ("q=%22br%22", []),
        ("q=%22%22", []),
        ("platform=chatgpt", ["bread and tea", "bread"]),
        ("model=larch", ["tea"]),
        ("model=tern-mini&platform=claude", []),
        ("language=en", ["bread and tea", "tea", "bread"]),
        ("language=de", []),
        ("rating=good", ["bread"]),
        ("rating=poor", ["tea"]),
        ("rating=none", ["bread and tea"]),
        ("since=2026-06-02", ["bread and tea", "tea"]),
        ("until=2026-06-02", ["tea", "bread"]),
        ("since=2026-06-02&until=2026-06-02", ["tea"]),
        ("since=9999-12-30", []),
        ("until=9999-12-31&since=2026-06-02&order=oldest", ["tea", "bread and tea"]),
        ("stage=approved&q=bread", ["bread and tea", "bread"]),
        ("stage=received", []),
        ("order=oldest", ["bread", "tea", "bread and tea"]),
        ("order=changed", ["bread", "bread and tea", "tea"]),
        ("order=longest", ["tea", "bread and tea", "bread"]),
        ("order=longest&q=bread", ["bread and tea", "bread"]),
    ],
)
def test_it_shows_what_is_asked_for(three: Browser, query: str, expected: list[str]) -> None:
    page = three.get(f"/conversations?{query}").text
    assert titles(page) == expected
    assert re.search(rf'id="found"[^>]*>{len(expected)} conversation', page)


def test_every_filter_is_a_chip_that_removes_it(three: Browser) -> None:
    page = three.get("/conversations?q=bread&platform=chatgpt&since=2026-06-01&order=oldest&stage=approved").text
    chips = {words: html.unescape(address) for address, words in CHIP.findall(page)}
    assert list(chips) == ["“bread”", "ChatGPT", "from 1 Jun 2026"]
    assert chips["ChatGPT"] == "/conversations?q=bread&stage=approved&since=2026-06-01&order=oldest"
    assert "ChatGPT" not in [words for _, words in CHIP.findall(three.get(chips["ChatGPT"]).text)]


def test_tabs_keep_the_filters_and_the_form_keeps_the_stage(three: Browser) -> None:
    page = html.unescape(three.get("/conversations?q=bread&stage=approved").text)
    assert 'href="/conversations?q=bread&stage=released"' in page
    assert '<input type="hidden" name="stage" value="approved">' in page


def test_an_address_has_no_empty_fields(three: Browser) -> None:
    answer = three.get("/conversations?q=bread&platform=&model=&order=newest")
    assert (answer.status_code, answer.location) == (303, "/conversations?q=bread")
    assert three.get("/conversations?q=bread&platform=", headers=HTMX).headers["HX-Push-Url"] == "/conversations?q=bread"


def test_it_answers_htmx_with_the_list_and_its_count(three: Browser) -> None:
    answer = three.get("/conversations?q=bread", headers=HTMX)
    assert answer.text.startswith('<div id="list"')
    assert '<p hx-swap-oob="innerHTML:#announcement">2 conversations found.</p>' in answer.text
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize("order", ["newest", "oldest", "changed", "longest"])
@pytest.mark.parametrize("search", ["", "&q=number"])
def test_pages_in_every_order_miss_nothing_and_repeat_nothing(
    app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str, order: str, search: str
) -> None:
    for number in range(2 * PAGE + 3):
        upload(alice, f"c-{number}", user=[f"number {number:03}"])
    run_job("anonymise")
    with write(app.server.engine) as connection:  # most of them alike in what orders them
        connection.execute(update(conversation).values(received_at=DAY, changed_at=DAY, message_count=2))
        connection.execute(update(conversation).where(conversation.c.client_id == "c-7").values(received_at=DAY + timedelta(1), message_count=4))
    visitor = inside(alice)
    page = visitor.get(f"/conversations?order={order}{search}").text
    seen = titles(page)
    while more := MORE.search(page):
        page = visitor.get(html.unescape(more[1]), headers=HTMX).text
        seen += titles(page)
    assert len(seen) == len(set(seen)) == 2 * PAGE + 3


def test_a_page_is_of_one_order_and_of_this_server(upload: Upload, inside: Inside, alice: str) -> None:
    for number in range(PAGE + 1):
        upload(alice, f"c-{number}")
    visitor = inside(alice)
    more = MORE.search(visitor.get("/conversations").text)
    assert more
    cursor = html.unescape(more[1]).split("cursor=")[1].split("&")[0]
    assert visitor.get(f"/conversations?cursor={cursor}").status_code == 200
    for changed in (f"cursor={cursor}&order=longest", f"cursor={cursor}x", f"cursor={cursor[:-4]}", "cursor=W10.x"):
        assert visitor.get(f"/conversations?{changed}").status_code == 422


NOT_UNDERSTOOD = ("stage=x", "rating=x", "order=x", "since=x", "since=2026-02-30", "until=20260101", "since=2026-W01-1", "until=9999-12-32")


@pytest.mark.parametrize("query", [*NOT_UNDERSTOOD, "model=%00", "platform=a%00", "q=%00", f"q={'x' * 201}"])
def test_it_refuses_what_it_does_not_understand(three: Browser, query: str) -> None:
    for headers in ({}, HTMX):
        answer = three.get(f"/conversations?{query}", headers=headers)
        assert answer.status_code == 422
        assert "x" * 201 not in answer.text


@pytest.mark.parametrize("query", ["model=nothing", "q=nothing", "platform=ChatGPT", "language=xx", "model=%ED%A0%80", "q=%ED%A0%80", "nothing=1"])
def test_it_answers_what_nothing_fits(three: Browser, query: str) -> None:
    answer = three.get(f"/conversations?{query}")
    assert answer.status_code == 200
    assert ("Nothing found" in answer.text) == (not query.startswith("nothing"))


def test_withdrawn_ones_have_left_the_search_at_once(three: Browser) -> None:
    public_id = re.findall(r'href="/conversations/([0-9a-f]{32})"', three.get("/conversations?model=larch").text)[0]
    three.post(f"/conversations/{public_id}/withdraw")
    for query in ("q=tea", "model=larch", "platform=claude", "rating=poor"):
        assert public_id not in three.get(f"/conversations?{query}").text
    page = three.get("/conversations?stage=withdrawn").text
    assert public_id in page
    assert not any(word in page.split('id="found"')[1] for word in ("larch", "claude", "tea"))
    assert '<option value="larch">' not in page


def test_it_says_why_a_conversation_does_not_go_on(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, "one-sided", user=["Nobody answers"], bot=[])
    upload(alice, "rejected", user=["Rejected"])
    upload(alice, "flagged", user=["Flagged and rejected"], bot=[])
    run_job("anonymise")
    upload(alice, "failed", user=["Failed"])
    with write(app.server.engine) as connection:
        for name, values in (("rejected", {"stage": "rejected"}), ("flagged", {"stage": "rejected"}), ("failed", {"quarantined": True})):
            connection.execute(update(conversation).where(conversation.c.client_id == name).values(**values))
    visitor = inside(alice)
    rejected = visitor.get("/conversations?stage=rejected").text
    assert titles(rejected) == ["Flagged and rejected", "Rejected"]
    assert "Not accepted: a reviewer decided that it goes into no release." in rejected
    assert "Not accepted: only one side of it was recorded." in rejected
    failed = visitor.get("/conversations?stage=quarantined").text
    assert titles(failed) == ["Failed"]
    assert "Needs a look 1" in failed
    assert "Received 0" in failed
    assert "Held back: only one side of it was recorded." in visitor.get("/conversations?stage=anonymised").text


def test_looking_changes_nothing(app: ShareLM, three: Browser) -> None:
    three.post("/conversations/withdraw", id=three.public_ids()[0])

    def content() -> list[object]:
        with read(app.server.engine) as connection:
            return [connection.execute(select(table)).all() for table in TABLES]

    before = content()
    for path in ("", "?q=bread", "?order=longest&rating=none", "/withdrawals/" + "0" * 32, "/withdraw", "/download", "/restore"):
        for headers in ({}, HTMX):
            three.get(f"/conversations{path}", headers=headers)
    assert content() == before


def test_a_withdrawn_one_is_not_found_by_what_it_said_or_was(three: Browser) -> None:
    """Also not while it can be undone."""
    (public_id, *_) = three.public_ids()
    three.post("/conversations/withdraw", id=public_id)
    assert public_id in three.get("/conversations?stage=withdrawn").text
    for query in ("q=bread", "q=tea", "platform=chatgpt", "rating=none", "language=en"):
        assert public_id not in three.get(f"/conversations?stage=withdrawn&{query}").text


def test_enter_in_a_box_presses_a_button_that_does_nothing(three: Browser) -> None:
    form = three.get("/conversations").text.split('<form id="selected"')[1].split("</form>")[0]
    assert re.findall(r"<button[^>]*>", form)[0] == "<button hidden disabled>"


def test_nobody_sees_what_is_somebody_elses(three: Browser, inside: Inside, bob: str) -> None:
    visitor = inside(bob)
    for query in ("", "q=bread", "q=tea", "model=larch", "platform=claude", "rating=good", "order=longest"):
        page = visitor.get(f"/conversations?{query}").text
        assert set(titles(page)) <= {"bread and tea"}
        assert "larch" not in re.sub(r'value="larch"[^<]*<|“?larch”?', "", page)
        assert len(visitor.public_ids()) == 1


def test_more_rows_change_the_address_so_that_one_comes_back_to_them(upload: Upload, inside: Inside, alice: str) -> None:
    for number in range(52):
        upload(alice, f"c-{number}", user=[f"Question {number}"])
    visitor = inside(alice)
    more = html.unescape(re.findall(r'hx-get="([^"]+)"', visitor.get("/conversations?order=oldest").text)[-1])
    answer = visitor.get(more, headers=HTMX)
    assert answer.headers["HX-Replace-Url"] == more
    assert "Question 51" in visitor.get(more).text
