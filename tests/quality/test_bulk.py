"""Near duplicates among many: what is alike is found, what is not is left, and groups are closed."""

from __future__ import annotations

import random

import numpy as np
import pytest

from sharelm.quality import bulk
from sharelm.quality.bulk import Signer, group

WORDS = [f"word{number}" for number in range(5_000)]


def text(seed: int, length: int = 200) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def changed(words: list[str], share: float, seed: int = 0) -> list[str]:
    """The same with the last part replaced."""
    kept = round(len(words) * (1 - share))
    return words[:kept] + text(seed + 10_000, len(words) - kept)


def labels_of(*conversations: list[str], exact: list[int] | None = None) -> list[int]:
    signed = Signer().sign([" ".join(words)] for words in conversations)
    return group(signed, [np.array(exact or [0] * len(conversations), dtype=np.uint64)]).tolist()


def test_copies_with_a_few_changes_belong_together_and_others_do_not():
    pairs = [(text(seed), changed(text(seed), 0.05, seed)) for seed in range(100)]
    labels = labels_of(*(one for pair in pairs for one in pair))
    assert sum(labels[place] == labels[place + 1] for place in range(0, 200, 2)) >= 95
    assert len({labels[place] for place in range(0, 200, 2)}) == 100


@pytest.mark.parametrize(("share", "fewest", "most"), [(0.02, 98, 100), (0.3, 0, 5), (0.6, 0, 0)])
def test_the_share_of_equal_numbers_is_that_of_common_runs(share, fewest, most):
    pairs = [(text(seed), changed(text(seed), share, seed)) for seed in range(100)]
    labels = labels_of(*(one for pair in pairs for one in pair))
    assert fewest <= sum(labels[place] == labels[place + 1] for place in range(0, 200, 2)) <= most


def test_the_estimate_is_close_to_the_truth():
    for share in (0.1, 0.3, 0.5):
        signed = Signer().sign([" ".join(one)] for seed in range(60) for one in (text(seed), changed(text(seed), share, seed)))
        truth = (1 - share) / (1 + share)
        assert abs(float((signed[::2] == signed[1::2]).mean()) - truth) < 0.03


def test_groups_are_closed_through_others():
    first, last = text(1), changed(text(1), 0.1, 5)
    assert labels_of(first, text(2), changed(text(1), 0.05, 5), last) == [0, 1, 0, 0]


def test_equal_ones_belong_together_even_without_a_word():
    assert labels_of([], [], text(1), [], exact=[7, 7, 8, 9]) == [0, 0, 2, 3]


def test_how_the_rows_come_leaves_no_mark(monkeypatch):
    rows = [[" ".join(text(seed, 10 + seed * 7 % 300)), "and", ""] for seed in range(60)] + [[""]]
    whole = Signer().sign(rows)
    monkeypatch.setattr(bulk, "RUNS_AT_ONCE", 50)
    monkeypatch.setattr(bulk, "MOST_KNOWN", 100)
    signer = Signer()
    assert np.array_equal(np.concatenate([signer.sign([row]) for row in rows]), whole)
    assert (whole[-1] == bulk.NOTHING).all()


def test_a_flood_of_copies_is_one_group():
    assert set(labels_of(*[changed(text(1), 0.01, seed) for seed in range(300)])) == {0}
