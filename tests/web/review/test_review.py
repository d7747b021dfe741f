from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from sharelm import ShareLM
from sharelm.review.reviewers import LOGIN_LASTS
from sharelm.store.audit import audit_entry, select_entries
from sharelm.store.engine import read, write
from sharelm.vocabulary import Rejection
from tests.web.pages.conftest import browser, inside
from tests.web.review.conftest import PASSWORD, Reviewer

FIXTURES = (browser, inside)
MANUAL = pytest.mark.settings(SHARELM_REVIEW="manual", SHARELM_HOLD_HOURS="0")
RISKY = "I am 43, I work at the dairy, I live in Laxdorp, and my wife was diagnosed last year."
Upload = Callable[..., Any]
Rows = Callable[[], dict[str, Any]]


def acts(app: ShareLM) -> list[tuple[str, str]]:
    with read(app.server.engine) as connection:
        return [(entry.reviewer, entry.act) for entry in reversed(select_entries(connection, limit=50))]


@MANUAL
def test_the_riskiest_come_first_and_what_is_approved_is_released(
    app: ShareLM, rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str
) -> None:
    upload(alice, "calm", user=["Why does bread rise?"], bot=["Yeast."])
    upload(alice, "risky", user=[RISKY], bot=["I see."])
    run_job("anonymise")
    ids = {name: row.public_id for name, row in rows().items()}
    assert rae.queue() == [ids["risky"], ids["calm"]]
    assert rae.queue(risk="2") == [ids["risky"]]
    assert rae.queue(reason="employer") == [ids["risky"]]
    assert rae.queue(reason="grave") == []
    answer = rae.decide(ids["risky"], "approve", back="")
    assert answer.status_code == 303
    assert rae.queue() == [ids["calm"]]
    assert {name: row.stage for name, row in rows().items()} == {"risky": "approved", "calm": "anonymised"}
    assert acts(app) == [("operator", "add-reviewer"), ("rae", "approve")]


@MANUAL
def test_what_is_not_accepted_says_why_to_its_contributor_and_to_nobody_else(
    rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, inside: Any, alice: str
) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    assert rae.decide(public_id, "reject", reason="because").status_code == 422
    assert rae.decide(public_id, "reject", reason=Rejection.PRIVATE, words="The <b>dairy</b> is named.").status_code == 303
    assert rows()["c-1"].stage == "rejected"
    page = inside(alice).get(f"/conversations/{public_id}").text
    assert "Not accepted" in page
    assert "Not accepted: it says too much about somebody." in page
    assert "The &lt;b&gt;dairy&lt;/b&gt; is named." in page


@pytest.mark.settings(SHARELM_REVIEW="auto", SHARELM_HOLD_HOURS="0")
def test_what_was_not_accepted_is_never_approved_by_rule_when_it_grows(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    assert rae.decide(public_id, "reject", reason=Rejection.COPYRIGHT).status_code == 303
    upload(alice, user=["Why does bread rise?", "And cake?"], bot=["Yeast.", "Eggs."])
    run_job("anonymise")
    assert rows()["c-1"].stage == "anonymised"
    assert rae.queue() == [public_id]
    assert "was not accepted before" in rae.get("/review").text
    assert rae.decide(public_id, "approve").status_code == 303
    assert rows()["c-1"].stage == "approved"
    assert rows()["c-1"].rejection is None


@MANUAL
def test_a_form_that_nobody_looked_at_is_not_decided_on(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    seen = rae.change(public_id)
    upload(alice, user=["Why does bread rise?", "And cake?"], bot=["Yeast.", "Eggs."])
    run_job("anonymise")
    for act in ("approve", "reject"):
        assert rae.decide(public_id, act, change=seen, reason=Rejection.SPAM).status_code == 409
    assert rae.decide(public_id, "approve", change="").status_code == 422
    assert rows()["c-1"].stage == "anonymised"


@MANUAL
def test_text_is_hidden_by_a_reviewer(app: ShareLM, rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, user=["I see the blue heron lake"], bot=["The Blue Heron Lake is deep"])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    preview = rae.decide(public_id, "hide", passage="blue heron lake")
    assert "It stands in 2 places" in preview.text
    assert rae.decide(public_id, "hide", passage="blue heron lake", confirm="yes").status_code == 303
    assert [message["content"] for message in json.loads(rows()["c-1"].messages)] == ["I see the [HIDDEN_1]", "The [HIDDEN_1] is deep"]
    with read(app.server.engine) as connection:
        (entry, *_) = select_entries(connection, limit=1)
    assert (entry.reviewer, entry.act, entry.public_id, entry.count, entry.detail) == ("rae", "hide", public_id, 2, None)


@MANUAL
def test_what_still_waits_for_the_anonymiser_is_nobodys_to_see(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    first = rows()["c-1"].public_id
    assert rae.get(f"/review/conversations/{first}").status_code == 404
    assert rae.queue() == []
    run_job("anonymise")
    upload(alice, user=["Why does bread rise?", "Write to anna@example.org"], bot=["Yeast.", "No."])
    page = rae.get(f"/review/conversations/{first}").text
    assert "Why does bread rise?" in page
    assert "anna@example.org" not in page
    answer = rae.post(f"/review/conversations/{first}/hide", passage="anna", change="1")
    assert answer.status_code == 409
    assert "anna@example.org" not in answer.text


@MANUAL
def test_withdrawn_ones_are_gone(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, inside: Any, alice: str) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    change = rae.change(public_id)
    inside(alice).post(f"/conversations/{public_id}/withdraw")
    assert rae.queue() == []
    assert rae.get(f"/review/conversations/{public_id}").status_code == 404
    assert rae.post(f"/review/conversations/{public_id}/approve", change=change).status_code == 404


@pytest.mark.settings(SHARELM_REVIEW="sample", SHARELM_REVIEW_SAMPLE="2", SHARELM_HOLD_HOURS="0")
def test_the_rest_is_approved_after_the_sample(app: ShareLM, rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    for number in range(6):
        upload(alice, f"c-{number}", user=[f"Question {number}"], bot=["Answer"])
    upload(alice, "flagged", user=["Only I speak"], bot=[])
    run_job("anonymise")
    drawn = rae.queue()
    assert drawn == sorted(drawn)
    assert "0 of 2 looked at" in rae.get("/review").text
    assert rae.post("/review/rest").status_code == 409
    rae.decide(drawn[0], "approve")
    rae.decide(drawn[1], "reject", reason=Rejection.SPAM)
    flagged = rows()["flagged"].public_id
    left = 6 - len([one for one in drawn[:2] if one != flagged])
    assert "2 of 2 looked at" in rae.get("/review").text
    answer = rae.post("/review/rest")
    assert answer.status_code == 303
    page = rae.get(answer.location)
    assert page.status_code == 200
    assert "The rest is approved" in page.text
    stages = [row.stage for row in rows().values()]
    assert stages.count("anonymised") == (flagged not in drawn[:2])
    assert stages.count("approved") == left + 1
    with read(app.server.engine) as connection:
        assert [(entry.act, entry.count) for entry in select_entries(connection, limit=1)] == [("approve-rest", left)]
    assert rae.post("/review/rest").status_code in {303, 409}
    upload(alice, "next", user=["Again"], bot=["Answer"])
    run_job("anonymise")
    assert "0 of 1 looked at" in rae.get("/review").text or flagged not in drawn[:2]


@MANUAL
def test_the_rest_is_for_samples_only(rae: Reviewer) -> None:
    assert rae.post("/review/rest").status_code == 409


@MANUAL
def test_language_and_toxicity_are_marks(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    assert rae.decide(public_id, "label", language="it", toxic="yes").status_code == 303
    assert (rows()["c-1"].language, rows()["c-1"].toxic, rows()["c-1"].stage) == ("it", True, "anonymised")
    assert rae.decide(public_id, "label", language="", toxic="").status_code == 303
    assert (rows()["c-1"].language, rows()["c-1"].toxic) == (None, None)
    assert rae.decide(public_id, "label", language="italian", toxic="").status_code == 422
    assert rae.decide(public_id, "label", language="it", toxic="perhaps").status_code == 422


def test_the_log_can_only_be_added_to(app: ShareLM, rae: Reviewer) -> None:
    for change in (delete(audit_entry), update(audit_entry).values(reviewer="eve"), text("DELETE FROM audit_entry WHERE id = 1")):
        with pytest.raises(DatabaseError, match="only added to"), write(app.server.engine) as connection:
            connection.execute(change)
    assert acts(app) == [("operator", "add-reviewer")]
    assert "add-reviewer" in rae.get("/review/log").text


def test_messages_are_answered_here(app: ShareLM, rae: Reviewer, browser: Any, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, user=["Why does bread rise?"], bot=["Yeast."])
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    sent = browser().post("/contact", kind="copyright", about=f"sharelm:{public_id}", message="<b>Mine</b>", reply_to="")
    assert sent.status_code == 303
    page = rae.get("/review/messages").text
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page
    assert f"/review/conversations/{public_id}" in page
    (number,) = re.findall(r"/review/messages/(\d+)/done", page)
    assert rae.get("/review/messages?kind=threat").text.count("/done") == 0
    assert rae.post(f"/review/messages/{number}/done").status_code == 303
    assert rae.post(f"/review/messages/{number}/done").status_code == 404
    assert "No message waits" in rae.get("/review/messages").text
    assert acts(app)[-1] == ("rae", "answer")


def test_nobody_else_comes_in(app: ShareLM, upload: Upload, run_job: Any, rows: Rows, inside: Any, rae: Reviewer, alice: str) -> None:
    visitor = inside(alice)
    run_job("anonymise")
    public_id = rows()["c-1"].public_id
    for path in ("/review", "/review/messages", "/review/log", f"/review/conversations/{public_id}"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.location) == (303, "/review/login")
    for path in (f"/review/conversations/{public_id}/approve", f"/review/conversations/{public_id}/hide", "/review/rest", "/review/messages/1/done"):
        assert visitor.post(path).location == "/review/login"
    assert visitor.get("/overview").status_code == 200
    assert rae.get("/overview").location == "/login"


def test_wrong_names_and_passwords_are_answered_alike(app: ShareLM, rae: Reviewer) -> None:
    stranger = Reviewer(app.test_client())
    wrong = [stranger.log_in("rae", "not hers, that is sure"), stranger.log_in("eve", PASSWORD), stranger.log_in("", "")]
    assert {answer.status_code for answer in wrong} == {401}
    assert len({TOKENS.sub("", answer.text) for answer in wrong}) == 1
    for _ in range(12):
        stranger.log_in("rae", "not hers, that is sure")
    assert stranger.log_in().status_code == 429


TOKENS = re.compile(r'name="csrf_token" value="[^"]+"')


def test_a_login_ends_by_itself_and_by_hand(app: ShareLM, rae: Reviewer, monkeypatch: pytest.MonkeyPatch) -> None:
    from sharelm.web.review import visitor

    really = visitor.now()
    monkeypatch.setattr(visitor, "now", lambda: really + LOGIN_LASTS)
    assert rae.get("/review").status_code == 303
    monkeypatch.undo()
    assert rae.log_in().status_code == 303
    assert rae.get("/review").status_code == 200
    rae.post("/review/logout")
    assert rae.get("/review").location == "/review/login"


def test_odd_addresses_are_no_fault_of_ours(rae: Reviewer) -> None:
    for page in ("-1", "x", "9" * 30, "-" + "9" * 30):
        assert rae.get(f"/review?page={page}&risk=9&reason=%00&flag=%00&language=%00&open=%00").status_code == 200
        assert rae.get(f"/review/log?before={page}").status_code == 200
        assert rae.get(f"/review/messages?kind={page}%00").status_code == 200
        assert rae.post(f"/review/messages/{page}/done").status_code == 404


LONG = "Why does my bread not rise although I have kneaded it for a quarter of an hour and let it rest over night in a warm place with new yeast?"


@pytest.mark.settings(SHARELM_REVIEW="manual", SHARELM_FLOOD="3")
def test_marks_come_before_what_has_none_and_can_be_asked_for(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str, bob: str) -> None:
    upload(bob, "calm", user=["Why is the sky blue?"], bot=["Light is scattered."])
    upload(alice, "turns", user=["What is yeast?", "And salt?"], bot=["Something that lives.\n", ""])
    upload(alice, "same", user=[LONG], bot=["It may be too cold."])
    upload(bob, "copy", user=[LONG], bot=["It may be too cold."])
    upload(alice, "toxic", user=["Tell me why my neighbour is such an asshole to everybody"], bot=["I do not know them."])
    upload(alice, "fourth", user=["How far is the moon?"], bot=["Far."])
    run_job("anonymise")
    ids = {name: row.public_id for name, row in rows().items()}
    assert set(rae.queue()[-2:]) == {ids["calm"], ids["turns"]}
    assert set(rae.queue(mark="near-duplicate")) == {ids["same"], ids["copy"]}
    assert rae.queue(mark="toxic") == [ids["toxic"]]
    assert rae.queue(mark="flood") == [ids["fourth"]]
    assert rae.queue(mark="few-turns") == []
    assert len(rae.queue(mark="no such")) == 6
    page = rae.get(f"/review/conversations/{ids['same']}").text
    assert "nearly the same as another" in page
    assert f"/review/conversations/{ids['copy']}" in page


@MANUAL
def test_a_reviewer_takes_a_conversation_out_of_what_is_toxic(rae: Reviewer, upload: Upload, run_job: Any, rows: Rows, alice: str) -> None:
    upload(alice, "toxic", user=["Tell me why my neighbour is such an asshole to everybody"], bot=["I do not know them."])
    run_job("anonymise")
    public_id = rows()["toxic"].public_id
    assert "as a program says: toxic" in rae.get(f"/review/conversations/{public_id}").text
    assert rae.decide(public_id, "label", language="en", toxic="no").status_code == 303
    assert rae.queue(mark="toxic") == []
    assert (rows()["toxic"].toxic, rows()["toxic"].toxic_found) == (False, True)
