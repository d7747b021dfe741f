"""Hiding passages and deleting turns on the page: at every stage, for good, in every later copy too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.keys import content_digest
from sharelm.store.conversation import conversation
from sharelm.store.engine import write
from sharelm.web.current import now
from tests.released import newest, rows_in
from tests.web.pages.conftest import HTMX, Browser

Upload = Callable[..., TestResponse]
Inside = Callable[[str], Browser]
Run = Callable[[str], object]
NAME = "Blaue Tür"
LAST = re.compile(r'name="last" value="([^"]+)"')


def said(name: str, content: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    role = "assistant" if name.startswith("a") else "user"
    return {"id": name, "role": role, "content": content, "parent_id": parent, "gap": False, **more}


def hide(visitor: Browser, passage: str = NAME, *, confirm: str = "yes", **options: Any) -> TestResponse:
    (public_id,) = visitor.public_ids()
    return visitor.post(f"/conversations/{public_id}/hide", passage=passage, confirm=confirm, **options)


def delete_turn(visitor: Browser) -> TestResponse:
    (public_id,) = visitor.public_ids()
    last = LAST.search(visitor.get(f"/conversations/{public_id}").text)
    return visitor.post(f"/conversations/{public_id}/delete-turn", last=last[1] if last else "none")


def page(visitor: Browser) -> str:
    (public_id,) = visitor.public_ids()
    return visitor.get(f"/conversations/{public_id}").text


def everything_kept(row: Any) -> str:
    return " ".join(str(value) for value in row)


def test_it_shows_all_places_before_it_hides_any(upload: Upload, inside: Inside, row: Any, alice: str) -> None:
    upload(alice, user=["See blaue tür.", "Blaue Tür!"], bot=["Take **Blaue** Tür", "ok"])
    before = row()
    answer = hide(inside(alice), confirm="")
    assert answer.status_code == 200
    assert "It stands in 3 places" in answer.text
    assert answer.text.count("<mark>") == 3
    assert row() == before


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("jobs", [[], ["anonymise"], ["anonymise", "release"]])
@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_it_hides_at_every_stage(
    upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, jobs: list[str], headers: dict[str, str]
) -> None:
    upload(alice, user=["See blaue tür."], bot=["Take **Blaue** Tür, or Blaues"])
    for name in jobs:
        run_job(name)
    stage = row().stage
    visitor = inside(alice)
    answer = hide(visitor, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    text = page(visitor)
    assert not re.search("blaue|tür", text.replace("Blaues", ""), re.IGNORECASE)
    assert text.count("[HIDDEN_1]<span") == 2
    assert ("older copies keep the old text" in text) == (stage == "released")
    assert row().stage == stage
    run_job("anonymise")  # text that waits is kept as it was given until then
    assert not re.search("blaue(?!s)|tür", everything_kept(row()), re.IGNORECASE)
    assert everything_kept(row()).count("[HIDDEN_1]") == 2


def test_one_passage_has_one_number_and_another_the_next(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["Blaue met Ben, [HIDDEN_4]"], bot=["Blaue? Ben?"])
    visitor = inside(alice)
    hide(visitor, "blaue")
    hide(visitor, "BEN")
    upload(alice, user=["Blaue met Ben, [HIDDEN_4]", "Ben and Blaue"], bot=["Blaue? Ben?", "ok"])
    thread = page(visitor).split('id="thread"')[1].split("</section>")[0]
    labels = [label[-2] for label in re.findall(r"\[HIDDEN_\d\](?=<|,| met| and)", thread)]
    assert labels == ["5", "6", "4", "5", "6", "6", "5"]


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_a_later_copy_does_not_bring_it_back(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool) -> None:
    first, grown = {"user": ["See the blaue Tür"], "bot": ["Hello"]}, {"user": ["See the blaue Tür", "BLAUE  tür again"], "bot": ["Hello", "ok"]}
    upload(alice, **first)
    if is_anonymised:
        run_job("anonymise")
    hide(inside(alice))
    change = row().change
    upload(alice, **first)
    assert row().change == change  # the same copy once more changes nothing
    upload(alice, **grown)
    assert row().change == change + 1
    assert not re.search("blaue|tür", page(inside(alice)), re.IGNORECASE)
    run_job("anonymise")
    assert not re.search("blaue|tür", everything_kept(row()), re.IGNORECASE)
    assert [message["content"] for message in json.loads(row().messages)] == ["See the [HIDDEN_1]", "Hello", "[HIDDEN_1] again", "ok"]
    assert json.loads(row().redactions) == {"HIDDEN": 2}


def test_what_is_hidden_while_a_job_reads_stays_hidden(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    from sharelm.anonymise import advance
    from sharelm.anonymise.forms import How
    from sharelm.ingest.merge import shown_path
    from sharelm.jobs import clock
    from sharelm.store.engine import write

    upload(alice, user=["See the blaue Tür"], bot=["Hello"])
    with write(app.server.engine) as connection:
        claimed = advance.claim(connection, now=clock())
    digest = lambda public_id, text: content_digest(app.server.keys, public_id, text)  # noqa: E731
    results = [advance.anonymise_row(one, How(digest, shown_path, digest)) for one in claimed]
    hide(inside(alice))
    with write(app.server.engine) as connection:
        assert advance.write_back(connection, results)["changed meanwhile"] == 1
    assert "blaue" not in page(inside(alice))
    run_job("anonymise")
    assert "See the [HIDDEN_1]" in row().messages
    assert "blaue" not in everything_kept(row())


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_the_form_of_the_last_release_is_changed_too(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["See the blaue Tür"], bot=["Hello"])
    run_job("anonymise")
    run_job("release")
    upload(alice, user=["See the blaue Tür", "more"], bot=["Hello", "yes"])
    assert "blaue" in row().published
    hide(inside(alice))
    assert "blaue" not in f"{row().published} {row().messages}"
    assert "[HIDDEN_1]" in row().published
    run_job("anonymise")
    assert "blaue" not in everything_kept(row())


@pytest.mark.parametrize("passage", ["ab", "", "[EMAIL_ADDRESS_1]", "x" * 1001, "nowhere at all"])
def test_it_hides_nothing_that_it_cannot_find(upload: Upload, inside: Inside, row: Any, alice: str, passage: str) -> None:
    upload(alice, user=["See the blaue Tür"], bot=["Hello"])
    before, visitor = row(), inside(alice)
    assert hide(visitor, passage, confirm="").status_code == 200
    assert hide(visitor, passage, confirm="", headers=HTMX).status_code == 200
    assert hide(visitor, passage).status_code == 422
    assert row() == before


def test_hiding_twice_says_that_it_is_gone(upload: Upload, inside: Inside, alice: str) -> None:
    upload(alice, user=["See the blaue Tür"])
    visitor = inside(alice)
    assert [hide(visitor).status_code for _ in range(2)] == [303, 422]


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_it_deletes_the_last_turn_again_and_again_but_not_the_only_one(
    upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool
) -> None:
    upload(alice, user=["one", "two", "three"], bot=["1", "2", "3"], conversation_metadata={"message_ratings": [1, -1, 1]})
    if is_anonymised:
        run_job("anonymise")
    visitor = inside(alice)
    assert [delete_turn(visitor).status_code for _ in range(3)] == [303, 303, 409]
    assert "This is its only turn" in page(visitor)
    kept = row()
    assert [message["content"] for message in json.loads(kept.pending or kept.messages)] == ["one", "1"]
    assert kept.message_count == 2
    if is_anonymised:
        assert (kept.response_count, kept.thumbs_up, kept.thumbs_down) == (1, 1, 0)


def test_it_deletes_no_other_turn_than_the_one_that_was_seen(upload: Upload, inside: Inside, row: Any, alice: str) -> None:
    upload(alice, user=["one", "two"], bot=["1", "2"])
    visitor = inside(alice)
    (public_id,) = visitor.public_ids()
    seen = LAST.search(page(visitor))
    assert seen
    upload(alice, user=["one", "two", "three"], bot=["1", "2", "3"])
    before = row()
    answer = visitor.post(f"/conversations/{public_id}/delete-turn", last=seen[1])
    assert answer.status_code == 409
    assert row() == before


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_a_later_whole_copy_leaves_deleted_turns_out(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool) -> None:
    copy = {"user": ["one", "ok", "secret"], "bot": ["1", "fine", "answer"]}
    upload(alice, **copy)
    if is_anonymised:
        run_job("anonymise")
    delete_turn(inside(alice))
    change = row().change
    upload(alice, **copy)
    assert row().change == change
    upload(alice, user=[*copy["user"], "ok"], bot=[*copy["bot"], "fine"])
    run_job("anonymise")
    assert [message["content"] for message in json.loads(row().messages)] == ["one", "1", "ok", "fine", "ok", "fine"]
    assert "secret" not in everything_kept(row())


@pytest.mark.parametrize("is_anonymised", [False, True])
def test_a_later_tail_leaves_deleted_turns_out(send: Any, inside: Inside, run_job: Run, row: Any, alice: str, is_anonymised: bool) -> None:
    first, second = [said("u1", "one"), said("a1", "1", "u1")], [said("u2", "secret", "a1"), said("a2", "2", "u2")]
    send(*first, *second)
    if is_anonymised:
        run_job("anonymise")
    delete_turn(inside(alice))
    assert send(*second, revision=2) == "unchanged"
    assert send(said("u2", "secret words", "a1"), revision=3) == "unchanged"  # known by its id, though its words are others
    assert send(said("x2", "secret", "a1"), revision=4) == "unchanged"  # known by its words, though its id is another
    assert send(*first, *second, said("u3", "three", "a2"), said("a3", "3", "u3"), revision=5) == "updated"
    run_job("anonymise")
    assert [message["content"] for message in json.loads(row().messages)] == ["one", "1", "three", "3"]
    assert "secret" not in everything_kept(row())


def test_other_versions_of_the_last_turn_go_with_it_and_earlier_ones_stay(send: Any, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    send(
        said("u1", "one"), said("a1x", "first try", "u1"), said("a1", "1", "u1"), said("u2x", "edited away", "a1"), said("a2x", "gone", "u2x"),
        said("u2", "two", "a1"), said("a1y", "late try", "u1"), said("a2", "2", "u2"),
    )  # fmt: skip
    run_job("anonymise")
    visitor = inside(alice)
    assert "Delete 4 messages" in page(visitor)
    delete_turn(visitor)
    kept = row()
    assert [message["content"] for message in json.loads(kept.messages)] == ["one", "1"]
    assert [message["content"] for message in json.loads(kept.branches)] == ["first try", "late try"]
    assert "edited away" not in everything_kept(kept)


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_deleted_turn_leaves_the_form_of_the_last_release(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["one", "secret"], bot=["1", "2"])
    run_job("anonymise")
    run_job("release")
    upload(alice, user=["one", "secret", "three"], bot=["1", "2", "3"])
    visitor = inside(alice)
    delete_turn(visitor)
    delete_turn(visitor)
    assert [message["content"] for message in json.loads(row().published)] == ["one", "1"]
    assert "secret" not in everything_kept(row())


@pytest.mark.settings(SHARELM_HOLD_HOURS="0")
def test_a_release_that_is_being_written_is_written_anew(
    app: ShareLM, upload: Upload, inside: Inside, run_job: Run, alice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharelm.release import build

    upload(alice, user=["See the blaue Tür"], bot=["Hello"])
    run_job("anonymise")
    visitor, written, really = inside(alice), [], build.write_card

    def hide_meanwhile(folder: Any, *arguments: Any) -> None:
        if not written:
            hide(visitor)
        written.append(folder)
        really(folder, *arguments)

    monkeypatch.setattr(build, "write_card", hide_meanwhile)
    run_job("release")
    assert len(written) == 2
    (released,) = rows_in(newest(app.server.releases_folder))
    assert released["conversation"][0]["content"] == "See the [HIDDEN_1]"


def test_withdrawing_erases_what_is_kept_of_corrections(app: ShareLM, upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["See the blaue Tür", "two"], bot=["1", "2"])
    visitor = inside(alice)
    hide(visitor)
    delete_turn(visitor)
    (public_id,) = visitor.public_ids()
    assert row().corrections
    visitor.post(f"/conversations/{public_id}/withdraw")
    assert hide(visitor, "two").status_code == 404
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).values(erase_after=now()))
    run_job("purge")
    assert row().erased_at is not None
    assert (row().corrections, row().reasons, row().new_reasons, row().corrected_at) == (None, None, None, None)


def test_the_mark_of_a_correction_goes_once_the_log_is_empty(upload: Upload, inside: Inside, run_job: Run, row: Any, alice: str) -> None:
    upload(alice, user=["See the blaue Tür"])
    hide(inside(alice))
    assert row().corrected_at is not None
    run_job("purge")
    assert row().corrected_at is None
