"""Name and badge: chosen, shown, taken back; gone with everything else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.jobs import clock, workshop
from sharelm.release import build as building
from sharelm.release.build import build_release
from sharelm.store.contributor import contributor
from sharelm.store.engine import read
from tests.web.pages.conftest import Browser

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
Inside = Callable[[str], Browser]
Upload = Callable[..., TestResponse]
Run = Callable[[str], object]
PAGE, BADGE = "/your-data/name", "/your-data/badge"
ADDRESS = re.compile(r"/badge/[A-Za-z0-9_\-]{43}\.svg")


def badge_of(visitor: Browser) -> str:
    assert visitor.post(BADGE).location == f"{PAGE}#badge"
    found = ADDRESS.search(visitor.get(PAGE).text)
    assert found
    return found[0]


@pytest.fixture
def card(app: ShareLM, run_job: Run) -> Callable[[], str]:
    """The card of a new release of everything."""

    def build() -> str:
        run_job("anonymise")
        version = build_release(workshop(app.server), None, now=clock() + timedelta(seconds=1)).version
        return (app.server.releases_folder / version / "README.md").read_text()

    return build


def test_a_badge_shows_name_and_band_to_whoever_has_its_address(
    app: ShareLM, inside: Inside, browser: Callable[[], Browser], upload: Upload, card: Callable[[], str], alice: str
) -> None:
    for number in range(11):
        upload(alice, f"c-{number}")
    visitor = inside(alice)
    path = badge_of(visitor)
    before = browser().get(path)
    assert "contributor" in before.text
    assert "conversations" not in before.text
    card()
    visitor.post(PAGE, name="Alice B.")
    after = browser().get(path)
    assert "Alice B." in after.text
    assert "10+ conversations in open data" in after.text
    assert "11" not in "".join(ElementTree.fromstring(after.text).itertext())
    assert after.content_type == "image/svg+xml; charset=utf-8"
    assert "Set-Cookie" not in after.headers
    assert f"[![ShareLM](http://127.0.0.1:8000{path})](http://127.0.0.1:8000/)" in html.unescape(visitor.get(PAGE).text)


def test_no_cache_keeps_it_for_long(inside: Inside, browser: Callable[[], Browser], alice: str) -> None:
    path = badge_of(inside(alice))
    answer = browser().get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = browser().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_revoked_one_is_gone(inside: Inside, browser: Callable[[], Browser], alice: str) -> None:
    visitor = inside(alice)
    first = badge_of(visitor)
    second = badge_of(visitor)
    assert first != second
    gone = browser().get(first)
    assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")
    assert browser().get(second).status_code == 200
    visitor.post(f"{BADGE}/revoke")
    assert browser().get(second).status_code == 404
    assert browser().get("/badge/x.svg").status_code == 404
    assert "Make a badge" in visitor.get(PAGE).text


def test_the_card_names_who_wishes_it_and_nobody_else(
    inside: Inside, upload: Upload, card: Callable[[], str], alice: str, bob: str, eve: str
) -> None:
    assert "wish to be named" not in (upload(alice), card())[1]
    visitor = inside(alice)
    visitor.post(PAGE, name="1. www.evil.example & co", is_in_card="yes")
    inside(bob).post(PAGE, name="Bob, who is not in the card")
    text = card()
    assert "- 1\\. www\\.evil\\.example \\& co, 1\\+\n" in text
    assert "Bob, who" not in text
    visitor.post(PAGE, name="1. www.evil.example & co")
    upload(eve)
    assert "wish to be named" not in card()


def test_who_changes_their_mind_while_it_is_written_is_not_in_it(
    inside: Inside, upload: Upload, card: Callable[[], str], alice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, real, calls = inside(alice), building.write_card, []
    visitor.post(PAGE, name="Alice", is_in_card="yes")

    def leave_meanwhile(*arguments: object) -> None:
        if not calls:
            visitor.post(PAGE, name="")
        calls.append(1)
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "write_card", leave_meanwhile)
    assert "Alice" not in card()
    assert len(calls) == 2


def test_a_name_is_nobody_elses(inside: Inside, alice: str, bob: str) -> None:
    visitor, other = inside(alice), inside(bob)
    assert visitor.post(PAGE, name="Alice Stone").status_code == 303
    for taken in ("Alice Stone", "alice STONE", "Ａlice Stone", "ShareLM", "sharelm"):
        answer = other.post(PAGE, name=taken)
        assert answer.status_code == 422
        assert "This name is taken" in answer.text
    assert visitor.post(PAGE, name="Alice Stone").status_code == 303
    visitor.post(PAGE, name="")
    assert other.post(PAGE, name="Alice Stone").status_code == 303


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "Al"},
        {"name": "x" * 25},
        {"name": "<b>Alice</b>"},
        {"name": "", "is_in_card": "yes"},
        {"name": "x" * 5000},
        {"name": '"><img src=x onerror=a()>'},
    ],
)
def test_it_changes_nothing_for_what_is_no_name(inside: Inside, alice: str, sent: dict[str, str]) -> None:
    visitor = inside(alice)
    visitor.post(PAGE, name="Alice")
    answer = visitor.post(PAGE, **sent)
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.text
    assert "<b>Alice" not in answer.text
    assert "<img src=x" not in answer.text
    assert 'value="Alice"' in visitor.get(PAGE).text


def test_withdrawing_everything_takes_all_of_it_along(
    app: ShareLM, inside: Inside, browser: Callable[[], Browser], upload: Upload, run_job: Run, card: Callable[[], str], alice: str, bob: str
) -> None:
    upload(bob)
    upload(
        alice,
        user_metadata={"age": "33", "gender": "f", "location": "Rome, Italy"},
        conversation_metadata={"rate": "thumbup", "message_ratings": [1]},
    )
    visitor = inside(alice)
    path = badge_of(visitor)
    visitor.post(PAGE, name="Alice", is_in_card="yes")
    visitor.post("/your-data/download")
    run_job("anonymise")
    run_job("download")
    visitor.post("/withdraw-all", phrase="withdraw everything")
    run_job("purge")
    assert browser().get(path).status_code == 404
    assert "Alice" not in card()
    with read(app.server.engine) as connection:
        row = connection.execute(select(contributor).where(contributor.c.consent_ended_at.is_not(None))).one()
        from sharelm.store.conversation import conversation
        from sharelm.store.download import download, download_part

        ratings = connection.execute(select(conversation.c.rating, conversation.c.thumbs_up).where(conversation.c.contributor_id == row.id)).one()
        assert not connection.execute(select(download)).all()
        assert not connection.execute(select(download_part)).all()
    assert tuple(ratings) == (None, None)
    assert [row.public_name, row.badge_token, row.age_band, row.country, row.gender, row.is_in_card] == [None] * 5 + [False]


def test_it_takes_nothing_without_an_agreement(inside: Inside, browser: Callable[[], Browser], alice: str) -> None:
    inside(alice).post("/withdraw-all", phrase="withdraw everything")
    again = browser()
    again.log_in(alice)
    assert "No name, no badge" in again.get(PAGE).text
    assert again.post(PAGE, name="Alice").status_code == again.post(BADGE).status_code == 409


def test_it_requires_a_login_and_our_own_form(browser: Callable[[], Browser], inside: Inside, alice: str) -> None:
    stranger = browser()
    for path in (PAGE, BADGE, f"{BADGE}/revoke"):
        assert stranger.post(path).location == "/login"
        assert inside(alice).client.post(path, data={"name": "Alice"}).status_code == 403
