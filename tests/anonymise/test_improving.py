"""When detectors improve, what was anonymised before runs again, from the anonymised text; what is in a release goes into the next one better."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sharelm import ShareLM
from sharelm.anonymise import advance, forms
from sharelm.anonymise.engine import anonymise_texts
from sharelm.jobs import clock, workshop
from sharelm.release.build import build_release
from sharelm.store.conversation import conversation, update_conversation
from sharelm.store.engine import read, write

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
Upload = Callable[..., Any]
Run = Callable[[str], Any]


@pytest.fixture
def row(app: ShareLM) -> Callable[[], Any]:
    def the_row() -> Any:
        with read(app.server.engine) as connection:
            return connection.execute(select(conversation)).one()

    return the_row


@pytest.fixture
def better(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """From the call on, the anonymiser is a newer version that knows that `canary` is personal."""

    def begin() -> None:
        def anonymise(texts: list[str], **more: Any) -> Any:
            return anonymise_texts([text.replace("canary", "anna@example.org") for text in texts], **more)

        monkeypatch.setattr(forms, "anonymise_texts", anonymise)
        for module in (forms, advance):
            monkeypatch.setattr(module, "ANONYMISER_VERSION", "999")

    yield begin


def contents(column: str | None) -> list[str]:
    return [message["content"] for message in json.loads(column or "[]")]


def test_what_is_outdated_runs_again_and_stays_where_it_was(upload: Upload, run_job: Run, row: Any, better: Any, alice: str) -> None:
    upload(alice, user=["my canary and bob@example.org"], bot=["a canary"])
    run_job("anonymise")
    assert run_job("improve").counts == {}
    better()
    assert run_job("improve").counts == {"improved": 1}
    assert contents(row().messages) == ["my [EMAIL_ADDRESS_2] and [EMAIL_ADDRESS_1]", "a [EMAIL_ADDRESS_2]"]
    assert (row().stage, row().anonymiser_version) == ("approved", "999")
    assert json.loads(row().redactions) == {"EMAIL_ADDRESS": 3}
    assert run_job("improve").counts == {}


def test_what_was_released_goes_out_anew(app: ShareLM, upload: Upload, run_job: Run, row: Any, better: Any, alice: str) -> None:
    upload(alice, user=["my canary"], bot=["ok"])
    run_job("anonymise")
    build_release(workshop(app.server), "v1", now=clock() + timedelta(seconds=1))
    better()
    assert run_job("improve").counts == {"improved": 1}
    assert (row().stage, row().published, row().first_release) == ("approved", None, "v1")
    assert build_release(workshop(app.server), "v2", now=clock() + timedelta(seconds=1)).row_count == 1
    assert (row().stage, row().first_release, row().form_release) == ("released", "v1", "v2")


def test_what_comes_out_the_same_is_not_released_again(app: ShareLM, upload: Upload, run_job: Run, row: Any, better: Any, alice: str) -> None:
    upload(alice)
    run_job("anonymise")
    build_release(workshop(app.server), "v1", now=clock() + timedelta(seconds=1))
    better()
    assert run_job("improve").counts == {"unchanged": 1}
    assert (row().stage, row().anonymiser_version) == ("released", "999")


def test_growing_brings_what_was_kept_up_to_date(upload: Upload, run_job: Run, row: Any, better: Any, alice: str) -> None:
    upload(alice, user=["my canary"], bot=["ok"])
    run_job("anonymise")
    better()
    upload(alice, user=["my canary", "more"], bot=["ok", "fine"])
    run_job("anonymise")
    assert contents(row().messages) == ["my [EMAIL_ADDRESS_1]", "ok", "more", "fine"]


def test_the_form_in_the_last_release_is_improved_while_a_newer_one_waits(
    app: ShareLM, upload: Upload, run_job: Run, row: Any, better: Any, alice: str
) -> None:
    upload(alice, user=["my canary"], bot=["ok"])
    run_job("anonymise")
    build_release(workshop(app.server), "v1", now=clock() + timedelta(seconds=1))
    upload(alice, user=["my canary", "more"], bot=["ok", "fine"])
    run_job("anonymise")
    assert contents(row().published) == ["my canary", "ok"]
    better()
    run_job("improve")
    assert contents(row().published) == ["my [EMAIL_ADDRESS_1]", "ok"]
    assert contents(row().messages)[0] == "my [EMAIL_ADDRESS_1]"


def test_reasons_run_again_too(app: ShareLM, upload: Upload, run_job: Run, row: Any, better: Any, alice: str) -> None:
    upload(alice)
    run_job("anonymise")
    with write(app.server.engine) as connection:
        update_conversation(connection, row().id, {"reasons": '{"": "the canary was right"}'})
    better()
    run_job("improve")
    assert json.loads(row().reasons) == {"": "the [EMAIL_ADDRESS_1] was right"}


def test_its_owner_finds_only_the_better_text(client: Any, upload: Upload, run_job: Run, better: Any, alice: str, app: ShareLM) -> None:
    from sharelm.store.search import search_part

    upload(alice, user=["my canary sings"], bot=["ok"])
    run_job("anonymise")
    before = words_found(app, search_part)
    better()
    run_job("improve")
    assert before - words_found(app, search_part)


def words_found(app: ShareLM, table: Any) -> set[Any]:
    with read(app.server.engine) as connection:
        return {tuple(map(str, one)) for one in connection.execute(select(table))}


def test_a_change_meanwhile_is_not_overwritten(app: ShareLM, upload: Upload, run_job: Run, row: Any, better: Any, alice: str) -> None:
    from sharelm.jobs import how

    upload(alice, user=["my canary"], bot=["ok"])
    run_job("anonymise")
    better()
    with write(app.server.engine) as connection:
        rows = advance.claim_outdated(connection, names=False, now=clock())
    assert len(rows) == 1
    upload(alice, user=["my canary", "more"], bot=["ok", "fine"])
    results = [advance.anonymise_row(one, how(app.server)) for one in rows]
    with write(app.server.engine) as connection:
        assert advance.write_again(connection, results, now=clock()) == {"changed meanwhile": 1}
    assert row().stage == "received"


def test_one_that_breaks_the_engine_keeps_its_form_and_stops_nobody(
    upload: Upload, run_job: Run, row: Any, better: Any, alice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(alice, user=["poison"], bot=["ok"])
    run_job("anonymise")
    better()

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("poison")

    monkeypatch.setattr(forms, "anonymise_texts", fail)
    assert run_job("improve").counts == {"failed RuntimeError": 1}
    assert contents(row().messages) == ["poison", "ok"]
    assert not row().quarantined


@pytest.mark.settings(SHARELM_HOLD_HOURS="0", SHARELM_NAMES="on")
def test_the_log_says_what_was_replaced_by_which_detectors_and_not_a_word_of_it(
    app: ShareLM, upload: Upload, run_job: Run, row: Any, alice: str
) -> None:
    upload(alice, user=["anna@example.org at 84.12.7.200, and bob@example.org"], bot=["ok"])
    run_job("anonymise")
    assert json.loads(row().redactions) == {"EMAIL_ADDRESS": 2, "IP_ADDRESS": 1}
    assert json.loads(row().detector_versions).keys() == {"EMAIL_ADDRESS", "IP_ADDRESS"}
    assert row().names_ran is app.server.names_run
    assert (row().risk, row().risk_reasons) == (0, "")
