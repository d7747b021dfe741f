"""Names of models are published as they came, unless something stands in them that the gate lets nobody publish: then the model is unknown.

Clients send them, so that one who sends a key or an address would keep everybody's release from being built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import Engine

from sharelm.release.gate_text import digests_in
from sharelm.store.engine import read
from sharelm.store.gate import select_known_digests
from sharelm.vocabulary import PiiSpan


def public_model(
    engine: Engine, *, find_spans: Callable[[str], Sequence[PiiSpan]], user_digest: Callable[[str], bytes]
) -> Callable[[str | None], str | None]:
    """A function from a model's name to the name that is published; it remembers the names that it was asked."""

    @cache
    def public(name: str | None) -> str | None:
        return None if not name or find_spans(name) or holds_user_id(name) else name

    def holds_user_id(name: str) -> bool:
        digests = digests_in(name, user_digest)
        if not digests:
            return False
        with read(engine) as connection:
            return bool(select_known_digests(connection, digests))

    return public
