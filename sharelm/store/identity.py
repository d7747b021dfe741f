"""How a message is recognised: by a keyed digest of its role and of its text as it was sent, whatever form is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from sharelm.vocabulary import Message

Digest = Callable[[Message], str]
"""Keyed, and different in every conversation."""


def identity(message: Message, digest: Digest) -> str:
    return message.digest or message.sent_digest or digest(message)


def message_keys(messages: Iterable[Message], digest: Digest) -> list[str]:
    """A name for each message of a conversation, in order; the second of two that say the same ends in `-2`."""
    seen: Counter[str] = Counter()
    keys = []
    for message in messages:
        known_as = identity(message, digest)
        seen[known_as] += 1
        keys.append(known_as if seen[known_as] == 1 else f"{known_as}-{seen[known_as]}")
    return keys
