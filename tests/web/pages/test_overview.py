"""A contributor's own overview."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.web.pages.overview import DAYS, day_chart, days_of, share_of
from tests.web.pages.conftest import Browser

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
GPT = "https://chatgpt.com/c/1?model=gpt-4o"


def words_of(page: str) -> str:
    """A page as it is read, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1]).split())


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the end of its section."""
    start = page.index(f'id="{heading}"')
    return words_of("<main " + page[start : page.index("</section>", start)])


def test_it_needs_a_login(client: FlaskClient) -> None:
    answer = client.get("/overview")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert client.post("/overview").status_code in {400, 403, 405}


def test_it_sums_up_what_is_ones_own(upload: Upload, inside: Inside, run_job: Run, alice: str, bob: str) -> None:
    upload(alice, "c-1", page_url=GPT, user=["One", "Two"], bot=["1", "2"], conversation_metadata={"message_ratings": [1, -1], "rate": "thumbup"})
    upload(alice, "c-2", user=["Three"], bot=["3"])
    upload(bob, "c-1", page_url="https://claude.ai/chat/1", user=["A question of Bob's"], conversation_metadata={"message_ratings": [-1]})
    run_job("anonymise")
    page = inside(alice).get("/overview").text
    assert "2 conversations, the newest received" in words_of(page)
    assert section(page, "ratings").endswith("Answers of models 3 Rated good 2 Rated poor 1")
    assert section(page, "platforms").endswith("ChatGPT 1 Gradio and Spaces 1")
    assert section(page, "models").endswith("gpt-4o 1 heron/chat 1")
    assert "Claude" not in page
    assert "Bob" not in page
    theirs = inside(bob).get("/overview").text
    assert "Claude" in theirs
    assert not any(word in theirs for word in ("gpt-4o", "ChatGPT", "Two"))


def test_it_counts_by_day(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    for number in range(3):
        upload(alice, f"c-{number}")
    run_job("anonymise")
    days_back = {1: 0, 2: DAYS - 1, 3: DAYS}
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with write(app.server.engine) as connection:
        for row_id, days in days_back.items():
            connection.execute(update(conversation).where(conversation.c.id == row_id).values(received_at=today - timedelta(days=days)))
    page = inside(alice).get("/overview").text
    first = today - timedelta(days=DAYS - 1)
    table = page[page.index("As a table") :].split("</table>")[0]
    assert re.findall(r'datetime="(\d{4}-\d\d-\d\d)', table) == [f"{today:%Y-%m-%d}", f"{first:%Y-%m-%d}"], "the day before is too old"
    assert "<svg" in page
    assert f"none on {DAYS - 2} of {DAYS} days" in page


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_says_which_share_of_each_release_is_ones_own(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str, bob: str) -> None:
    upload(alice, "c-1")
    for number in range(3):
        upload(bob, f"c-{number}")
    for name in ("anonymise", "release"):
        run_job(name)
    upload(alice, "c-2")
    for name in ("anonymise", "release"):
        run_job(name)
    visitor = inside(alice)
    text = section(visitor.get("/overview").text, "released")
    newer, _, older = re.findall(r"20\d\d\.\d\d\.\d", text)
    assert f"Your contributions are 40 % of release {newer}" in text
    assert f"{newer} 2 of 5 40 % {older} 1 of 4 25 %" in text
    with read(app.server.engine) as connection:
        newest = connection.execute(select(conversation.c.public_id).order_by(conversation.c.id.desc())).scalars().first()
    visitor.post(f"/conversations/{newest}/withdraw")
    assert f"{newer} 1 of 5 20 % {older} 1 of 4 25 %" in section(visitor.get("/overview").text, "released")


def test_it_says_so_when_nothing_is_released(inside: Inside, alice: str) -> None:
    assert "In none yet" in inside(alice).get("/overview").text


def test_it_counts_what_was_just_received_by_stage_only(inside: Inside, alice: str) -> None:
    page = inside(alice).get("/overview").text
    assert "1 Received anonymised within a minute" in " ".join(re.sub(r"(Received) (\d)", r"\2 \1", words_of(page)).split())
    assert "is counted by model, platform and day once it is anonymised" in page


def test_withdrawn_ones_are_in_no_sum(upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice, "c-1", page_url=GPT, user=["To be withdrawn"])
    run_job("anonymise")
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    visitor.post(f"/conversations/{public_id}/withdraw")
    page = visitor.get("/overview").text
    assert "Nothing given so far, or all of it withdrawn" in words_of(page)
    assert not any(word in page for word in ("gpt-4o", "To be withdrawn", "ChatGPT"))


def test_it_tells_what_to_do_next_when_there_is_nothing(client: FlaskClient, browser: Callable[[], Browser], alice: str) -> None:
    given = {"version": client.get("/api/v1/consent").json["version"], "language": "en", "adult": True}
    client.post("/api/v1/consent", json=given, headers={"Authorization": f"Bearer {alice}"})
    visitor = browser()
    visitor.log_in(alice)
    page = visitor.get("/overview").text
    assert "No conversations yet" in page
    assert "What to do next" in page
    assert "<svg viewBox" not in page


def test_it_changes_nothing(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str) -> None:
    upload(alice)
    run_job("anonymise")
    visitor = inside(alice)
    statements: list[str] = []
    event.listen(app.server.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert visitor.get("/overview").status_code == 200
    assert statements
    assert not [statement for statement in statements if not statement.lstrip().upper().startswith("SELECT")]


def test_it_has_nothing_inline(inside: Inside, upload: Upload, run_job: Run, alice: str) -> None:
    upload(alice, page_url="https://chatgpt.com/?model=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    run_job("anonymise")
    page = inside(alice).get("/overview").text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script>", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "less than 0.1 %"),
        (1, 10_000, "less than 0.1 %"),
        (1, 1_000, "0.1 %"),
        (1, 40, "2.5 %"),
        (1, 8, "12 %"),
        (7, 7, "100 %"),
        (8, 7, "100 %"),
    ],
)
def test_it_puts_shares_in_words(part: int, whole: int, words: str) -> None:
    assert share_of(part, whole) == words


def test_it_names_the_best_day() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    days = days_of({int(at.timestamp()) // 86_400: 1}, at=at)
    assert (days[0][0], days[-1][0]) == (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert "1 conversation on 1 Mar, the most on one day; none on 29 of 30 days." in day_chart(days)
