"""One conversation: what its owner sees, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from tests.web.pages.conftest import HTMX, Browser, without_marks

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
ACTIONS = ("", "/withdraw", "/restore")
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<b hx-get=/logout hx-trigger=load>",
    "{{ 7 * 7 }}",
    "</title><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "[A_1]<i>",
)


def open_first(visitor: Browser) -> tuple[str, str]:
    public_id = visitor.public_ids()[0]
    return public_id, visitor.get(f"/conversations/{public_id}").text


def test_it_shows_both_sides(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["Is it warm?\nOr cold?"], bot=["Warm."], conversation_metadata={"message_ratings": [1]})
    _, page = open_first(inside(alice))
    assert "Is it warm?\nOr cold?" in page
    assert "Warm." in page
    assert "You rated this good" in page
    assert "heron/chat" in page
    assert "Not yet anonymised" in page


def test_it_marks_what_was_replaced(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, user=["I am alice@example.org, yes, alice@example.org"], bot=["Hello alice@example.org"])
    run_job("anonymise")
    _, page = open_first(inside(alice))
    assert "alice@example.org" not in page
    assert page.count('<span class="redacted" dir="ltr">[EMAIL_ADDRESS_1]</span>') == 4
    assert "e-mail address, 3 times" in page
    assert "Not yet anonymised" not in page


def test_it_marks_nothing_in_text_as_given(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["what is [EMAIL_ADDRESS_1]?"])
    assert 'class="redacted"' not in open_first(inside(alice))[1]


MARKUP = re.compile(r'<script>|<img|<b |<svg/|<i>|>49<|(?:href|src|action|hx-[a-z]+)="?\s*javascript:')


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_it_shows_foreign_text_as_text(upload: Upload, inside: Inside, run_job: Run, alice: str, is_anonymised: bool) -> None:
    for number, attack in enumerate(ATTACKS):
        upload(alice, f"c-{number}", user=[attack, attack], bot=[attack, attack])
    if is_anonymised:
        run_job("anonymise")
    visitor = inside(alice)
    paths = ["/conversations", *(f"/conversations/{public_id}" for public_id in visitor.public_ids())]
    assert len(paths) == 1 + len(ATTACKS)
    assert not any(MARKUP.search(visitor.get(path, headers=headers).text) for path in paths for headers in ({}, HTMX))


def test_it_shows_foreign_names_as_text(app_consent: Callable[[str], None], client: FlaskClient, inside: Inside, alice: str) -> None:
    app_consent(alice)
    for number, attack in enumerate(ATTACKS):
        message = {"id": "m1", "role": "assistant", "content": "Hello", "model": attack}
        payload = {"conversation_id": f"c-{number}", "messages": [message], "model": attack, "platform": "made-up"}
        assert client.post("/api/v1/conversations", json=payload, headers={"Authorization": f"Bearer {alice}"}).status_code == 200
    visitor = inside(alice)
    pages = [visitor.get(path).text for path in ("/conversations", *(f"/conversations/{public_id}" for public_id in visitor.public_ids()))]
    assert len(pages) == 1 + len(ATTACKS)
    assert not any(MARKUP.search(page) for page in pages)
    assert all("made-up" in page for page in pages)


@pytest.mark.parametrize("name", ["q", "platform", "model", "language", "stage", "since", "order", "cursor", "withdrawal"])
def test_it_shows_what_stands_in_the_address_as_text(inside: Inside, alice: str, name: str) -> None:
    visitor = inside(alice)
    for attack in (*ATTACKS, '" autofocus onfocus=alert(1) x="', "</option></select><script>alert(1)</script>"):
        for headers in ({}, HTMX):
            page = visitor.get("/conversations", query_string={name: attack}, headers=headers).text
            assert not MARKUP.search(page)
            tags = re.findall("<[^>]*>", re.sub('"[^"]*"', '""', page))
            assert not [tag for tag in tags if "onfocus" in tag]


def test_it_offers_foreign_names_as_text(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    for number in range(len(ATTACKS)):
        upload(alice, f"c-{number}", user=["Hello"], bot=["Hello"])
    run_job("anonymise")
    with write(app.server.engine) as connection:
        for number, attack in enumerate(ATTACKS):
            foreign = {"model": attack, "platform": attack, "page_host": attack, "first_release": attack, "stage": "released"}
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
        call = visitor.post if action else visitor.get
        answers = [call(f"/conversations/{name}{action}") for name in (public_id, "0" * 32, "x", "%00", public_id.upper())]
        assert {answer.status_code for answer in answers} == {404}
        assert len({without_marks(answer.text) for answer in answers}) == 1
    assert "Why does my bread not rise?" in inside(alice).get(f"/conversations/{public_id}").text


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
