"""Thumbs and reasons on the page of a conversation: taken back by pressing again, and stronger than any later copy."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sharelm import ShareLM
from tests.released import newest, rows_in
from tests.web.pages.conftest import HTMX, Browser
from tests.web.pages.test_correcting import hide, page, said

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
KEY = re.compile(r'name="message" value="([0-9a-f-]*)">\s*<button class="icon-button')


def keys(visitor: Browser) -> list[str]:
    """The answers of the page in order, and last the whole."""
    return KEY.findall(page(visitor))


def rate(visitor: Browser, key: str, pressed: str, **options: Any) -> TestResponse:
    (public_id,) = visitor.public_ids()
    return visitor.post(f"/conversations/{public_id}/rate", message=key, rating=pressed, **options)


def tell(visitor: Browser, key: str, why: str) -> TestResponse:
    (public_id,) = visitor.public_ids()
    return visitor.post(f"/conversations/{public_id}/reason", message=key, reason=why)


def ratings(kept: Any) -> list[int | None]:
    return [message.get("rating") for message in json.loads(kept.pending or kept.messages)]


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_it_rates_answers_and_the_whole_and_takes_it_back(
    upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool
) -> None:
    upload(alice, user=["one", "two"], bot=["1", "2"])
    if is_anonymised:
        run_job("anonymise")
    visitor = inside(alice)
    first, second, whole = keys(visitor)
    assert whole == ""
    for key, pressed in ((first, "up"), (second, "down"), (whole, "up")):
        assert rate(visitor, key, pressed).status_code == 303
    assert (ratings(row()), row().rating) == ([None, 1, None, -1], 1)
    if is_anonymised:
        assert (row().thumbs_up, row().thumbs_down) == (1, 1)
    assert page(visitor).count('aria-pressed="true"') == 3
    rate(visitor, first, "not-up")
    rate(visitor, whole, "not-up")
    assert (ratings(row()), row().rating) == ([None, None, None, -1], None)
    if is_anonymised:
        assert (row().thumbs_up, row().thumbs_down) == (0, 1)


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_a_reason_goes_when_the_thumb_is_turned(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool) -> None:
    upload(alice, user=["one"], bot=["1"])
    visitor = inside(alice)
    for key in keys(visitor):
        rate(visitor, key, "up")
        tell(visitor, key, "great")
    if is_anonymised:
        run_job("anonymise")
    for key in keys(visitor):
        rate(visitor, key, "up")
    assert "great" in page(visitor)
    for key in keys(visitor):
        rate(visitor, key, "down")
    assert "great" not in page(visitor)
    assert (row().reasons, row().new_reasons) == (None, None)


def test_htmx_gets_the_thumbs_alone_with_the_focus(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["one"], bot=["1"])
    visitor = inside(alice)
    answer = rate(visitor, keys(visitor)[0], "up", headers=HTMX)
    assert answer.text.lstrip().startswith('<div class="rating"')
    assert re.search(r'aria-pressed="true"[^>]* autofocus', answer.text)
    assert "Rated good. Press again to take it back." in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_two_answers_of_the_same_words_are_rated_apart(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["one", "two"], bot=["Yes.", "Yes."])
    run_job("anonymise")
    visitor = inside(alice)
    first, second, _ = keys(visitor)
    assert second == f"{first}-2"
    rate(visitor, second, "down")
    upload(alice, user=["one", "two", "three"], bot=["Yes.", "Yes.", "Yes."])
    run_job("anonymise")
    assert ratings(row()) == [None, None, None, -1, None, None]


@pytest.mark.parametrize("pressed", ["up", "not-up"])
@pytest.mark.parametrize("is_anonymised", [False, True])
def test_a_rating_given_here_beats_a_later_whole_copy(
    upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool, pressed: str
) -> None:
    copy = {"user": ["one"], "bot": ["1"], "conversation_metadata": {"message_ratings": [-1], "rate": "thumbdown"}}
    upload(alice, **copy)
    if is_anonymised:
        run_job("anonymise")
    visitor, given = inside(alice), 1 if pressed == "up" else None
    for key in keys(visitor):
        rate(visitor, key, pressed)
    change = row().change
    upload(alice, **copy)
    assert row().change == change
    upload(alice, **copy | {"user": ["one", "two"], "bot": ["1", "2"]})
    run_job("anonymise")
    assert (ratings(row())[:2], row().rating) == ([None, given], given)


def test_a_rating_given_here_beats_what_the_extension_sends_again(send: Any, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    asked = said("u1", "one")
    send(asked, said("a1", "1", "u1", rating=-1), rating=-1)
    visitor = inside(alice)
    for key in keys(visitor):
        rate(visitor, key, "up")
    run_job("anonymise")
    for revision, rating in enumerate((-1, 0), start=2):
        assert send(said("a1", "1", "u1", rating=rating), revision=revision, rating=rating) == "unchanged"
    assert send(said("a1", "1, and more", "u1", rating=-1), revision=4) == "updated"  # the same answer, longer
    assert (ratings(row()), row().rating) == ([None, 1], 1)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_released_conversation_has_the_new_rating_in_the_next_release(
    app: ShareLM, upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, bob: str
) -> None:
    upload(alice, user=["one"], bot=["1"])
    run_job("anonymise")
    run_job("release")
    visitor = inside(alice)
    for key in keys(visitor):
        rate(visitor, key, "down")
    assert row().stage == "released"
    upload(bob, "c-2")
    run_job("anonymise")
    run_job("release")
    mine = next(line for line in rows_in(newest(app.server.releases_folder)) if line["conversation"][0]["content"] == "one")
    assert (mine["conversation_metadata"]["rate"], mine["turns"][1]["rating"]) == (-1, -1)


def test_a_reason_is_anonymised_and_shown_to_its_writer(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["I am alice@example.org, call bob@example.org"], bot=["1"])
    run_job("anonymise")
    visitor = inside(alice)
    answer, whole = keys(visitor)
    for key in (answer, whole):
        rate(visitor, key, "down")
        assert tell(visitor, key, f"It wrote to bob@example.org {key[:4]}").status_code == 303
    assert "bob@example.org" in row().new_reasons
    run_job("anonymise")
    kept = row()
    assert kept.new_reasons is None
    assert json.loads(kept.reasons) == {key: f"It wrote to [EMAIL_ADDRESS_2] {key[:4]}".strip() for key in (answer, whole)}
    assert page(visitor).count("It wrote to [EMAIL_ADDRESS_2]") == 4  # beside the thumbs, and to be changed
    tell(visitor, answer, " ")
    rate(visitor, whole, "not-down")
    assert row().reasons is None


def test_a_reason_that_changes_while_a_job_reads_waits_for_the_next_run(
    app: ShareLM, upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str
) -> None:
    from sharelm.anonymise import reasons
    from sharelm.jobs import how
    from sharelm.store.engine import read, write

    upload(alice, user=["one"], bot=["1"])
    visitor = inside(alice)
    rate(visitor, "", "up")
    tell(visitor, "", "first")
    with read(app.server.engine) as connection:
        (waiting,) = reasons.select_waiting(connection)
    tell(visitor, "", "second")
    with write(app.server.engine) as connection:
        found = reasons.anonymise_reasons(waiting, how(app.server))
        assert not +reasons.write_back(connection, [(waiting, found)])
    run_job("anonymise")
    assert json.loads(row().reasons) == {"": "second"}


def test_a_reason_loses_what_is_hidden_before_and_after(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["See Blaue Tür and den"], bot=["1"])
    visitor = inside(alice)
    rate(visitor, "", "up")
    hide(visitor)
    tell(visitor, "", "as blaue tür and den")
    assert "as [HIDDEN_1] and den" in page(visitor)
    assert "blaue" not in page(visitor)
    run_job("anonymise")
    assert row().new_reasons is None
    assert json.loads(row().reasons) == {"": "as [HIDDEN_1] and den"}
    assert "It stands in 2 places" in hide(visitor, "DEN", confirm="").text
    hide(visitor, "DEN")
    assert json.loads(row().reasons) == {"": "as [HIDDEN_1] and [HIDDEN_2]"}


def test_a_reason_of_a_deleted_turn_goes_with_it(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    from tests.web.pages.test_correcting import delete_turn

    upload(alice, user=["one", "two"], bot=["1", "2"])
    visitor = inside(alice)
    for key in keys(visitor):
        rate(visitor, key, "up")
        tell(visitor, key, f"why {key}")
    delete_turn(visitor)
    assert set(json.loads(row().new_reasons)) == set(keys(visitor))


@pytest.mark.parametrize(("why", "status"), [("x" * 500, 303), ("x" * 501, 422), ("\r\n" * 250, 303), ("a\0b", 422)])
def test_a_reason_has_bounds(upload: Upload, inside: Inside, alice: str, why: str, status: int) -> None:
    upload(alice)
    visitor = inside(alice)
    rate(visitor, "", "up")
    assert tell(visitor, "", why).status_code == status


def test_it_refuses_what_it_does_not_know(upload: Upload, inside: Inside, row: Any, alice: str, client: FlaskClient) -> None:
    upload(alice, user=["one"], bot=["1"])
    visitor, before = inside(alice), row()
    assert rate(visitor, "", "sideways").status_code == 422
    assert rate(visitor, "0" * 32, "up").status_code == 404
    assert tell(visitor, "", "without a rating").status_code == 422
    assert tell(visitor, "0" * 32, "of nothing").status_code == 404
    (public_id,) = visitor.public_ids()
    for action in ("rate", "reason", "hide", "delete-turn"):
        assert client.post(f"/conversations/{public_id}/{action}").status_code == 403  # no token
        assert visitor.client.get(f"/conversations/{public_id}/{action}").status_code == 405
    assert row() == before


def test_reasons_are_in_no_release_and_no_answer_of_the_api(upload: Upload, inside: Inside, run_job: Run, client: FlaskClient, alice: str) -> None:
    upload(alice, user=["one"], bot=["1"])
    visitor = inside(alice)
    for key in keys(visitor):
        rate(visitor, key, "up")
        tell(visitor, key, "a sentinel reason")
    run_job("anonymise")
    (public_id,) = visitor.public_ids()
    assert "a sentinel reason" not in client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"}).text
    assert "a sentinel reason" not in html.unescape(visitor.get(f"/conversations/{public_id}/json").text)
    assert visitor.get(f"/conversations/{public_id}/conversation.json").text.count("a sentinel reason") == 2


def test_a_reason_that_cannot_be_anonymised_is_not_kept(
    upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sharelm.anonymise import reasons

    def fail(texts: list[str], **_: Any) -> None:
        raise ValueError(texts[0])

    upload(alice, user=["one"], bot=["1"])
    visitor = inside(alice)
    rate(visitor, "", "up")
    tell(visitor, "", "a sentinel reason")
    monkeypatch.setattr(reasons, "anonymise_texts", fail)
    run_job("anonymise")
    assert (row().reasons, row().new_reasons) == (None, None)
    assert "a sentinel reason" not in caplog.text
