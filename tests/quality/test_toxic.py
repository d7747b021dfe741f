from __future__ import annotations

import pytest

from sharelm.quality.toxic import LISTS, is_toxic, languages, word_list


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("You are an ASSHOLE.", "en", True),
        ("fuck   you!", "en", True),
        ("I'll kill you", "en", True),
        ("I\u2019ll kill you", "en", True),
        ("How do I kill a process?", "en", False),
        ("Scunthorpe is a town", "en", False),
        ("assholesome", "en", False),
        ("Du Hurensohn", "de", True),
        ("Halt die Fresse", "de", True),
        ("Der Hund frisst", "de", False),
        ("sei uno stronzo", "it", True),
        ("un tavolo negro", "es", False),
        ("Du Hurensohn", "en", False),
        ("Du Hurensohn", None, True),
        ("something", None, None),
        ("Du Hurensohn", "ja", None),
        ("", "en", False),
    ],
)
def test_it_knows_what_hardly_means_anything_else(text: str, language: str | None, expected: bool | None) -> None:
    assert is_toxic([text], language) is expected


def test_one_message_is_enough() -> None:
    assert is_toxic(["Hello", "What a bitch", "Bye"], "en") is True


def test_the_lists_are_sorted_and_say_everything_once() -> None:
    assert languages() == ("de", "en", "es", "fr", "it", "nl", "pl", "pt")
    for language in languages():
        entries = (LISTS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        assert entries == sorted(set(entries))
        assert len(word_list(language).words) >= 15
        assert len(word_list(language).phrases) >= 3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("\uff21\uff33\uff33\uff28\uff2f\uff2c\uff25", "en"),
        ("ass\u00adhole", "en"),
        ("ass\u200bhole", "en"),
        ("Ihr Hurenso\u0308hne", "de"),
        ("cabro\u0301n", "es"),
    ],
)
def test_it_reads_words_however_they_are_typed(text: str, language: str) -> None:
    assert is_toxic([text], language) is True
