"""What is counted of the messages of one conversation and kept beside them, so that figures need not read text."""

from __future__ import annotations

from collections.abc import Iterable

from sharelm.vocabulary import Message, Role


def measures(messages: Iterable[Message]) -> dict[str, int]:
    """Columns of the conversation table: answers of the model, and thumbs given to single messages."""
    given = list(messages)
    return {
        "response_count": sum(message.role is Role.ASSISTANT for message in given),
        "thumbs_up": sum(message.rating == 1 for message in given),
        "thumbs_down": sum(message.rating == -1 for message in given),
    }
