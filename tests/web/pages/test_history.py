"""Bring your history on the pages: agree, send, watch, choose, preview, erase."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from sharelm import ShareLM
from sharelm.store.contributor import consent
from sharelm.store.engine import read
from sharelm.web.language import COOKIE
from sharelm.web.pages.history import NO_SUCH
from tests.web.api.exports import claude, claude_chat, fixture, some_chats
from tests.web.pages.conftest import HTMX, Browser, without_marks
from tests.web.pages.test_italian_pages import left_over

Inside = Callable[[str], Browser]
Run = Callable[[str], object]
PATH = "/your-data/history"
BOX = re.compile(r'<input type="checkbox" name="id" value="(\d+)"( checked)?( disabled)?>')
PERSONAL = claude(claude_chat("c-1", "Write to me@example.org", "I wrote to me@example.org.", "And now?", "Wait for an answer from me@example.org."))


def agree(visitor: Browser) -> None:
    page = visitor.get(PATH).text
    version, language = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("version", "language"))  # type: ignore[index]
    assert visitor.post(f"{PATH}/agree", version=version, language=language, is_agreed="yes").location == PATH


def send(visitor: Browser, content: bytes, **more: Any) -> Any:
    return visitor.client.post(PATH, data={"csrf_token": visitor.token(), "file": (io.BytesIO(content), "export.zip")}, **more)


@pytest.fixture
def hers(inside: Inside, alice: str) -> Browser:
    visitor = inside(alice)
    agree(visitor)
    return visitor


@pytest.fixture
def bring(run_job: Run) -> Callable[..., str]:
    """The page of an export that is read."""

    def sent(visitor: Browser, content: bytes) -> str:
        answer = send(visitor, content)
        assert answer.status_code == 303, answer.text
        run_job("export")
        return str(answer.location)

    return sent


def test_the_terms_come_first(app: ShareLM, inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    page = visitor.get(PATH).text
    assert 'type="file"' not in page
    assert "First, the terms" in page
    assert send(visitor, fixture("claude_export.zip")).location == PATH
    refused = visitor.post(f"{PATH}/agree", version=app.server.consent.version, language="en")
    assert refused.status_code == 422
    assert "Tick the box" in refused.text
    assert visitor.post(f"{PATH}/agree", version="older", language="en", is_agreed="yes").status_code == 422
    agree(visitor)
    assert 'type="file"' in visitor.get(PATH).text
    with read(app.server.engine) as connection:
        given = connection.execute(select(consent).where(consent.c.version == app.server.consent.version)).one()
    assert (given.language, given.text_sha256) == ("en", app.server.consent.sha256)


def test_it_is_read_while_one_watches(hers: Browser, run_job: Run) -> None:
    path = send(hers, some_chats(3)).location
    waiting = hers.get(path).text
    assert "<progress" in waiting
    assert f'hx-get="{path}"' in waiting
    part = hers.get(path, headers=HTMX)
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    run_job("export")
    part = hers.get(path, headers=HTMX)
    assert "hx-trigger" not in part.text
    assert "Your file is read." in part.text
    assert len(BOX.findall(part.text)) == 3


def test_nothing_is_chosen_beforehand_and_what_is_ticked_is_given(hers: Browser, bring: Callable[..., str]) -> None:
    path = bring(hers, some_chats(3))
    boxes = BOX.findall(hers.get(path).text)
    assert len(boxes) == 3
    assert not any(checked or disabled for _, checked, disabled in boxes)
    before = len(hers.public_ids())
    answer = hers.post(f"{path}/choose", id=boxes[0][0])
    assert answer.location == f"{path}?given=1"
    assert len(hers.public_ids()) == before + 1
    page = hers.get(answer.location).text
    assert "1 conversation given" in page
    assert [bool(disabled) for _, _, disabled in BOX.findall(page)] == [True, False, False]


def test_it_says_what_was_withdrawn_before(hers: Browser, bring: Callable[..., str]) -> None:
    export = claude(claude_chat("c-1", "Why?", "Because."))
    path = bring(hers, export)
    hers.post(f"{path}/choose", id=BOX.findall(hers.get(path).text)[0][0])
    hers.post(f"/conversations/{hers.public_ids()[0]}/withdraw")
    path = bring(hers, export)
    answer = hers.post(f"{path}/choose", id=BOX.findall(hers.get(path).text)[0][0])
    assert answer.location == f"{path}?given=0&refused=1"
    assert "1 was withdrawn before, and stays withdrawn." in hers.get(answer.location).text


def test_it_is_searched(hers: Browser, bring: Callable[..., str]) -> None:
    chats = [claude_chat("a", "Come si fa il TÈ?", "Con l'acqua."), claude_chat("b", "100 % of_it", "All."), claude_chat("c", "Tea", "Hot water.")]
    path = bring(hers, claude(*chats))
    asked = ("tè", "TEA", "water hot", "acqua tea", "%", "_", "nothing", " ")
    hits = {q: len(BOX.findall(hers.get(path, query_string={"q": q}).text)) for q in asked}
    assert hits == {"tè": 1, "TEA": 1, "water hot": 1, "acqua tea": 0, "%": 1, "_": 1, "nothing": 0, " ": 3}
    assert "Nothing found" in hers.get(path, query_string={"q": "nothing"}).text
    assert hers.get(path, query_string={"q": "x" * 201}).status_code == hers.get(path, query_string={"q": "\0"}).status_code == 422


def test_it_comes_page_by_page(hers: Browser, bring: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.web.pages.history.PAGE", 2)
    path = bring(hers, some_chats(5))
    seen, address = [], path
    for _ in range(3):
        page = hers.get(address).text
        seen += [number for number, _, _ in BOX.findall(page)]
        following = re.search(r'class="button" href="([^"]+cursor=[^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(set(seen)) == 5
    assert not address


def test_a_preview_shows_what_would_be_replaced(app: ShareLM, hers: Browser, bring: Callable[..., str]) -> None:
    path = bring(hers, PERSONAL)
    number = BOX.findall(hers.get(path).text)[0][0]
    page = hers.get(f"{path}/{number}").text
    assert "me@example.org" not in page
    assert page[page.index('id="thread"') :].count("[EMAIL_ADDRESS_1]") == 4  # in the messages, and once beside them
    assert "e-mail address, 3 times" in page
    assert hers.post(f"{path}/choose", id=number).status_code == 303


def test_a_preview_of_something_long_is_cut(hers: Browser, bring: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.web.pages.history_preview.MOST_CHARACTERS", 30)
    path = bring(hers, PERSONAL)
    page = hers.get(f"{path}/{BOX.findall(hers.get(path).text)[0][0]}").text
    assert "The rest is too long to be shown here." in page
    assert "Wait for an answer" not in page


def test_what_somebody_wrote_is_no_markup(hers: Browser, bring: Callable[..., str]) -> None:
    path = bring(hers, claude(claude_chat("<b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>")))
    page = hers.get(path).text
    number = BOX.findall(page)[0][0]
    for shown in (page, hers.get(f"{path}/{number}").text):
        assert "<script>alert" not in shown
        assert "<img" not in shown


def test_it_says_why_a_file_is_not_taken(hers: Browser, bring: Callable[..., str]) -> None:
    refused = send(hers, b"<html>")
    assert refused.status_code == 422
    assert "This is a web page, which we do not read." in refused.text
    failed = hers.get(bring(hers, b'[{"no": "export"}]')).text
    assert "We find no conversations in this file." in failed


def test_it_says_what_was_left_out(hers: Browser, bring: Callable[..., str]) -> None:
    page = hers.get(bring(hers, claude(claude_chat("a", "Why?", "Because."), claude_chat("b"), claude_chat("c", "Hello?")))).text
    assert "Left out: 1 without any text, 1 without an answer." in page


def test_it_is_erased(hers: Browser, bring: Callable[..., str]) -> None:
    path = bring(hers, some_chats(1))
    assert f'href="{path}"' in hers.get(PATH).text
    assert hers.post(f"{path}/erase").location == f"{PATH}?done=erased"
    assert hers.get(path).status_code == 404
    assert f'href="{path}"' not in hers.get(PATH).text


def test_somebody_elses_is_not_there(hers: Browser, inside: Inside, bring: Callable[..., str], bob: str) -> None:
    path, bobs = bring(hers, some_chats(1)), inside(bob)
    agree(bobs)
    number = BOX.findall(hers.get(path).text)[0][0]
    theirs = [bobs.get(path), bobs.get(f"{path}/{number}"), bobs.post(f"{path}/choose", id=number), bobs.post(f"{path}/erase")]
    missing = bobs.get(f"{PATH}/{'0' * 32}")
    assert {answer.status_code for answer in theirs} == {404}
    assert {without_marks(answer.text) for answer in theirs} == {without_marks(missing.text)}
    assert NO_SUCH in missing.text
    other = bring(bobs, some_chats(1))
    assert bobs.post(f"{other}/choose", id=number).status_code == 404
    assert hers.get(path).status_code == 200


@pytest.mark.parametrize("numbers", [[], ["x"], ["-1"], ["9" * 30], ["999999"]])
def test_it_takes_nothing_that_it_did_not_show(hers: Browser, bring: Callable[..., str], numbers: list[str]) -> None:
    path = bring(hers, some_chats(1))
    answer = hers.client.post(f"{path}/choose", data={"csrf_token": hers.token(), "id": numbers})
    assert answer.status_code == (404 if numbers else 422)
    for number in numbers:
        assert hers.get(f"{path}/{number}").status_code == 404


def test_it_requires_a_login(browser: Callable[[], Browser]) -> None:
    stranger = browser()
    for path in (PATH, f"{PATH}/{'0' * 32}", f"{PATH}/{'0' * 32}/1"):
        assert stranger.get(path).location == "/login"
    assert send(stranger, b"[]").location == "/login"
    assert stranger.post(f"{PATH}/agree").location == "/login"


def test_only_who_is_inside_may_send_something_large(hers: Browser, browser: Callable[[], Browser], run_job: Run) -> None:
    large = some_chats(1)[:-1] + b" " * 6_000_000 + b"]"
    assert send(hers, large).status_code == 303
    assert send(browser(), large).status_code == 413


def test_it_changes_nothing_without_our_own_form(hers: Browser) -> None:
    assert hers.client.post(PATH, data={"file": (io.BytesIO(b"[]"), "x.json")}).status_code == 403
    assert send(hers, b"[]", headers={"Origin": "https://evil.example"}).status_code == 403


def test_it_is_linked_where_people_look(hers: Browser, inside: Inside, bob: str) -> None:
    assert f'href="{PATH}"' in hers.get("/your-data").text


def test_it_speaks_italian(inside: Inside, bring: Callable[..., str], run_job: Run, alice: str) -> None:
    visitor = inside(alice)
    visitor.client.set_cookie(COOKIE, "it")
    pages = [visitor.get(PATH), visitor.post(f"{PATH}/agree")]
    agree(visitor)
    path = bring(visitor, claude(claude_chat("a", "Scrivi a me@example.org", "Fatto."), claude_chat("b"), claude_chat("c", "Ciao")))
    number = BOX.findall(visitor.get(path).text)[0][0]
    pages += [visitor.get(PATH), send(visitor, b"<html>"), visitor.get(path), visitor.get(f"{path}?q=niente"), visitor.get(f"{path}/{number}")]
    pages += [visitor.get(f"{path}?given=2&refused=1"), visitor.get(f"{PATH}?done=erased"), visitor.get(f"{PATH}/x")]
    pages += [visitor.get(bring(visitor, b'[{"no": "export"}]')), visitor.get(str(send(visitor, some_chats(1)).location), headers=HTMX)]
    assert [left_over(page.text) for page in pages] == [[]] * len(pages)
    assert {page.status_code for page in pages} == {200, 404, 422}
