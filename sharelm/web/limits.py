"""Rate limits, in the memory of this process. A client's address is used under a salt that changes every hour, and never stored."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sharelm.errors import English, Refused

MAX_BUCKETS = 50_000
SALT_SECONDS = 3600


@dataclass
class TokenBuckets:
    """One bucket per key that fills at `per_minute` and holds as many, or `holds` (token bucket, as in RFC 2697's simplest case)."""

    per_minute: float
    holds: float = 0
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[bytes, tuple[float, float]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.holds = self.holds or self.per_minute

    def take(self, key: bytes) -> float:
        """0 if there was a token, else the seconds until there is one."""
        now = self.clock()
        with self._guard:
            tokens = self._tokens(key, now)
            if tokens < 1:
                return (1 - tokens) * 60 / self.per_minute
            if len(self._buckets) >= MAX_BUCKETS:
                self._drop_full(now)
            self._buckets[key] = (tokens - 1, now)
        return 0.0

    def is_empty(self, key: bytes) -> float:
        """As `take`, without taking one."""
        with self._guard:
            tokens = self._tokens(key, self.clock())
        return 0.0 if tokens >= 1 else (1 - tokens) * 60 / self.per_minute

    def _tokens(self, key: bytes, now: float) -> float:
        tokens, at = self._buckets.get(key, (self.holds, now))
        return min(self.holds, tokens + (now - at) * self.per_minute / 60)

    def _drop_full(self, now: float) -> None:
        """A full bucket says nothing; if none is full, the oldest half goes."""
        kept = {key: value for key, value in self._buckets.items() if self._tokens(key, now) < self.holds}
        if len(kept) >= MAX_BUCKETS:
            kept = dict(sorted(kept.items(), key=lambda item: item[1][1])[MAX_BUCKETS // 2 :])
        self._buckets = kept


class ClientKeys:
    """Stands for a client's address for at most an hour."""

    def __init__(self) -> None:
        self._salt, self._born = secrets.token_bytes(16), time.monotonic()

    def key(self, address: str | None) -> bytes:
        if time.monotonic() - self._born > SALT_SECONDS:
            self._salt, self._born = secrets.token_bytes(16), time.monotonic()
        return hashlib.blake2b((address or "").encode(), key=self._salt, digest_size=16).digest()


def too_many(seconds: float) -> Refused:
    wait = max(1, round(seconds + 0.5))
    return Refused(
        English("Too many requests: try again in %(seconds)s s.", seconds=wait), status=429, title=English("Too many requests"), retry_after=wait
    )
