"""User IDs in texts: secrets that no pattern tells from other long words, so whoever keeps their digests is asked.

The gate lets no release out that holds one; without this a contributor who pastes theirs would keep everybody's release from being built.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sharelm.keys import MAYBE_USER_ID
from sharelm.vocabulary import PiiSpan

ENTITY_TYPE = "SECRET"
FindIds = Callable[[str], Sequence[PiiSpan]]
"""In a text, sorted and without overlap."""


def find_user_ids(text: str, are_known: Callable[[Collection[str]], Collection[str]]) -> list[PiiSpan]:
    """`are_known` gives those of the words that are user IDs; it is asked only where a word could be one."""
    words = [(match.start(), match.end(), match[0]) for match in MAYBE_USER_ID.finditer(text)]
    known = are_known({word for _, _, word in words}) if words else ()
    return [PiiSpan(start, end, ENTITY_TYPE) for start, end, word in words if word in known]
