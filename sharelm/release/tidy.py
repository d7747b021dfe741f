"""Which conversations chat templates take as they are, and how the others are mended. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharelm.release.columns import message_offsets

FIRST_ROLES = ("user", "system")
Said = dict[str, str]
"""A message: its `role` and its `content`."""


def tidy(messages: list[Said]) -> list[Said]:
    """From a person's (or the system's) first word to the model's last, roles in turn; empty where nothing is left to learn from."""
    last = max((place for place, message in enumerate(messages) if message["role"] == "assistant" and message["content"].strip()), default=-1)
    mended = begun(messages[: last + 1])
    return mended if any(message["role"] == "user" for message in mended) else []


def begun(messages: list[Said]) -> list[Said]:
    """Without what is blank and what a model said before anybody spoke to it; neighbours of one role are joined."""
    said = [message for message in messages if message["content"].strip()]
    first = next((place for place, message in enumerate(said) if message["role"] in FIRST_ROLES), len(said))
    joined: list[Said] = []
    for message in said[first:]:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1] = message | {"content": f"{joined[-1]['content']}\n\n{message['content']}"}
        else:
            joined.append(message)
    return joined


def is_regular(conversations: pa.ListArray) -> np.ndarray:
    """Begins with the person or the system, no role twice in a row, nothing blank, and the person speaks."""
    flat, offsets = conversations.flatten(), message_offsets(conversations)
    roles = flat.field("role")
    starts = offsets[:-1][np.diff(offsets) > 0]
    codes = as_numpy(roles.dictionary_encode().indices)
    is_wrong = np.concatenate([[False], codes[1:] == codes[:-1]])[: len(codes)]
    is_wrong[starts] = ~as_numpy(pc.is_in(roles, pa.array(FIRST_ROLES)))[starts]
    is_wrong |= ~as_numpy(pc.match_substring_regex(flat.field("content"), r"\S"))
    speaks = _count_in_rows(as_numpy(pc.equal(roles, "user")), offsets) > 0
    regular: np.ndarray = speaks & (_count_in_rows(is_wrong, offsets) == 0)
    return regular


def ends_with_assistant(conversations: pa.ListArray) -> np.ndarray:
    offsets = message_offsets(conversations)
    is_answer = as_numpy(pc.equal(conversations.flatten().field("role"), "assistant"))
    has_any = np.diff(offsets) > 0
    ends = np.zeros(len(conversations), dtype=bool)
    ends[has_any] = is_answer[offsets[1:][has_any] - 1]
    return ends


def as_numpy(column: pa.Array) -> np.ndarray:
    values: np.ndarray = column.to_numpy(zero_copy_only=False)
    return values


def says(claims: pa.Array) -> np.ndarray:
    """Where it is true; NULL says nothing."""
    return as_numpy(pc.fill_null(claims, False))


def _count_in_rows(marks: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    sums = np.concatenate([[0], np.cumsum(marks)])
    counts: np.ndarray = sums[offsets[1:]] - sums[offsets[:-1]]
    return counts
