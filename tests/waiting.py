"""Wait for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(is_true: Callable[[], object], *, seconds: float = 30) -> None:
    """Ask again until it is true. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not is_true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(pause)  # between two questions, not instead of them
        pause = min(pause * 1.5, 0.5)
