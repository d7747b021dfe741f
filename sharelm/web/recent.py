"""What was found a moment ago, in the memory of one process: the newest few, for a minute."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Found = TypeVar("Found")

KEPT_SECONDS = 60
MOST_KEPT = 256


class Recent(Generic[Found]):
    """Forgets the oldest first. Not for text: what is erased elsewhere stays here until its minute is over."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: OrderedDict[Hashable, tuple[float, Found]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable) -> Found | None:
        with self._guard:
            self._forget_old()
            return self._found[key][1] if key in self._found else None

    def put(self, key: Hashable, found: Found) -> Found:
        with self._guard:
            self._found[key] = (self._clock(), found)
            self._found.move_to_end(key)
            self._forget_old()
        return found

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._found and (len(self._found) > MOST_KEPT or next(iter(self._found.values()))[0] < oldest):
            self._found.popitem(last=False)
