"""Every page in Italian, with something on it: no English of the catalogue is left over."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.web.language import COOKIE
from tests.web.pages.conftest import HTMX, Browser
from tests.web.test_catalogues import PLACEHOLDER, messages, pairs, written

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0", SHARELM_OPERATOR="Biblioteca di Musterstadt", SHARELM_CONTACT="post@example.org")
Inside = Callable[[str], Browser]
MARKUP = re.compile(r"<[^>]*>")
SEEN = re.compile(r'\s(?:title|alt|placeholder|aria-label|data-label|data-[a-z-]+)="([^"]*)"')


def left_over(page: str) -> list[str]:
    """English of the catalogue with more than two words, in what people read on a page."""
    read = " ".join(html.unescape(" ".join((MARKUP.sub(" ", page), *SEEN.findall(page)))).split())
    return sorted(sentence for sentence in english_sentences() if sentence in read)


def english_sentences() -> Iterator[str]:
    for message in messages(written("it")):
        for english, translation in pairs(message):
            yield from (piece for piece in pieces(english) if piece not in set(pieces(translation)))


def pieces(words: str) -> Iterator[str]:
    """What stands between placeholders and tags, if it has more than two words."""
    for piece in re.split(rf"{PLACEHOLDER.pattern}|<[^>]*>", words):
        if len(piece.split()) > 2:
            yield " ".join(piece.split())


def test_it_would_notice() -> None:
    assert left_over("<p>You can withdraw it with one\nclick, and undo that for ten seconds.</p>")
    assert left_over('<input aria-label="Write it in your own words, or choose another answer.">')
    assert not left_over("<p>Puoi ritirarla con un clic, e annullare per dieci secondi.</p>")


@pytest.fixture
def full(inside: Inside, upload: Callable[..., TestResponse], run_job: Callable[[str], object], alice: str) -> Browser:
    """Alice's browser in Italian; figures, a release, a badge and a download are there, and conversations at several stages."""
    for number in range(12):
        ratings = {"message_ratings": [1 if number % 3 else -1]}
        upload(f"Person-{number:03}-user-ID_0123456789abcdefghij", page_url="https://chatgpt.com/", conversation_metadata=ratings)
    upload(alice, "c-1", user=["Scrivi a me@example.org", "E poi?"], bot=["Fatto.", "```\nx\n```\n\n![](https://example.org/a.png)\n\n|a|\n|-|\n|b|"])
    for name in ("anonymise", "release"):
        run_job(name)
    upload(alice, "c-2", bot=[])
    upload(alice, "c-3", user=["Ritirami"], bot=["Va bene."])
    for name in ("anonymise", "figures"):
        run_job(name)
    upload(alice, "c-4", user=["Nuova"], bot=["Va bene."])
    visitor = inside(alice)
    visitor.client.set_cookie(COOKIE, "it")
    visitor.post("/your-data/name", name="Alice", is_in_card="yes")
    visitor.post("/your-data/badge")
    visitor.post("/your-data/about-you", age_band="25-34", country="IT", gender="female")
    visitor.post("/your-data/download")
    run_job("download")
    return visitor


def words_of(visitor: Browser, public_ids: list[str]) -> dict[str, list[str]]:
    """What the arguments of addresses stand for. One conversation is withdrawn with an act of its own."""
    act = visitor.post("/conversations/withdraw", id=public_ids[-1]).headers["Location"].rpartition("=")[2]
    page = visitor.get(f"/conversations?withdrawal={act}").text
    link = re.search(r'href="/receipts/([^"]{43})"', page)
    version = re.search(r'href="/releases/([0-9.]+)"', visitor.get("/releases").text)
    assert link and version
    return {"public_id": public_ids, "receipt_id": [act], "token": [link[1]], "version": [version[1]], "code": ["x" * 43]}


def addresses(rule: Rule, words: dict[str, list[str]]) -> Iterator[str]:
    name = next((name for name in rule.arguments if name in words), "")
    for word in words.get(name, [""]):
        path = re.sub(f"<{name}>", word, rule.rule)
        if "<" not in path:
            yield path


QUERIES = {
    "/conversations": ["", "?q=parola", "?stage=released", "?stage=rejected", "?model=x&rating=good&since=2026-01-01&until=2026-02-01", "?since=x"],
    "/contact": ["", "?done=sent"],
    "/your-data/about-you": ["", "?done=saved", "?done=erased"],
    "/your-data/name": ["?done=saved"],
}


def test_no_page_says_something_in_english(app: ShareLM, full: Browser) -> None:
    words = words_of(full, full.public_ids())
    looked_at, found = 0, {}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith("/api/"):
            continue
        for path in addresses(rule, words):
            for query in QUERIES.get(path, [""]):
                for headers in ({}, HTMX):
                    answer = full.get(path + query, headers=headers)
                    if answer.mimetype == "text/html" and answer.status_code != 303:
                        looked_at += 1
                        assert answer.headers["Content-Language"] == "it"
                        found[path + query] = left_over(answer.text)
    assert looked_at > 70
    assert {path: sentences for path, sentences in found.items() if sentences} == {}


FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/conversations/{0}/rate", {"rating": "down"}),
    ("/conversations/{0}/rate", {"rating": "x"}),
    ("/conversations/{0}/reason", {"reason": "Breve"}),
    ("/conversations/{0}/reason", {"reason": "x" * 600}),
    ("/conversations/{0}/hide", {"passage": "Scrivi"}),
    ("/conversations/{0}/hide", {"passage": "parole assenti"}),
    ("/conversations/{0}/hide", {"passage": "x"}),
    ("/conversations/{0}/hide", {"passage": "Scrivi", "confirm": "yes"}),
    ("/conversations/{0}/delete-turn", {"last": "x"}),
    ("/conversations/{0}/withdraw", {}),
    ("/conversations/{0}/restore", {}),
    ("/conversations/withdraw", {}),
    ("/conversations/withdraw", {"id": "{0}"}),
    ("/conversations/restore", {"receipt_id": "0"}),
    ("/conversations/download", {}),
    ("/your-data/download", {}),
    ("/your-data/about-you", {"gender": "own-words"}),
    ("/your-data/about-you", {"country": "X"}),
    ("/your-data/name", {"name": "<"}),
    ("/your-data/name", {"is_in_card": "yes"}),
    ("/your-data/replace-id", {}),
    ("/your-data/replace-id/confirm", {"offer": "x"}),
    ("/receipts/verify", {"receipt": "{{}}"}),
    ("/receipts/verify", {"receipt": "x"}),
    ("/contact", {"kind": "x", "message": "Testo"}),
    ("/contact", {"kind": "other", "message": ""}),
    ("/open/x", {}),
    ("/login", {"user_id": "x"}),
    ("/language", {"language": "x"}),
    ("/nothing", {}),
    ("/withdraw-all", {"phrase": "x"}),
    ("/withdraw-all", {"phrase": "ritira tutto"}),
)


def test_no_form_answers_in_english(full: Browser, run_job: Callable[[str], object]) -> None:
    mine = next(one for one in full.public_ids() if "Nella pubblicazione" in full.get(f"/conversations/{one}").text)
    found, receipt = {}, ""
    for path, fields in FORMS:
        filled = {name: value.format(mine) for name, value in fields.items()}
        for headers in ({}, HTMX):
            answer = full.post(path.format(mine), headers=headers, **filled)
            receipt = answer.headers.get("Location", receipt) if path == "/withdraw-all" else receipt
            if answer.mimetype == "text/html" and answer.status_code != 303:
                found[f"{path} {fields} {headers}"] = left_over(answer.text)
    run_job("purge")
    found["receipt"] = left_over(full.get(receipt).text)
    assert "È tutto ritirato" in full.get(receipt).text
    assert len(found) > 40
    assert {form: sentences for form, sentences in found.items() if sentences} == {}
