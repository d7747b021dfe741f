"""Ids for conversations whose format has none: what was said first and what was answered, which do not change as a conversation grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

from sharelm.vocabulary import Role

SHORT = 8  # bytes that stand for a message while an export is read


class FirstWords:
    """Of one export: conversations that begin alike and go on differently are told apart by as many answers as that takes."""

    def __init__(self, digest: Callable[[str], str]) -> None:
        self._digest = digest
        self._known: dict[str, bytes] = {}  # the fullest that goes by an id

    def id_of(self, said: Sequence[tuple[Role, str]]) -> str:
        """For a path with an answer."""
        told = b"".join(blake2b(f"{role}\0{text}".encode(), digest_size=SHORT).digest() for role, text in said)
        own_id = ""
        for answered in (place + 1 for place, (role, _) in enumerate(said) if role is Role.ASSISTANT):
            own_id = self._digest("\0".join(text for _, text in said[:answered]))
            known = self._known.get(own_id, b"")
            if known.startswith(told) or told.startswith(known):
                self._known[own_id] = max(known, told, key=len)
                break
        return own_id
