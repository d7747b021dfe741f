"""Wilson's score interval for a share (E. B. Wilson, 1927): honest for few cases and near 0 and 1, unlike p ± 2 standard errors."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054  # the normal distribution holds 95 % within it on both sides


def wilson_interval(successes: int, trials: int, *, z: float = Z_95) -> tuple[float, float]:
    """The shares from which `successes` of `trials` would not be surprising; (0, 1) without any trial."""
    if trials == 0:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    middle = share + spread / 2
    half = z * sqrt((share * (1 - share) + spread / 4) / trials)
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    # At the ends the formula gives 0 and 1 exactly; floats would come out a hair beside them.
    return 0.0 if successes == 0 else low, 1.0 if successes == trials else high
