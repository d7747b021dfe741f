"""Passages that are hidden by hand: found in any spelling, as whole words only, and kept as digests."""

from __future__ import annotations

import hmac
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharelm.passages import MAX_CHARACTERS, MAX_WORDS, find_passages, hide_passages, highest_number, read_passage

NAME = "Anna Müller"


def digest(words):
    return hmac.digest(b"a key of the tests", words.encode(), "sha256")[:16].hex()


def hidden(text, *passages):
    return hide_passages(text, [read_passage(one, digest, number=number) for number, one in enumerate(passages, start=1)], digest)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Anna Müller",
        "anna MÜLLER",
        "Anna, Müller",
        "Anna\n\nMüller",
        "Anna-Müller",
        "**Anna** _Müller_",
        "Anna_Müller",
        unicodedata.normalize("NFD", "Anna Müller"),
        "ＡＮＮＡ Müller",
        "Anna Mül\u00adler",
        "An\u200bna Müller",
    ],
)
def test_it_finds_a_passage_in_any_spelling(text):
    result = hidden(f"({text})!", NAME)
    assert result.strip("()_!*") == "[HIDDEN_1]"


@pytest.mark.parametrize("text", ["Annas Müller", "Anna Müllers", "Anna M. Müller", "Johanna Müller", "Anna [X_1] Müller", "Müller Anna", "Anna"])
def test_it_leaves_other_words_alone(text):
    assert hidden(text, NAME) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("see **Anna** Müller.", "see [HIDDEN_1]."),
        ("see Anna **Müller**.", "see [HIDDEN_1]."),
        ("see *Anna* Müller, _Anna_ Müller", "see [HIDDEN_1], [HIDDEN_1]"),
        ("see **Anna Müller**", "see **[HIDDEN_1]**"),
        ("see **Anna** **Müller**", "see **[HIDDEN_1]**"),
        ("**Anna** Müller **Anna** Müller", "[HIDDEN_1] [HIDDEN_1]"),
    ],
)
def test_it_leaves_no_half_of_an_emphasis(text, result):
    assert hidden(text, NAME) == result


def test_an_underscore_within_a_word_is_no_mark():
    assert hidden("_Anna_Müller_ and Anna_Müller", NAME) == "_[HIDDEN_1]_ and [HIDDEN_1]"


def test_it_finds_what_stands_at_both_ends_and_twice_in_a_row():
    assert hidden("Anna Müller Anna Müller", NAME) == "[HIDDEN_1] [HIDDEN_1]"


@pytest.mark.parametrize(("text", "result"), [("我叫王小明。", "我叫[HIDDEN_1]。"), ("王小明王小明", "[HIDDEN_1][HIDDEN_1]"), ("王明小", "王明小")])
def test_it_knows_scripts_without_blanks(text, result):
    assert hidden(text, "王小明") == result


def test_it_finds_a_korean_name_with_an_ending():
    assert hidden("나는 김철수는", "김철수") == "나는 [HIDDEN_1]는"
    assert "철" not in unicodedata.normalize("NFC", hidden(unicodedata.normalize("NFD", "나는 김철수는"), "김철수"))


def test_of_two_passages_at_one_place_it_takes_the_longer():
    assert hidden("Anna Müller and Anna", "Anna", NAME) == "[HIDDEN_2] and [HIDDEN_1]"


@pytest.mark.parametrize(
    "text", ["", "ab", "a b", "!!!", "[EMAIL_ADDRESS_1]", "me [EMAIL_ADDRESS_1] you", "a" * (MAX_CHARACTERS + 1), "a " * (MAX_WORDS + 1)]
)
def test_it_reads_no_passage_that_is_too_short_too_long_or_has_a_label(text):
    assert read_passage(text, digest, number=1) is None


@pytest.mark.parametrize("text", ["abc", "a bc", "x" * MAX_CHARACTERS, "aa " * MAX_WORDS, "[Anna]"])
def test_it_reads_passages_up_to_the_edge(text):
    assert read_passage(text, digest, number=1) is not None


def test_it_keeps_no_word():
    kept = read_passage("Sentinel words", digest, number=1)
    assert "entinel" not in repr(kept)


def test_labels_of_others_stay_whole():
    assert hidden("[EMAIL_ADDRESS_1] and email address 1", "email address 1") == "[EMAIL_ADDRESS_1] and [HIDDEN_1]"


@pytest.mark.parametrize(("texts", "highest"), [([], 0), (["[HIDDEN_2] [HIDDEN_11]"], 11), (["[HIDDEN_007] [HIDDEN_99999] [HIDDEN_0]"], 0)])
def test_numbers_go_on_from_the_highest_that_was_given(texts, highest):
    assert highest_number(texts, []) == highest


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_a_passage_between_blanks_is_always_found(before, after):
    passage = read_passage("Sentinel words", digest, number=1)
    assert find_passages(f"{before} Sentinel words {after}", [passage], digest)


@given(text=st.text(max_size=200), passage=st.text(min_size=3, max_size=20))
def test_nothing_is_left_to_hide_the_second_time(text, passage):
    found = read_passage(passage, digest, number=1)
    if found is not None:
        once, _ = hide_passages(text, [found], digest)
        assert hide_passages(once, [found], digest) == (once, 0)


@pytest.mark.parametrize(
    "text", ["hello world " * 20_000, "a " * 120_000, "王" * 80_000, "[HIDDEN_" * 30_000, "a\u00ad" * 100_000, "\u0301" * 200_000]
)
def test_a_long_text_is_searched_with_digests_in_proportion_to_its_length(text):
    passages = [read_passage(one, digest, number=1) for one in (NAME, "王小明", "a " * (MAX_WORDS - 1) + "b", "hello you")]

    def digests(length):
        counted = []
        find_passages(text[:length], passages, lambda words: counted.append(1) or digest(words))
        return len(counted)

    assert digests(len(text)) <= 4 * digests(len(text) // 4) + 8 * MAX_WORDS
