from __future__ import annotations

import random

import pytest

from sharelm.quality.near_duplicate import are_alike, divide, sign

KEY = b"k" * 32
WORDS = [f"word{number}" for number in range(2_000)]


def text(seed: int, *, words: int = 400, changed: int = 0) -> str:
    chance = random.Random(seed)
    chosen = [chance.choice(WORDS) for _ in range(words)]
    for place in random.Random(seed + changed).sample(range(words), changed):
        chosen[place] = "another"
    return " ".join(chosen)


def numbers(*texts: str, key: bytes = KEY) -> bytes:
    signature = sign(texts, key)
    assert signature is not None
    return signature.numbers


@pytest.mark.parametrize(("changed", "expected"), [(0, True), (2, True), (8, True), (60, False), (200, False)])
def test_a_few_other_words_leave_texts_alike(changed: int, expected: bool) -> None:
    assert are_alike(numbers(text(1)), numbers(text(1, changed=changed))) is expected


def test_case_signs_and_where_messages_end_make_no_difference() -> None:
    assert numbers("Why does bread rise?", "Yeast, mostly.") == numbers("why does bread rise yeast", "MOSTLY")


def test_texts_of_other_words_are_not_alike_and_share_no_band() -> None:
    one, other = sign([text(1)], KEY), sign([text(2)], KEY)
    assert one is not None
    assert other is not None
    assert not are_alike(one.numbers, other.numbers)
    assert not set(one.bands) & set(other.bands)


def test_what_is_alike_nearly_always_shares_a_band() -> None:
    found = 0
    for seed in range(50):
        one, other = sign([text(seed)], KEY), sign([text(seed, changed=9)], KEY)
        assert one is not None
        assert other is not None
        found += bool(set(one.bands) & set(other.bands))
    assert found >= 45


def test_scripts_without_blanks_are_compared_sign_by_sign() -> None:
    one = "パンがふくらまないのはなぜですか。温度が低すぎるのかもしれません。イーストを新しくしてみてください。" * 2
    assert are_alike(numbers(one), numbers(one + "。はい"))
    assert not are_alike(numbers(one), numbers("東京の天気を教えてください。明日は晴れるでしょうか。傘は要りますか。"))


def test_without_the_key_nothing_can_be_compared() -> None:
    assert not are_alike(numbers(text(1)), numbers(text(1), key=b"x" * 32))


def test_it_is_always_the_same() -> None:
    signature = sign(["Why does my bread not rise?", "It may be too cold."], KEY)
    assert signature is not None
    assert (signature.numbers[:8].hex(), signature.bands[0]) == EXPECTED


@pytest.mark.parametrize("said", [[], [""], ["…", "?!"]])
def test_nothing_is_like_nothing(said: list[str]) -> None:
    assert sign(said, KEY) is None


@pytest.mark.parametrize("said", ["one", "one two three", "\ud83d lone surrogate", "a" * 500_000])
def test_any_text_has_a_signature(said: str) -> None:
    assert sign([said], KEY) is not None


def test_who_is_left_of_a_group_stays_together_only_where_it_belongs_together() -> None:
    a, b = numbers(text(1)), numbers(text(2))
    assert divide({1: a, 2: b, 3: b, 4: a, 5: a, 6: numbers(text(3)), 7: None}) == [[1, 4, 5], [2, 3]]
    assert divide({1: a, 2: b}) == divide({}) == []


EXPECTED = ("e46b551f15b3a844", -4516189586181457709)
"""Signatures are stored: other numbers would find none of the older ones."""
