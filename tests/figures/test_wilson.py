"""Wilson's interval, against published and hand-computed values."""

from __future__ import annotations

import pytest

from sharelm.figures.wilson import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
        (5, 10, 0.2366, 0.7634),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_it_gives_the_values_of_textbooks(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=0.00006)


def test_it_knows_nothing_without_a_trial() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("trials", [1, 2, 10, 999, 10**9])
def test_it_stays_within_0_and_1_and_around_the_share(trials: int) -> None:
    for successes in {0, 1, trials // 2, trials - 1, trials}:
        low, high = wilson_interval(successes, trials)
        assert 0 <= low <= successes / trials <= high <= 1
        mirrored = wilson_interval(trials - successes, trials)
        assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


def test_it_shrinks_with_more_trials() -> None:
    widths = [high - low for low, high in (wilson_interval(n // 2, n) for n in (10, 100, 1_000))]
    assert widths == sorted(widths, reverse=True)
