"""The language of the pages: chosen, asked for by the browser, or English; never mixed, and never that of somebody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from babel import Locale
from babel.support import NullTranslations
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.web import language
from sharelm.web.language import COOKIE, LANGUAGES, Reader
from sharelm.web.pages.wording import count_of, day_text, moment_text, month_text, number, percent, short_day, size
from tests.web.pages.conftest import HTMX, Browser
from tests.web.pages.test_shown import NOW

pytestmark = pytest.mark.one_database

ITALIAN = {"Accept-Language": "it-IT,it;q=0.9,en;q=0.5"}
Inside = Callable[[str], Browser]


def language_of(answer: TestResponse) -> str:
    found = re.search(r'<html lang="([a-z]+)" dir="ltr">', answer.text)
    assert found
    assert answer.headers["Content-Language"] == found[1]
    return found[1]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("it", "it"),
        ("it-CH, de;q=0.9", "it"),
        ("de, it;q=0.5, en;q=0.4", "it"),
        ("en-GB, it;q=0.9", "en"),
        ("de-DE, fr", "en"),
        ("*", "en"),
        ("it;q=0", "en"),
        ("it;q=x, \x7f;;", "en"),
        ("", "en"),
    ],
)
def test_it_speaks_the_language_that_the_browser_asks_for(client: FlaskClient, asked: str, expected: str) -> None:
    assert language_of(client.get("/", headers={"Accept-Language": asked})) == expected


def test_a_choice_counts_more_than_the_browser_and_stays(browser: Callable[[], Browser]) -> None:
    visitor = browser()
    answer = visitor.client.post("/language", data={"language": "en", "next": "/faq?"}, headers=ITALIAN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/faq")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=en; ")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"} <= set(cookie.split("; "))
    assert language_of(visitor.get("/faq", headers=ITALIAN)) == "en"
    visitor.client.post("/language", data={"language": "it"})
    assert language_of(visitor.get("/faq")) == "it"


def test_a_cookie_of_no_language_is_as_none(browser: Callable[[], Browser]) -> None:
    visitor = browser()
    visitor.client.set_cookie(COOKIE, "../../etc")
    assert language_of(visitor.get("/")) == "en"


@pytest.mark.parametrize("code", ["", "xx", "ar", "EN", "../it", "it\x00"])
def test_it_takes_only_languages_that_it_speaks(client: FlaskClient, code: str) -> None:
    answer = client.post("/language", data={"language": code})
    assert answer.status_code == 422
    assert "There is no such language here." in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "\\\\example.org",
        "faq",
        "/nothing",
        "/logout",
        "/faq?x=\r\nSet-Cookie: a=b",
        "/\t/example.org",
        "javascript:alert(1)",
        "",
    ],
)
def test_it_leads_to_no_page_but_ours(client: FlaskClient, address: str) -> None:
    answer = client.post("/language", data={"language": "it", "next": address})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_it_leads_back_to_the_page_with_what_was_asked_for(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    page = visitor.get("/conversations?q=bread&order=oldest").text
    assert 'name="next" value="/conversations?q=bread&amp;order=oldest"' in page
    answer = visitor.post("/language", language="it", next="/conversations?q=bread&order=oldest")
    assert answer.headers["Location"] == "/conversations?q=bread&order=oldest"


def test_somebody_elses_page_chooses_nothing(client: FlaskClient, inside: Inside, alice: str) -> None:
    from_elsewhere = client.post("/language", data={"language": "it"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert from_elsewhere.status_code == 403
    assert "Set-Cookie" not in from_elsewhere.headers
    without_token = inside(alice).client.post("/language", data={"language": "it"})
    assert without_token.status_code == 403


def test_the_form_is_on_every_page_and_has_a_token_where_there_is_a_session(client: FlaskClient, inside: Inside, alice: str) -> None:
    def form(page: str) -> str:
        return page[page.index('<form class="row" id="languages"') :]

    outside, within = form(client.get("/faq").text), form(inside(alice).get("/overview").text)
    for code, name in LANGUAGES.items():
        assert f'value="{code}" lang="{code}"' in outside
        assert f">{name}</button>" in outside
    assert 'value="en" lang="en" aria-current="true"' in outside
    assert "csrf_token" not in outside
    assert "csrf_token" in within


@pytest.mark.parametrize("path", ["/", "/models", "/statistics", "/releases", "/terms", "/privacy", "/login", "/nothing", "/receipts/verify"])
def test_no_page_is_handed_to_who_reads_another_language(client: FlaskClient, path: str) -> None:
    answers = [client.get(path, headers=headers) for headers in ({}, ITALIAN, {}, ITALIAN)]
    assert [language_of(answer) for answer in answers] == ["en", "it", "en", "it"]
    for answer in answers:
        assert {"Accept-Language", "Cookie"} <= {word.strip() for word in answer.headers["Vary"].split(",")}
        assert "no-store" in answer.headers["Cache-Control"]
        assert "ETag" not in answer.headers


def test_fragments_say_their_language(inside: Inside, alice: str) -> None:
    answer = inside(alice).get("/conversations", headers={**HTMX, **ITALIAN})
    assert "1 conversazione" in answer.text
    assert answer.headers["Content-Language"] == "it"
    assert {"HX-Request", "Accept-Language", "Cookie"} <= {word.strip() for word in answer.headers["Vary"].split(",")}


def test_what_leads_elsewhere_has_no_language(client: FlaskClient) -> None:
    answer = client.get("/overview", headers=ITALIAN)
    assert answer.status_code == 303
    assert "Content-Language" not in answer.headers


def test_programs_are_answered_in_english(client: FlaskClient, inside: Inside, alice: str) -> None:
    for path in ("/api/v1/me", "/receipts/" + "x" * 43 + ".json"):
        plain, italian = client.get(path), client.get(path, headers=ITALIAN)
        facts = [{**json.loads(answer.text), "error_id": ""} for answer in (plain, italian)]
        assert facts[0] == facts[1]
        assert "Content-Language" not in italian.headers
    visitor = inside(alice)
    public_id = visitor.public_ids()[0]
    for file in ("conversation.md", "conversation.json"):
        address = f"/conversations/{public_id}/{file}"
        assert visitor.get(address).data == visitor.get(address, headers=ITALIAN).data
    assert "## You" in visitor.get(f"/conversations/{public_id}/conversation.md", headers=ITALIAN).text


def test_the_badge_is_one_for_everybody(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    visitor.post("/your-data/badge")
    found = re.search(r'src="(/badge/[^"?]+)', visitor.get("/your-data/name").text)
    assert found
    plain, italian = visitor.get(found[1]), visitor.get(found[1], headers=ITALIAN)
    assert plain.data == italian.data
    assert plain.headers["ETag"] == italian.headers["ETag"]


def test_errors_on_pages_speak_too(client: FlaskClient) -> None:
    answer = client.get("/receipts/" + "x" * 43, headers=ITALIAN)
    assert answer.status_code == 404
    assert "<h1>Non trovato</h1>" in answer.text
    assert "A questo indirizzo non c’è nessuna ricevuta." in answer.text


def test_values_in_errors_are_put_into_the_translation(inside: Inside, alice: str) -> None:
    answer = inside(alice).get("/conversations?since=never", headers=ITALIAN)
    assert answer.status_code == 422
    assert "since dev’essere un giorno, per esempio 2026-11-21." in answer.text


def test_the_terms_are_those_of_the_extension_in_the_language_of_the_reader(app: ShareLM, client: FlaskClient) -> None:
    english, italian = client.get("/terms"), client.get("/terms", headers=ITALIAN)
    assert "<h1>Condizioni per chi contribuisce</h1>" in italian.text
    assert "<h1>Condizioni" in client.get("/terms?language=it").text
    assert "<h1>Terms of contribution</h1>" in client.get("/terms?language=en", headers=ITALIAN).text
    for page in (english, italian):
        assert app.server.consent.version in page.text
    given = client.get("/api/v1/consent?language=it").json
    assert given["hash" if "hash" in given else "sha256"] in italian.text


def test_everything_can_be_withdrawn_with_the_words_of_either_language(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    assert "«ritira tutto»" in visitor.get("/withdraw-all", headers=ITALIAN).text
    assert visitor.post("/withdraw-all", headers=ITALIAN, phrase="ritira niente").status_code == 422
    assert visitor.post("/withdraw-all", headers=ITALIAN, phrase="Ritira  tutto").status_code == 303


@pytest.fixture
def italian(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(language, "NOBODY", Reader("it", Locale("it"), NullTranslations()))
    yield


@pytest.mark.usefixtures("italian")
def test_numbers_and_dates_read_as_in_italy() -> None:
    assert (number(1234567), percent(2.5, 1), percent(40), size(1_250_000)) == ("1.234.567", "2,5%", "40%", "1,2 MB")
    assert (day_text(NOW), short_day(NOW), month_text(NOW)) == ("21 nov 2026", "21 nov", "nov 2026")
    assert moment_text(NOW) == "21 nov 2026, 20:14 UTC"


def test_numbers_and_dates_stay_as_they_were_in_english() -> None:
    assert (number(1234567), percent(2.5, 1), percent(40), size(1_250_000)) == ("1\u202f234\u202f567", "2.5 %", "40 %", "1.2 MB")
    assert (day_text(NOW), short_day(NOW), month_text(NOW), moment_text(NOW)) == ("21 Nov 2026", "21 Nov", "Nov 2026", "21 Nov 2026, 20:14 UTC")
    assert count_of(1, "hour") == "1 hour"


def test_outside_of_a_request_it_is_english(app: ShareLM) -> None:
    assert language.find_language() == "en"
    with app.app_context():
        assert language.gettext("Withdraw everything") == "Withdraw everything"
