"""What counts as a word, in texts and in queries. Pure."""

from __future__ import annotations

import pytest

from sharelm.store.words import MOST_TERMS, Term, terms_of, words_of
from sharelm.vocabulary import Message, Role


def words(text: str) -> set[str]:
    return set(words_of([Message(Role.USER, text)]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bread, bread; BREAD!", {"bread"}),
        ("Über CAFÉ cafe\u0301", {"uber", "cafe"}),
        ("STRASSE Straße", {"strasse"}),
        ("ｆｕｌｌ ﬁne", {"full", "fine"}),
        ("it's [EMAIL_ADDRESS_1] x_y", {"it", "s", "email", "address", "1", "x", "y"}),
        ("v3.14", {"v3", "14"}),
        ("苹果树", {"苹果", "果树", "树"}),
        ("用Python写", {"用", "python", "写"}),
        ("ﾊﾟﾝ パン", {"パン", "ン"}),
        ("안녕하세요", {"안녕하세요"}),
        ("كِتَابٌ كتـاب", {"كتاب"}),
        ("हिन्दी में", {"हिन्दी", "में"}),
        ("co\u00adop\u200bera", {"coopera"}),
        ("😀 — …", set()),
        ("x" * 100, {"x" * 64}),
        ("", set()),
    ],
)
def test_it_finds_the_words_of_a_text(text: str, expected: set[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bread", [Term("bread", False)]),
        ('"bread"', [Term("bread", True)]),
        ("“Bread knife” Ca*", [Term("bread", True), Term("knife", True), Term("ca", False)]),
        ('never closed "quote', [Term("never", False), Term("closed", False), Term("quote", False)]),
        ("a a A", [Term("a", False)]),
        ("苹果树", [Term("苹果", True), Term("果树", True)]),
        ("树", [Term("树", False)]),
        ("用Python", [Term("用", False), Term("python", False)]),
        ("NOT (a) AND b:*", [Term("not", False), Term("a", False), Term("and", False), Term("b", False)]),
        ("'; DROP TABLE conversation; --", [Term("drop", False), Term("table", False), Term("conversation", False)]),
        ("\x00\ud800 % _ \\ ^", []),
        ('"" * - "*"', []),
        ("", []),
    ],
)
def test_it_finds_what_a_query_asks_for(query: str, expected: list[Term]) -> None:
    assert list(terms_of(query)) == expected


def test_it_reads_the_beginning_of_an_endless_query() -> None:
    assert len(terms_of("x" * 10_000)[0].word) == 64
    assert len(terms_of("".join(chr(0x4E00 + number) for number in range(500)))) == MOST_TERMS


@pytest.mark.parametrize("text", ["é b" * 700_000, "苹" * 700_000, "\u0301" * 2_000_000, '"' * 2_000_000, "a" * 2_000_000, "a\u0903" * 1_000_000])
def test_a_long_text_of_any_kind_comes_to_an_end(text: str) -> None:
    assert len(words(text)) <= len(text)  # what is not linear here runs into the time limit of a test
