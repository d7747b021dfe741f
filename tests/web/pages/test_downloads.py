"""Download everything on the pages: prepared while one waits, for its owner alone, gone with a withdrawal."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.web.pages.downloads import GONE
from tests.web.pages.conftest import HTMX, Browser, without_marks

Inside = Callable[[str], Browser]
Upload = Callable[..., TestResponse]
Run = Callable[[str], object]
PAGE, PATH = "/your-data", "/your-data/download"
LINK = re.compile(r'href="(/your-data/download/[0-9a-f]{32}\.zip)"')


@pytest.fixture
def prepared(inside: Inside, run_job: Run) -> Callable[[Browser], str]:
    """Where the visitor's new download is."""

    def ask(visitor: Browser) -> str:
        assert visitor.post(PATH).location == f"{PAGE}#download"
        run_job("anonymise")
        run_job("download")
        found = LINK.search(visitor.get(PAGE).text)
        assert found
        return found[1]

    return ask


def test_it_is_prepared_and_fetched(inside: Inside, prepared: Callable[[Browser], str], alice: str) -> None:
    visitor = inside(alice)
    assert "Prepare download" in visitor.get(PAGE).text
    answer = visitor.get(prepared(visitor))
    assert (answer.status_code, answer.content_type, answer.headers["Cache-Control"]) == (200, "application/zip", "no-store")
    assert re.fullmatch(r'attachment; filename="sharelm-data-\d{4}-\d\d-\d\d\.zip"', answer.headers["Content-Disposition"])
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "Why does my bread not rise?" in archive.read("sharelm-data/conversations.json").decode()


def test_it_asks_htmx_again_until_something_changes(inside: Inside, run_job: Run, alice: str) -> None:
    visitor = inside(alice)
    begun = visitor.post(PATH, headers=HTMX)
    assert begun.status_code == 200
    assert f'hx-get="{PATH}"' in begun.text
    assert "<html" not in begun.text
    assert visitor.get(PATH, headers=HTMX).status_code == 204
    run_job("download")
    ready = visitor.get(PATH, headers=HTMX)
    assert LINK.search(ready.text)
    assert "hx-trigger" not in ready.text
    assert "Your download is ready." in ready.text
    assert "HX-Request" in ready.headers["Vary"]


def test_without_htmx_its_address_leads_to_the_page(inside: Inside, alice: str) -> None:
    assert inside(alice).get(PATH).location == PAGE


def test_somebody_elses_is_not_there(inside: Inside, prepared: Callable[[Browser], str], alice: str, bob: str) -> None:
    path, bobs = prepared(inside(alice)), inside(bob)
    theirs, missing, odd = bobs.get(path), bobs.get(f"{PATH}/{'0' * 32}.zip"), bobs.get(f"{PATH}/x.zip")
    assert theirs.status_code == missing.status_code == odd.status_code == 404
    assert without_marks(theirs.text) == without_marks(missing.text) == without_marks(odd.text)
    assert GONE in theirs.text


def test_a_withdrawal_takes_it_away_at_once(inside: Inside, upload: Upload, prepared: Callable[[Browser], str], app: ShareLM, alice: str) -> None:
    upload(alice, "c-2")
    visitor = inside(alice)
    path = prepared(visitor)
    visitor.post(f"/conversations/{visitor.public_ids()[0]}/withdraw")
    assert visitor.get(path).status_code == 404
    assert "Prepare download" in visitor.get(PAGE).text


def test_one_that_is_fetched_just_then_ends_early(
    inside: Inside, prepared: Callable[[Browser], str], alice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharelm.download.prepare.PART_BYTES", 500)
    visitor = inside(alice)
    answer = visitor.client.get(prepared(visitor), buffered=False)
    visitor.post(f"/conversations/{visitor.public_ids()[0]}/withdraw")
    assert 0 < len(answer.get_data()) < int(answer.headers["Content-Length"])


def test_the_fourth_in_an_hour_must_wait(inside: Inside, alice: str, bob: str) -> None:
    visitor = inside(alice)
    answers = [visitor.post(PATH) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert int(answers[3].headers["Retry-After"]) > 600
    assert inside(bob).post(PATH).status_code == 303


def test_it_says_when_it_could_not_be_made(app: ShareLM, inside: Inside, alice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sharelm.jobs import job_named
    from sharelm.jobs import run_job as run

    def fail(*_: object, **__: object) -> None:
        raise OSError

    visitor = inside(alice)
    visitor.post(PATH)
    monkeypatch.setattr("sharelm.download.prepare.write_archive", fail)
    for _ in range(4):
        run(app.server, job_named("download"))
    assert "The file could not be made" in visitor.get(PATH, headers=HTMX).text


def test_it_requires_a_login(browser: Callable[[], Browser]) -> None:
    stranger = browser()
    for path in (PAGE, PATH, f"{PATH}/{'0' * 32}.zip"):
        assert stranger.get(path).location == "/login"
        assert stranger.get(path, headers=HTMX).headers["HX-Redirect"] == "/login"
    assert stranger.post(PATH).location == "/login"


def test_it_changes_nothing_without_our_own_form(inside: Inside, alice: str) -> None:
    visitor = inside(alice)
    assert visitor.client.post(PATH).status_code == 403
    assert visitor.post(PATH, headers={"Origin": "https://evil.example"}).status_code == 403
    assert "Prepare download" in visitor.get(PAGE).text


@pytest.mark.settings(SHARELM_DISK_FLOOR_MB="1000000")
def test_below_the_floor_of_the_disk_it_waits(app: ShareLM, browser: Callable[[], Browser], alice: str) -> None:
    visitor = browser()
    visitor.client.post("/api/v1/consent", json={"version": app.server.consent.version, "language": "en", "adult": True},
                        headers={"Authorization": f"Bearer {alice}"})  # fmt: skip
    assert visitor.log_in(alice).status_code == 303
    assert visitor.post(PATH).status_code == 503
