"""Terms, privacy, questions: they say what this server does."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from sharelm import ShareLM
from sharelm.web.pages.texts import render_markdown, slug

pytestmark = pytest.mark.one_database

QUESTIONS = ("private", "licence", "keep-out", "sites", "collected", "user-id", "identified", "remove", "who")


def test_it_shows_the_terms_in_force(app: ShareLM, client: FlaskClient) -> None:
    page = client.get("/terms").text
    consent = app.server.consent
    assert consent.version in page
    assert consent.sha256 in page
    assert page.count("Terms of contribution</h1>") == 1
    assert '<h2 id="section-1-what-you-give">' in page
    assert '<a href="#section-1-what-you-give">' in page


@pytest.mark.settings(SHARELM_OPERATOR="<script>alert(1)</script>", SHARELM_CONTACT="[x](javascript:alert(1))")
@pytest.mark.parametrize("path", ["/terms", "/privacy", "/faq"])
def test_it_shows_settings_as_text(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.settings(SHARELM_OPERATOR="Musterstadt Library", SHARELM_CONTACT="post@example.org", SHARELM_HOLD_HOURS="36", SHARELM_LICENCE="ODbL-1.0")
@pytest.mark.parametrize("path", ["/terms", "/privacy", "/faq"])
def test_it_is_completed_from_the_settings(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert all(word in page for word in ("Musterstadt Library", "post@example.org", "36 hours", "ODbL-1.0"))


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_promises_no_hold_where_there_is_none(client: FlaskClient) -> None:
    assert "be quick" in client.get("/faq").text
    assert "0 hours" not in client.get("/faq").text + client.get("/privacy").text + client.get("/").text


def test_it_shows_the_terms_in_italian(app: ShareLM, client: FlaskClient) -> None:
    page = client.get("/terms?language=it").text
    assert '<article class="prose" lang="it">' in page
    assert "<h1>Condizioni" in page
    assert app.server.consent.version in page
    assert 'href="/terms?language=en"' in page
    assert "Terms of contribution</h1>" in client.get("/terms?language=xx").text


def test_it_answers_every_question(client: FlaskClient) -> None:
    page = client.get("/faq").text
    for name in QUESTIONS:
        assert f'<h2 id="{name}">' in page
        assert f'<a href="#{name}">' in page


@pytest.mark.parametrize("path", ["/terms", "/privacy", "/faq"])
def test_it_takes_no_other_method(client: FlaskClient, path: str) -> None:
    assert client.put(path).status_code in {403, 405}


def test_it_renders_markdown_without_html() -> None:
    body, sections = render_markdown("# T\n\n## One & two\n\n<b onclick=x>hi</b> [a](javascript:x) ![p](https://example.org/p.png)")
    assert "<b " not in body
    assert "href" not in body
    assert sections == (("section-one-two", "One & two"),)
    assert slug("5. How to leave") == "section-5-how-to-leave"
