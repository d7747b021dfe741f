"""What the pages make of rows: titles, chips, the legend, the path. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sharelm.vocabulary import Message, Role
from sharelm.web.pages import shown
from sharelm.web.pages.wording import count_of, moment_text, number, size

NOW = datetime(2026, 11, 21, 20, 14, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "stage": "received",
    "received_at": NOW,
    "quarantined": False,
    "flags": "",
    "rejection": None,
    "redactions": None,
    "first_release": None,
}
FACTS |= {"releasable_at": NOW + timedelta(hours=24)}


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("a" * 3_000, None),
        ("a" * 3_001, "a" * 400 + "…"),
        ("a\n" * 60, None),
        ("a\n" * 61, "a " * 60 + "a…"),
        ("# A **bold** word\n> said\n```py\nx" + "\n" * 61, "A bold word said x…"),
    ],
)
def test_it_folds_what_is_long(text: str, opening: str | None) -> None:
    assert shown.opening_of(text) == opening


@pytest.mark.parametrize(
    ("label", "words"),
    [("[EMAIL_ADDRESS_1]", "replaced: e-mail address"), ("[PERSON_12]", "replaced: person"), ("[HIDDEN_3]", "hidden by you")],
)
def test_it_says_what_a_label_stands_for(label: str, words: str) -> None:
    assert shown.label_words(label) == words


def test_labels_are_ours_only_where_something_was_replaced() -> None:
    as_given = Message(Role.USER, "[URL_1]")
    assert not shown.has_placeholders(as_given)
    assert not shown.has_placeholders(replace(as_given, digest="d"))
    assert shown.has_placeholders(replace(as_given, digest="d", redactions=1))
    assert shown.has_placeholders(replace(as_given, sent_digest="d", redactions=1))  # hidden by hand, not yet anonymised


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (None, "Untitled"),
        ("", "Untitled"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "…"),
        ("word " * 16, ("word " * 16).strip()),
        ("word " * 17, ("word " * 16).strip() + "…"),
        ("  a \n b ", "a b"),
        ("\u200b\u2060 \ufe0f", "Untitled"),
        ("```python\nprint(1)\n```", "print(1) ```"),
        ("\u200bword", "\u200bword"),
    ],
)
def test_it_cuts_titles_between_words(text: str | None, title: str) -> None:
    assert shown.first_words(text) == title


@pytest.mark.parametrize(
    ("opening", "kept", "expected"),
    [
        ('[{"role":"user","content":"New","n":0}]', None, "New"),
        ('[{"role":"user","n":0,"digest":"d"},{"role":"user","content":"Later","n":1}]', '[{"role":"user","content":"Kept","n":0}]', "Kept"),
        (None, None, None),
    ],
)
def test_it_finds_the_first_message(opening: str | None, kept: str | None, expected: str | None) -> None:
    assert shown.opening_text(opening, kept) == expected


def test_it_counts_what_was_replaced_in_the_order_of_the_text() -> None:
    texts = ["[URL_2] and [EMAIL_ADDRESS_1]", "[URL_2]"]
    given = [Message(Role.USER, "[URL_9] as given"), Message(Role.USER, "[URL_8] as written", digest="d")]
    messages = [Message(Role.USER, text, digest="d", redactions=1) for text in texts] + given
    assert shown.legend(messages) == [("[URL_2]", "web address, 2 times"), ("[EMAIL_ADDRESS_1]", "e-mail address, once")]


@pytest.mark.parametrize(
    ("changed", "states", "last"),
    [
        ({}, "done now  ", "Not before 22 Nov 2026, 20:14 UTC. Until then nobody outside sees this form."),
        ({"quarantined": True}, "done now  ", "This form goes into none for now."),
        ({"stage": "anonymised"}, "done done now ", "Not before 22 Nov 2026, 20:14 UTC. Until then nobody outside sees this form."),
        ({"stage": "anonymised", "flags": "one-sided"}, "done done now ", "This form goes into none for now."),
        ({"stage": "rejected"}, "done done now ", "This form goes into none for now."),
        ({"stage": "approved", "releasable_at": NOW}, "done done done now", "With the next one. Until then nobody outside sees this form."),
        ({"stage": "released", "first_release": "2026.11.0"}, "done done done done", "And in later ones, until you withdraw it."),
        (
            {"first_release": "2026.11.0", "releasable_at": NOW},
            "done now  ",
            "An earlier form is in release 2026.11.0. With the next one. Until then nobody outside sees this form.",
        ),
    ],
)
def test_it_tells_the_path(changed: dict[str, Any], states: str, last: str) -> None:
    row: Any = SimpleNamespace(**FACTS | changed)
    path = shown.path(row, now=NOW, is_automatic=True)
    assert " ".join(step.state for step in path) == states
    assert path[-1].text == last


@pytest.mark.parametrize(("now", "can_undo"), [(NOW, True), (NOW + timedelta(seconds=10), False), (NOW + timedelta(seconds=9), True)])
def test_it_lets_a_withdrawal_be_undone_until_its_time_is_over(now: datetime, can_undo: bool) -> None:
    row: Any = SimpleNamespace(
        public_id="0" * 32,
        received_at=NOW,
        first_release=None,
        withdrawn_at=NOW,
        erased_at=None,
        erase_after=NOW + timedelta(seconds=10),
        opening="secret",
    )
    line = shown.line(row, now=now, hide=lambda _, text: text)
    assert line.can_undo is can_undo
    assert line.title is None


def test_it_writes_numbers_sizes_and_times() -> None:
    assert [number(0), number(999), number(12408)] == ["0", "999", "12\u202f408"]
    assert [count_of(1, "message"), count_of(2, "message"), count_of(0, "message")] == ["1 message", "2 messages", "0 messages"]
    assert [size(999), size(1000), size(18_400_000), size(999_999), size(2 * 10**15)] == ["999 bytes", "1.0 kB", "18.4 MB", "1.0 MB", "2000.0 TB"]
    assert moment_text(NOW) == "21 Nov 2026, 20:14 UTC"
