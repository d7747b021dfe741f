"""What one contributor sends must not keep everybody's release from being built, and must not get into it either."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sharelm.errors import ReleaseRefused
from sharelm.jobs import clock, workshop
from sharelm.release.build import build_release
from tests.released import rows_in

pytestmark = pytest.mark.settings(SHARELM_HOLD_HOURS="0")
LATER = "6f1c3f0e-5b7a-4c1d-9e2f-8a7b6c5d4e3f"
"""The user ID of somebody who has given nothing yet."""


@pytest.fixture
def build(app, run_job):
    """The rows of a release of everything that was uploaded."""

    def build():
        run_job("anonymise")
        version = build_release(workshop(app.server), None, now=clock() + timedelta(seconds=1)).version
        return rows_in(app.server.releases_folder / version)

    return build


@pytest.fixture
def upload_as(client, alice):
    """Message by message, from a model that calls itself so."""
    headers = {"Authorization": f"Bearer {alice}"}
    version = client.get("/api/v1/consent").json["version"]
    client.post("/api/v1/consent", headers=headers, json={"version": version, "language": "en", "adult": True})

    def upload_as(model, **more):
        said = [("user", "Why does my bread not rise?", None), ("assistant", "It may be too cold.", model)]
        messages = [
            {"id": f"m{place}", "parent_id": f"m{place - 1}" if place else None, "role": role, "content": content, "model": named}
            for place, (role, content, named) in enumerate(said)
        ]
        item = {
            "conversation_id": "c-1",
            "revision": 1,
            "platform": "gradio",
            "consent_version": version,
            "model": model,
            "messages": messages,
        } | more
        assert client.post("/api/v1/conversations", headers=headers, json=item).status_code == 200

    return upload_as


def texts(row):
    return [message["content"] for message in row["conversation"]]


def test_a_user_id_in_a_text_becomes_a_label(upload, build, alice, bob):
    upload(bob)
    upload(alice, user=[f"My ID is {alice}, his is {bob}."], bot=[f"So it is {alice}"])
    said = [texts(row) for row in build()]
    assert ["My ID is [SECRET_1], his is [SECRET_2].", "So it is [SECRET_1]"] in said


def test_a_user_id_that_nobody_has_stays(upload, build, alice):
    word = "nobody-was-ever-called_like-this-or_that-here"
    upload(alice, user=[f"We saw {word} there"], bot=["Yes."])
    assert [texts(row) for row in build()] == [[f"We saw {word} there", "Yes."]]


def test_a_user_id_that_turned_up_before_it_was_known_goes_when_the_conversation_grows(upload, build, alice, run_job):
    upload(alice, user=[f"We saw {LATER} there"], bot=["Yes."])
    run_job("anonymise")
    upload(LATER)
    upload(alice, user=[f"We saw {LATER} there", "Still?"], bot=["Yes.", "Still."])
    assert ["We saw [SECRET_1] there", "Yes.", "Still?", "Still."] in [texts(row) for row in build()]


def test_a_user_id_that_turned_up_before_it_was_known_goes_with_the_next_improvement(upload, build, alice, run_job):
    upload(alice, user=[f"We saw {LATER} there"], bot=["Yes."])
    run_job("anonymise")
    upload(LATER)
    with pytest.raises(ReleaseRefused, match="user ID"):
        build()
    run_job("improve")
    assert ["We saw [SECRET_1] there", "Yes."] in [texts(row) for row in build()]


@pytest.mark.parametrize("name", ["llama at 192.0.2.17", "85.214.132.117", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", None])
def test_a_model_named_so_is_unknown(build, alice, name, upload_as):
    upload_as(name or alice)
    (row,) = build()
    assert (row["model_name"], {turn["model"] for turn in row["turns"]}) == (None, {None})


def test_other_models_keep_their_names(build, upload_as):
    name = "mistralai/Mixtral-8x7B-Instruct-v0.1"
    upload_as(name)
    (row,) = build()
    assert (row["model_name"], row["turns"][1]["model"]) == (name, name)


@pytest.mark.parametrize("platform", ["ghp_16c7e42f292c6912e7710c838347ae178b4a", LATER])
def test_a_platform_named_so_is_not_published(build, upload, upload_as, platform):
    upload(LATER)
    upload_as("gpt-4o", platform=platform)
    said = [row["conversation_metadata"]["extra_json"] for row in build()]
    assert len(said) == 2
    assert not any(platform in one for one in said if one)


def test_a_host_that_is_a_user_id_is_not_published(build, upload):
    upload(LATER, page_url=f"https://{LATER}.hf.space/")
    (row,) = build()
    assert LATER not in (row["conversation_metadata"]["extra_json"] or "")
