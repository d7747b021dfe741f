"""MinHash: how alike two conversations are, and which of many belong together. Pure.

A conversation is the set of its runs of four words; two are near duplicates where they share four fifths of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datasketch import MinHash

WORDS_IN_RUN = 4
MOST_WORDS = 20_000  # of one conversation: beyond, it is recognised by its beginning
NUMBERS = 128
BANDS = 16  # of eight numbers: 95 of 100 pairs that are alike by 0.8 share one, 6 of 100 that are alike by 0.5
ALIKE = 0.8
# Scripts without blanks between words: each sign is one.
WORD = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+"
)
FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Signature:
    """What stands for the words of a conversation, and the values by which others like it are found. Without the key it says nothing of them."""

    numbers: bytes
    bands: tuple[int, ...]


def sign(texts: Iterable[str], key: bytes) -> Signature | None:
    """None where there is no word."""
    words = words_of(texts)
    if not words:
        return None
    minhash = _empty().copy()
    minhash.update_batch(_runs(words, key).tolist())
    numbers = minhash.hashvalues.astype("<u4")
    parts = numbers.reshape(BANDS, -1)
    return Signature(numbers.tobytes(), tuple(_band(place, part.tobytes()) for place, part in enumerate(parts)))


def are_alike(one: bytes, other: bytes) -> bool:
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4"))) >= ALIKE


def divide(members: Mapping[int, bytes | None]) -> list[list[int]]:
    """Those that are alike, also through others, together; the largest part first, then by age. Who is like nobody is in none."""
    left = sorted(row_id for row_id, signature in members.items() if signature)
    table = {row_id: np.frombuffer(members[row_id] or b"", "<u4") for row_id in left}
    parts: list[list[int]] = []
    while left:
        part, waiting = [], [left.pop(0)]
        while waiting:
            one = waiting.pop()
            part.append(one)
            near = [other for other in left if float(np.mean(table[one] == table[other])) >= ALIKE]
            waiting += near
            left = [other for other in left if other not in set(near)]
        parts.append(sorted(part))
    return sorted((part for part in parts if len(part) > 1), key=lambda part: (-len(part), part[0]))


def words_of(texts: Iterable[str]) -> list[str]:
    words: list[str] = []
    for text in texts:
        words += WORD.findall(text[: MOST_WORDS * 10].casefold())
        if len(words) >= MOST_WORDS:
            break
    return words[:MOST_WORDS]


def _runs(words: Sequence[str], key: bytes) -> np.ndarray:
    """A number for each run of words, each once. Every word is digested once, which is what takes time."""
    digests = {word: _digest(word, key) for word in set(words)}
    numbers = np.array([digests[word] for word in words], dtype=np.uint64)
    length = min(WORDS_IN_RUN, len(numbers))
    runs = sum((numbers[place : len(numbers) - length + 1 + place] * FACTORS[place] for place in range(length)), np.uint64(0))
    return np.unique(np.asarray(runs, dtype=np.uint64) >> np.uint64(32))


def _digest(word: str, key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8, key=key).digest(), "little")


def _band(place: int, part: bytes) -> int:
    """64 bits, signed as databases have them."""
    return int.from_bytes(hashlib.blake2b(bytes([place]) + part, digest_size=8).digest(), "little", signed=True)


@cache
def _empty() -> MinHash:
    # Imported here because it takes a moment to load, and only jobs ask. The scheme is part of what is stored: another one finds nothing.
    from datasketch import MinHash

    return MinHash(num_perm=NUMBERS, seed=1, hashfunc=int, scheme="affine32")
