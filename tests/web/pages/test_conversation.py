"""One conversation: what its owner sees, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from tests.web.pages.attacks import ATTACKS
from tests.web.pages.conftest import HTMX, Browser, without_marks

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
ACTIONS = (
    "", "/json", "/row.json", "/conversation.json", "/conversation.md",
    "/withdraw", "/restore", "/rate", "/reason", "/hide", "/delete-turn",
)  # fmt: skip
READING = ACTIONS[:5]
FIELDS = {"rating": "up", "passage": "Why does my bread not rise?", "confirm": "yes", "last": "0" * 32, "reason": "x", "message": ""}


def open_first(visitor: Browser) -> tuple[str, str]:
    public_id = visitor.public_ids()[0]
    return public_id, visitor.get(f"/conversations/{public_id}").text


def test_it_shows_both_sides(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["Is it warm?\nOr cold?"], bot=["Warm."], conversation_metadata={"message_ratings": [1]})
    _, page = open_first(inside(alice))
    assert "Is it warm?<br>\nOr cold?" in page
    assert "Warm." in page
    assert "You rated this good" in page
    assert "heron/chat" in page
    assert "Not yet anonymised" in page


def test_it_marks_what_was_replaced(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, user=["I am alice@example.org, yes, alice@example.org"], bot=["Hello alice@example.org"])
    run_job("anonymise")
    _, page = open_first(inside(alice))
    assert "alice@example.org" not in page
    assert page.count('title="replaced: e-mail address">[EMAIL_ADDRESS_1]<span class="sr"> (replaced: e-mail address)</span></span>') == 3
    assert "e-mail address, 3 times" in page
    assert "Not yet anonymised" not in page


def test_it_marks_nothing_in_text_as_given(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["what is [EMAIL_ADDRESS_1]?"])
    assert 'class="redacted"' not in open_first(inside(alice))[1]


MARKUP = re.compile(r'<script>|<img|<b |<svg/|<i>|>49<|(?:href|src|action|hx-[a-z]+)="?\s*javascript:')


class Stranger(HTMLParser):
    """Reads a page as a browser would, and collects what no page of ours has."""

    TAGS = ("img", "iframe", "style", "base", "object", "embed", "math", "b", "i", "animate")
    ATTRIBUTES = ("on", "style", "src", "srcdoc", "hx-get", "hx-trigger", "hx-on", "data-hx", "xlink", "ping", "formaction")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        is_ours = tag == "script" and str(dict(attributes).get("src")).startswith("/static/")
        names = [name for name, _ in attributes if name.startswith(self.ATTRIBUTES) and not is_ours]
        addresses = [value for name, value in attributes if name in {"href", "action"} and not re.match(r"/|#|https?://|mailto:", value or "")]
        if tag in self.TAGS or (tag == "script" and not is_ours) or names or addresses:
            self.found.append((tag, attributes))

    def handle_comment(self, data: str) -> None:
        self.found.append(data)


@pytest.mark.one_database
@pytest.mark.parametrize("is_anonymised", [False, True])
def test_it_shows_foreign_text_as_text(upload: Upload, inside: Inside, run_job: Run, alice: str, is_anonymised: bool) -> None:
    texts = [f"{number} {attack}" for number, attack in enumerate(ATTACKS)] + list(ATTACKS)
    assert upload(alice, "c-all", user=texts, bot=texts).status_code == 200
    for number, attack in enumerate(ATTACKS[:20]):
        upload(alice, f"c-{number}", user=[attack], bot=[attack])
    if is_anonymised:
        run_job("anonymise")
    visitor = inside(alice)
    pages = ["/conversations", *(f"/conversations/{public_id}" for public_id in visitor.public_ids())]
    assert len(pages) == 22
    for path in [*pages[1:], *(f"{path}/json" for path in pages[1:])]:
        assert not [found for headers in ({}, HTMX) for found in Stranger(visitor.get(path, headers=headers).text).found]
    assert not any(MARKUP.search(visitor.get("/conversations", headers=headers).text) for headers in ({}, HTMX))


@pytest.mark.one_database
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_shows_foreign_reasons_and_passages_as_text(upload: Upload, inside: Inside, run_job: Run, alice: str, headers: dict[str, str]) -> None:
    upload(alice, user=[f"sentinel {attack}" for attack in ATTACKS], bot=["ok"])
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    visitor.post(f"/conversations/{public_id}/rate", message="", rating="up")
    for attack in ATTACKS:
        answers = [visitor.post(f"/conversations/{public_id}/reason", headers=headers, message="", reason=attack)]
        answers += [visitor.post(f"/conversations/{public_id}/hide", headers=headers, passage=passage) for passage in (attack, f"sentinel {attack}")]
        answers.append(visitor.get(f"/conversations/{public_id}", headers=headers))
        assert not [found for answer in answers for found in Stranger(answer.text).found]


def test_it_shows_foreign_names_as_text(app_consent: Callable[[str], None], client: FlaskClient, inside: Inside, alice: str) -> None:
    app_consent(alice)
    for number, attack in enumerate(ATTACKS[:24]):
        message = {"id": "m1", "role": "assistant", "content": "Hello", "model": attack}
        payload = {"conversation_id": f"c-{number}", "messages": [message], "model": attack, "platform": "made-up"}
        assert client.post("/api/v1/conversations", json=payload, headers={"Authorization": f"Bearer {alice}"}).status_code == 200
    visitor = inside(alice)
    pages = [visitor.get(path).text for path in ("/conversations", *(f"/conversations/{public_id}" for public_id in visitor.public_ids()))]
    assert len(pages) == 25
    assert not MARKUP.search(pages[0])
    assert not [found for page in pages[1:] for found in Stranger(page).found]
    assert all("made-up" in page for page in pages)


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["q", "platform", "model", "language", "stage", "since", "order", "cursor", "withdrawal"])
def test_it_shows_what_stands_in_the_address_as_text(inside: Inside, alice: str, name: str) -> None:
    visitor = inside(alice)
    for attack in (*ATTACKS, '" autofocus onfocus=alert(1) x="', "</option></select><script>alert(1)</script>"):
        for headers in ({}, HTMX):
            page = visitor.get("/conversations", query_string={name: attack}, headers=headers).text
            assert not MARKUP.search(page)
            tags = re.findall("<[^>]*>", re.sub('"[^"]*"', '""', page))
            assert not [tag for tag in tags if "onfocus" in tag]


@pytest.mark.one_database
def test_it_offers_foreign_names_as_text(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    for number in range(len(ATTACKS)):
        upload(alice, f"c-{number}", user=["Hello"], bot=["Hello"])
    run_job("anonymise")
    with write(app.server.engine) as connection:
        for number, attack in enumerate(ATTACKS):
            foreign = {"model": attack[:200], "platform": attack[:64], "page_host": attack[:255], "first_release": attack[:64], "stage": "released"}
            connection.execute(update(conversation).where(conversation.c.client_id == f"c-{number}").values(**foreign))
    visitor = inside(alice)
    pages = [visitor.get("/conversations", headers=headers).text for headers in ({}, HTMX)]
    pages += [visitor.get("/conversations", query_string={"model": attack, "platform": attack}).text for attack in ATTACKS]
    assert all("&lt;script&gt;alert(1)&lt;/script&gt;" in page for page in pages)
    assert not any(MARKUP.search(page) for page in pages)


@pytest.fixture
def app_consent(client: FlaskClient) -> Callable[[str], None]:
    def agree(user_id: str) -> None:
        version = client.get("/api/v1/consent").json["version"]
        given = {"version": version, "language": "en", "adult": True}
        answer = client.post("/api/v1/consent", json=given, headers={"Authorization": f"Bearer {user_id}"})
        assert answer.status_code == 200

    return agree


def test_it_hides_what_belongs_to_someone_else(upload: Upload, inside: Inside, alice: str, bob: str) -> None:
    upload(alice)
    (public_id,) = inside(alice).public_ids()
    visitor = inside(bob)
    for action in ACTIONS:
        call = visitor.get if action in READING else partial(visitor.post, **FIELDS)
        answers = [call(f"/conversations/{name}{action}") for name in (public_id, "0" * 32, "x", "%00", public_id.upper())]
        assert {answer.status_code for answer in answers} == {404}
        assert len({without_marks(answer.text) for answer in answers}) == 1
    assert "Why does my bread not rise?" in inside(alice).get(f"/conversations/{public_id}").text


def test_the_two_contributors_meet_every_address_of_a_conversation(app: ShareLM) -> None:
    rules = {rule.rule.removeprefix("/conversations/<public_id>") for rule in app.url_map.iter_rules() if rule.rule.startswith("/conversations/<")}
    assert rules == set(ACTIONS)


def test_looking_changes_nothing(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["Hello me@example.org"])
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    for job in ([], ["anonymise"]):
        for name in job:
            run_job(name)
        before = row()
        statuses = [visitor.get(f"/conversations/{public_id}{action}", headers=headers).status_code for action in READING for headers in ({}, HTMX)]
        assert set(statuses) <= ({200} if job else {200, 404})
        assert row() == before


def test_it_answers_htmx_with_a_fragment(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    answer = visitor.get(f"/conversations/{public_id}", headers=HTMX)
    assert answer.text.strip().startswith('<div id="conversation"')
    assert "HX-Request" in answer.headers["Vary"]


def test_it_holds_back_what_is_flagged(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, user=["Nobody answers"], bot=[])
    run_job("anonymise")
    assert "Held back: only one side of it was recorded." in open_first(inside(alice))[1]


def long_conversation(upload: Upload, user_id: str, turns: int) -> None:
    asked, said = ([f"{word} {number}." for number in range(turns)] for word in ("Question", "Answer"))
    upload(user_id, user=asked, bot=said)


def test_a_long_conversation_is_shown_in_parts(inside: Inside, upload: Upload, alice: str) -> None:
    long_conversation(upload, alice, 201)
    visitor = inside(alice)
    public_id = visitor.public_ids()[0]
    seen = [re.findall(r"(?:Question|Answer) \d+\.(?=</p>)", visitor.get(f"/conversations/{public_id}?part={part}").text) for part in (1, 2, 3)]
    assert [len(part) for part in seen] == [200, 200, 2]
    assert [text for part in seen for text in part] == [f"{word} {number}." for number in range(201) for word in ("Question", "Answer")]
    assert "Messages 201 to 400 of 402" in visitor.get(f"/conversations/{public_id}?part=2").text


@pytest.mark.parametrize(("asked", "shown"), [("", "1 to 200"), ("0", "1 to 200"), ("-1", "1 to 200"), ("x", "1 to 200"), ("99", "401 to 402")])
def test_a_part_that_is_none_is_the_nearest_one(inside: Inside, upload: Upload, alice: str, asked: str, shown: str) -> None:
    long_conversation(upload, alice, 201)
    visitor = inside(alice)
    assert f"Messages {shown} of 402" in visitor.get(f"/conversations/{visitor.public_ids()[0]}", query_string={"part": asked}).text


def test_a_short_one_has_no_parts(inside: Inside, upload: Upload, alice: str) -> None:
    long_conversation(upload, alice, 100)
    visitor = inside(alice)
    assert "Parts of the conversation" not in visitor.get(f"/conversations/{visitor.public_ids()[0]}").text


def test_a_thumb_without_javascript_comes_back_to_its_part(inside: Inside, upload: Upload, alice: str) -> None:
    long_conversation(upload, alice, 101)
    visitor = inside(alice)
    page = f"/conversations/{visitor.public_ids()[0]}?part=2"
    form = re.search(r'action="([^"]+/rate\?part=2)"[^>]*>.*?name="message" value="(\w+)"', visitor.get(page).text, re.DOTALL)
    assert form
    answer = visitor.post(form[1], message=form[2], rating="up")
    assert answer.headers["Location"] == f"{page}#rating-{form[2]}"
    assert "You rated this good" in visitor.get(page).text
