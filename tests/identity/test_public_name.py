"""Which names may be seen: people's names in every script, and nothing that could be markup, a link or a trick of direction."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sharelm.errors import InvalidPayload
from sharelm.identity.public_name import MAX_NAME, SIGNS, read_public_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Alice", "Alice"), ("  Alice \t B. ", "Alice B."), ("", None), (" \n ", None), ("O'Neil-Groß & Söhne", "O'Neil-Groß & Söhne"),
        ("Ame\u0301lie", "Am\u00e9lie"), ("محمد الفاتح", "محمد الفاتح"), ("می\u200cخواهم", "می\u200cخواهم"),
        ("שָׁלוֹם", unicodedata.normalize("NFC", "שָׁלוֹם")),
        ("क्ष\u200dत्र", "क्ष\u200dत्र"), ("王小明", "王小明"), ("Nguyễn Thị", "Nguyễn Thị"), ("x" * MAX_NAME, "x" * MAX_NAME), ("3rd Lab", "3rd Lab"),
    ],
)  # fmt: skip
def test_it_keeps_names_of_people(sent: str, kept: str | None) -> None:
    assert read_public_name(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "x" * (MAX_NAME + 1), "<b>Alice</b>", "[Alice](https://evil.example)", "![x](y)", "Alice\u202eecila", "\u2066Alice", "Ali\u200fce",
        "Ali\u200bce",
        "*Alice*", "_Alice_", "`Alice`", "# Alice", "- Alice", "> Alice", "| Alice", "@alice", "https://evil.example", "Alice\\", "Alice\x00",
        "\ufeffAlice",
        "\u200cAlice", "Alice\u200d", "🙂", "\u0301Alice", "A" + "\u0316" * 4, "Alice\u2028Bob" + "\ue000", "...", "\U000e0041lice",
        "Alice;", "{{ 7 }}",
    ],
)  # fmt: skip
def test_it_refuses_what_is_more_than_a_name(sent: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        read_public_name(sent)
    assert sent not in refused.value.message


@given(some.text(max_size=60))
def test_whatever_passes_is_letters_digits_and_harmless_signs(text: str) -> None:
    try:
        name = read_public_name(text)
    except InvalidPayload:
        return
    if name is None:
        assert not text.strip()
        return
    assert read_public_name(name) == name
    assert all(unicodedata.category(letter)[0] in "LMN" or letter in SIGNS | {"\u200c", "\u200d"} for letter in name)
