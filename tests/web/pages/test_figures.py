"""The public pages with figures: they read one table and say honestly what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.web.pages.figures import language_name, model_name, month_name, platform_name, scale_top

Upload = Callable[..., TestResponse]
Run = Callable[[str], object]
GPT = "https://chatgpt.com/c/1?model=gpt-4o"


def give(upload: Upload, run_job: Run, people: int, **payload: object) -> None:
    for number in range(people):
        upload(f"Person-{number:03}-user-ID_0123456789abcdefghijkl", page_url=GPT, **payload)
    for name in ("anonymise", "figures"):
        run_job(name)


@pytest.mark.parametrize("path", ["/models", "/statistics"])
@pytest.mark.parametrize("people", [0, 9])
def test_below_ten_people_it_says_so_and_no_number(client: FlaskClient, upload: Upload, run_job: Run, path: str, people: int) -> None:
    give(upload, run_job, people)
    page = client.get(path).text.partition("<footer")[0]
    assert "Not enough people yet" in page
    assert not any(word in page for word in ("gpt-4o", "ChatGPT", "English", "<svg viewBox"))


@pytest.mark.parametrize("path", ["/models", "/statistics"])
def test_it_has_words_before_the_first_count(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert "Not enough people yet" in page
    assert "The first count is made within an hour" in page


def test_from_ten_people_on_models_are_named(client: FlaskClient, upload: Upload, run_job: Run) -> None:
    give(upload, run_job, 10, conversation_metadata={"message_ratings": [1]})
    page = client.get("/models").text
    assert page.count("gpt-4o") == 3, "30 days, 90 days, ratings"
    assert "72–100 %" in page
    assert "Among people who chose to give" in page


def test_ratings_of_few_are_not_shown(client: FlaskClient, upload: Upload, run_job: Run) -> None:
    give(upload, run_job, 10)
    upload("Person-000-user-ID_0123456789abcdefghijkl", page_url=GPT, conversation_metadata={"message_ratings": [-1]})
    run_job("figures")
    assert "No model has been rated by 10 contributors yet" in client.get("/models").text
    assert "Fewer than 10 contributors have given thumbs" in client.get("/statistics").text


def test_statistics_have_a_chart_and_tables(client: FlaskClient, upload: Upload, run_job: Run) -> None:
    give(upload, run_job, 10, conversation_metadata={"message_ratings": [1]})
    page = client.get("/statistics").text
    assert re.search(r'<svg viewBox="[\d ]+" role="img" aria-labelledby="months-t months-d">', page)
    for name in ("English", "ChatGPT"):
        assert re.search(rf'<bdi>{name}</bdi></th><td class="whisker">.*?<td class="num"[^>]*>10</td><td class="num"[^>]*>10</td>', page)
    assert page.count("<table") == 4


@pytest.mark.parametrize("path", ["/", "/models", "/statistics"])
def test_it_reads_no_conversation(app: ShareLM, client: FlaskClient, upload: Upload, run_job: Run, path: str) -> None:
    give(upload, run_job, 1)
    statements: list[str] = []
    event.listen(app.server.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    client.get(path)
    assert statements
    assert not [statement for statement in statements if "conversation" in statement]


def test_names_of_foreign_models_are_escaped(client: FlaskClient, upload: Upload, run_job: Run) -> None:
    for number in range(10):
        user_id = f"Person-{number:03}-user-ID_0123456789abcdefghijkl"
        headers = {"Authorization": f"Bearer {user_id}"}
        version = client.get("/api/v1/consent").json["version"]
        client.post("/api/v1/consent", json={"version": version, "language": "en", "adult": True}, headers=headers)
        messages = [{"id": "1", "role": "user", "content": "Hello"}, {"id": "2", "role": "assistant", "content": "Hi"}]
        sent = {"conversation_id": "x", "messages": messages, "model": "<img src=x onerror=alert(1)>", "platform": "new-one"}
        assert client.post("/api/v1/conversations", json=sent, headers=headers).status_code == 200
    for name in ("anonymise", "figures"):
        run_job(name)
    assert "&lt;img src=x onerror=alert(1)&gt;" in client.get("/models").text
    assert "<img" not in client.get("/models").text
    assert "new-one" in client.get("/statistics").text


@pytest.mark.parametrize(("high", "top"), [(1, 20), (20, 20), (21, 40), (81, 100), (100, 100)])
def test_scales_end_at_twenties(high: int, top: int) -> None:
    assert scale_top([{"high": high}, {"high": 1}]) == top


def test_it_names_what_has_no_name() -> None:
    assert (language_name("de"), language_name(None), language_name("")) == ("German", "Too short to tell, or code", "Other languages together")
    assert (platform_name("chatgpt"), platform_name("new"), platform_name(None)) == ("ChatGPT", "new", "Not known")
    assert platform_name("") == "Other platforms together"
    assert (model_name("gpt-4o"), model_name(None), model_name("")) == ("gpt-4o", "Not known", "Other models together")
    assert month_name("2026-11") == "Nov 2026"
