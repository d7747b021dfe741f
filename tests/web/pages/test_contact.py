"""The contact form: for everybody, with what it is about; kept for the operator, shown to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from sharelm import ShareLM
from sharelm.store.contact_message import contact_message
from sharelm.store.engine import read
from sharelm.vocabulary import Report
from tests import processes
from tests.web.pages.conftest import Browser

New = Callable[[], Browser]
PAGE = "/contact"
GOOD = {"kind": "privacy", "about": "sharelm:77ab", "message": "My street is in it.\r\nPlease look.", "reply_to": "eve@example.org"}
HOSTILE = '"><script>alert(1)</script><img src=x hx-get=/logout>'


def kept(app: ShareLM) -> Sequence[Any]:
    with read(app.server.engine) as connection:
        return connection.execute(select(contact_message)).all()


@pytest.mark.parametrize("kind", [*Report])
def test_anybody_can_write(app: ShareLM, browser: New, kind: str) -> None:
    visitor = browser()
    answer = visitor.post(PAGE, **GOOD | {"kind": kind})
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=sent")
    (row,) = kept(app)
    assert (row.kind, row.about, row.message, row.reply_to) == (kind, "sharelm:77ab", "My street is in it.\nPlease look.", "eve@example.org")
    assert row.user_digest is None
    assert "Received" in visitor.get(answer.location).text
    assert GOOD["about"] not in visitor.get(answer.location).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": ""}, "kind"), ({"kind": "spam"}, "kind"), ({"message": ""}, "message"), ({"message": " \n "}, "message"),
        ({"message": "x" * 4001}, "message"), ({"about": "x" * 256}, "about"), ({"about": "a\x1bb"}, "about"), ({"reply_to": "a\nb"}, "reply_to"),
    ],
)  # fmt: skip
def test_it_says_which_field_is_wrong_and_keeps_the_rest(app: ShareLM, browser: New, changed: dict[str, str], field: str) -> None:
    answer = browser().post(PAGE, **GOOD | changed)
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 1
    assert f'id="{field}-error"' in answer.text
    assert "Nothing was sent." in answer.text
    assert not [value for name, value in GOOD.items() if name not in changed and name != "message" and value not in answer.text]
    assert not kept(app)


def test_what_somebody_wrote_is_shown_as_text(browser: New) -> None:
    visitor = browser()
    pages = [visitor.post(PAGE, **dict.fromkeys(GOOD, HOSTILE)).text, visitor.get(PAGE, query_string={"kind": HOSTILE, "about": HOSTILE}).text]
    assert not [page for page in pages if "<script>alert" in page or "<img" in page]


def test_a_link_can_say_what_it_is_about(browser: New) -> None:
    page = browser().get(PAGE, query_string={"kind": "threat", "about": "sharelm:77"}).text
    assert '<option value="threat" selected>' in page
    assert 'value="sharelm:77"' in page


def test_the_sixth_in_an_hour_must_wait(browser: New) -> None:
    answers = [browser().post(PAGE, **GOOD) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert int(answers[5].headers["Retry-After"]) > 300
    assert browser().post(PAGE, **GOOD | {"message": ""}).status_code == 422


def test_withdrawing_everything_takes_a_contributors_message_along(app: ShareLM, inside: Callable[[str], Browser], browser: New, alice: str) -> None:
    visitor = inside(alice)
    visitor.post(PAGE, **GOOD | {"message": "Mine"})
    browser().post(PAGE, **GOOD | {"message": "Not mine"})
    visitor.post("/withdraw-all", phrase="withdraw everything")
    assert [row.message for row in kept(app)] == ["Not mine"]


def test_it_takes_nothing_from_other_sites(app: ShareLM, browser: New) -> None:
    visitor = browser()
    assert visitor.client.post(PAGE, data=GOOD).status_code == 403
    assert visitor.post(PAGE, headers={"Origin": "https://evil.example"}, **GOOD).status_code == 403
    assert not kept(app)


def test_what_somebody_wrote_is_never_logged(browser: New, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    browser().post(PAGE, **GOOD | {"message": "canary words", "reply_to": "canary@example.org"})
    browser().post(PAGE, **GOOD | {"about": "canary\x1b", "message": "canary words"})
    assert "canary" not in caplog.text


@pytest.mark.parametrize("path", ["/", "/faq", "/terms", "/privacy", "/releases", "/models", "/statistics", "/install", "/login", "/nothing"])
def test_every_page_leads_there(browser: New, path: str) -> None:
    assert f'<a href="{PAGE}">Contact</a>' in browser().get(path).text


def test_the_operator_lists_the_newest_first_and_by_kind(app: ShareLM, browser: New, environment: dict[str, str]) -> None:
    def listed(*options: str) -> str:
        done = processes.flask("contact", "list", *options, environment=environment)
        return done.stdout + done.stderr

    visitor = browser()
    for number, kind in enumerate(("threat", "other", "threat")):
        visitor.post(PAGE, kind=kind, message=f"Message {number} \u202e\x1b]0;title\x07", about=f"about {number}", reply_to="")
    text = listed()
    assert [text.index(f"Message {number}") for number in (2, 1, 0)] == sorted(text.index(f"Message {number}") for number in range(3))
    assert not [letter for letter in text if letter in "\x1b\x07\u202e"]
    assert "    About: about 2" in text
    threats = listed("--kind", "threat", "--limit", "1")
    assert "Message 2" in threats
    assert "Message 1" not in threats
    assert "1 older ones are not shown" in threats
    assert "No message of this kind" in listed("--kind", "copyright")
    assert "copyright" in listed("--kind", "nothing")
