"""What the content of a conversation is: the messages that are shown, and the hash that finds equal ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from sharelm.vocabulary import Message

ShownPath = Callable[[Sequence[Message]], list[int]]
"""The places of the messages that are shown, where some stand beside others."""


def content_hash(messages: Sequence[Message]) -> str:
    """SHA-256 of the anonymised conversation: each message as role, NUL, text with white space folded, NUL. Finds equal conversations."""
    whole = "".join(f"{message.role}\0{' '.join(message.content.split())}\0" for message in messages)
    return hashlib.sha256(whole.encode()).hexdigest()
