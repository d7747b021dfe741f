"""The operator's moderation service, a real one on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sharelm.quality import moderation
from sharelm.quality.moderation import ModerationFailed, Moderator
from tests.quality.service import FLAGGED, Service, moderation_service


@pytest.fixture
def service() -> Iterator[Service]:
    with moderation_service() as running:
        yield running


def test_one_flagged_text_is_enough(service: Service) -> None:
    moderator = Moderator(service.address, "a key")
    assert moderator.is_toxic(["bread", f"a {FLAGGED}"]) is True
    assert moderator.is_toxic(["bread", "yeast"]) is False
    assert service.asked[0][0]["Authorization"] == "Bearer a key"
    assert service.inputs() == ["bread", f"a {FLAGGED}", "bread", "yeast"]


def test_without_a_key_it_shows_none(service: Service) -> None:
    assert Moderator(service.address, "").is_toxic(["bread"]) is False
    assert "Authorization" not in service.asked[0][0]


def test_long_conversations_are_asked_about_in_parts(service: Service) -> None:
    texts = ["x" * (moderation.LONGEST_TEXT + 5), *["bread"] * 40, f"the {FLAGGED} at the end", " "]
    assert Moderator(service.address, "").is_toxic(texts) is True
    assert [len(text) for text in service.inputs()[:3]] == [moderation.LONGEST_TEXT, 5, 5]
    assert len(service.asked) == 2
    assert Moderator(service.address, "").is_toxic(["", " "]) is False
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, None),
        (401, "{}"),
        (200, "no JSON"),
        (200, "[" * 100_000),
        (200, "[]"),
        (200, '{"results": []}'),
        (200, '{"results": [{"flagged": "yes"}]}'),
        (200, '{"results": [true]}'),
        (200, '{"results": [{"flagged": true}, {"flagged": true}]}'),
    ],
)
def test_every_other_answer_is_a_failure_that_says_nothing(service: Service, status: int, answer: str | None) -> None:
    service.status, service.answer = status, answer
    with pytest.raises(ModerationFailed) as failure:
        Moderator(service.address, "a key").is_toxic(["secret words"])
    assert str(failure.value) == ""
    assert failure.value.__cause__ is None


def test_it_follows_nobody_elsewhere(service: Service) -> None:
    with moderation_service() as elsewhere:
        service.status, service.location = 302, elsewhere.address
        with pytest.raises(ModerationFailed):
            Moderator(service.address, "a key").is_toxic(["bread"])
        assert elsewhere.asked == []


def test_a_service_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moderation, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ModerationFailed):
        Moderator(f"http://127.0.0.1:{silent.getsockname()[1]}/", "").is_toxic(["bread"])


def test_the_key_is_in_no_text_about_it() -> None:
    assert "a key" not in repr(Moderator("http://127.0.0.1/", "a key"))
