"""About you: told, changed and erased on the page, and never changed by what the extension sends afterwards."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sharelm.ingest.account import MAX_GENDER
from tests.web.pages.conftest import Browser

Inside = Callable[[str], Browser]
Upload = Callable[..., TestResponse]
PAGE = "/your-data/about-you"
TOLD = {"age": "33", "gender": "Female", "location": "Bologna, Italy"}
NONE = {"age_band": None, "country": None, "gender": None}
HOSTILE = '"><img src=x onerror=alert(1)> hx-get=/x'


@pytest.fixture
def kept(client: FlaskClient) -> Callable[[str], object]:
    return lambda user_id: client.get("/api/v1/me/demographics", headers={"Authorization": f"Bearer {user_id}"}).json


def test_it_shows_what_an_upload_told(inside: Inside, upload: Upload, alice: str) -> None:
    upload(alice, user_metadata=TOLD)
    visitor = inside(alice)
    page = visitor.get(PAGE).text
    assert all(f'value="{value}" selected' in page for value in ("25-34", "IT", "female"))
    assert "at least 10 people" in page
    assert "age group 25-34, Italy, female" in visitor.get("/your-data").text


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ({"age_band": "65+"}, {"age_band": "65+"}), ({"country": "FR"}, {"country": "FR"}), ({"gender": "non-binary"}, {"gender": "non-binary"}),
        ({"gender": "own-words", "words": "  Two   words "}, {"gender": "two words"}), ({}, {}),
    ],
)  # fmt: skip
def test_it_keeps_what_is_saved_and_no_more(
    inside: Inside, upload: Upload, kept: Callable[[str], object], alice: str, bob: str, sent: dict[str, str], answer: dict[str, str]
) -> None:
    for user_id in (alice, bob):
        upload(user_id, user_metadata=TOLD)
    told = inside(alice).post(PAGE, **sent)
    assert (told.status_code, told.location) == (303, f"{PAGE}?done=saved")
    assert kept(alice) == NONE | answer
    assert kept(bob) == {"age_band": "25-34", "country": "IT", "gender": "female"}


@pytest.mark.parametrize("sent", [{"age_band": "33"}, {"country": "the moon"}, {"gender": "own-words"}, {"gender": "own-words", "words": "a\x1bb"},
                                  {"gender": "own-words", "words": "x" * (MAX_GENDER + 1)},
                                  {"gender": "", "words": "not chosen"}, {"gender": "male", "words": "not chosen"}])  # fmt: skip
def test_it_changes_nothing_for_what_it_cannot_read(
    inside: Inside, upload: Upload, kept: Callable[[str], object], alice: str, sent: dict[str, str]
) -> None:
    upload(alice, user_metadata=TOLD)
    answer = inside(alice).post(PAGE, **sent)
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.text
    assert kept(alice) == {"age_band": "25-34", "country": "IT", "gender": "female"}


def test_own_words_that_the_page_showed_do_not_stand_in_the_way_of_another_answer(inside: Inside, kept: Callable[[str], object], alice: str) -> None:
    visitor = inside(alice)
    visitor.post(PAGE, gender="own-words", words="Two words")
    assert visitor.post(PAGE, gender="", words="two words").status_code == 303
    assert kept(alice) == NONE


@pytest.mark.parametrize(("path", "sent"), [(PAGE, {"country": "FR"}), (f"{PAGE}/erase", {})])
def test_no_upload_changes_what_was_changed_or_erased_here(
    inside: Inside, upload: Upload, kept: Callable[[str], object], alice: str, path: str, sent: dict[str, str]
) -> None:
    upload(alice, user_metadata=TOLD)
    inside(alice).post(path, **sent)
    for number in range(3):
        assert upload(alice, f"later-{number}", user_metadata=TOLD | {"age": "70"}).status_code == 200
    assert kept(alice) == {"age_band": None, "country": sent.get("country"), "gender": None}


def test_own_words_are_shown_as_text(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    visitor.post(PAGE, gender="own-words", words=HOSTILE)
    for path in (PAGE, "/your-data"):
        page = visitor.get(path).text
        assert "<img" not in page
        assert str(html.escape(HOSTILE)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


def test_it_takes_nothing_without_an_agreement(inside: Inside, browser: Callable[[], Browser], kept: Callable[[str], object], alice: str) -> None:
    inside(alice).post("/withdraw-all", phrase="withdraw everything")
    again = browser()
    again.log_in(alice)
    assert "Nothing is kept about you" in again.get(PAGE).text
    assert again.post(PAGE, country="FR").status_code == 409
    assert kept(alice) == NONE


def test_it_requires_a_login_and_our_own_form(browser: Callable[[], Browser], inside: Inside, kept: Callable[[str], object], alice: str) -> None:
    stranger = browser()
    assert stranger.get(PAGE).location == stranger.post(PAGE).location == stranger.post(f"{PAGE}/erase").location == "/login"
    assert inside(alice).client.post(PAGE, data={"country": "FR"}).status_code == 403
    assert kept(alice) == NONE
