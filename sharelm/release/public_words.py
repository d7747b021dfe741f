"""Words of clients that are published as they came (models, hosts, platforms), unless something stands in them that the gate lets nobody publish.

One who sends a key or an address as the name of a model would else keep everybody's release from being built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import pyarrow.compute as pc
from sqlalchemy import Engine

from sharelm.release.gate_text import digests_in
from sharelm.release.suspect import SUSPECT
from sharelm.store.engine import read
from sharelm.store.gate import select_known_digests
from sharelm.vocabulary import PiiSpan


def public_words(
    engine: Engine, *, find_spans: Callable[[str], Sequence[PiiSpan]], user_digest: Callable[[str], bytes]
) -> Callable[[str | None], str | None]:
    """A function from what was sent to what is published, None for nothing; it remembers the words that it was asked."""

    @cache
    def public(word: str | None) -> str | None:
        return None if not word or holds_personal_data(word) or holds_user_id(word) else word

    def holds_personal_data(word: str) -> bool:
        return bool(pc.match_substring_regex(word, SUSPECT).as_py() and find_spans(word))

    def holds_user_id(word: str) -> bool:
        digests = digests_in(word, user_digest)
        if not digests:
            return False
        with read(engine) as connection:
            return bool(select_known_digests(connection, digests))

    return public
