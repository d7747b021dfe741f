"""What a conversation says, as one number: the `content_hash` of releases, fast enough for millions.

SHA-256 over each message as role, NUL, text with white space folded, NUL; the same as for contributions, so that equal ones are found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

# White space of ASCII as Python splits at it; what is beyond ASCII is left to Python itself.
_TO_BLANK = bytes.maketrans(b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f", b" " * 9)


def digest_of(messages: Iterable[tuple[str, str]]) -> str:
    whole = "".join(f"{role}\0{' '.join(text.split())}\0" for role, text in messages)
    return hashlib.sha256(whole.encode()).hexdigest()


def digest_rows(roles: Sequence[bytes], contents: pa.StringArray, starts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The hash of each row, and which rows hold a blank message. `starts` are the rows' borders among the messages."""
    folded = fold_all(contents)
    parts = [b""] * (2 * len(folded))
    parts[::2], parts[1::2] = roles, folded
    sha256, borders = hashlib.sha256, (2 * starts).tolist()
    digests = [sha256(b"\0".join([*parts[start:end], b""])).hexdigest() for start, end in pairwise(borders)]
    blanks = np.concatenate([[0], np.cumsum(np.fromiter((not text for text in folded), dtype=bool, count=len(folded)))])
    return digests, blanks[starts[1:]] > blanks[starts[:-1]]


def fold_all(contents: pa.StringArray) -> list[bytes]:
    """Each text in UTF-8 with its white space folded as `" ".join(text.split())` does, and NULL as an empty one."""
    texts = [text if text.isascii() else _folded(text) for text in _as_bytes(contents)]
    whole = b"\0".join(texts)
    if not texts or whole.count(b"\0") != len(texts) - 1:  # a NUL within a text: rare
        return [_folded(text) for text in texts]
    # All texts in one go, because each step is then a single pass in C.
    signs = np.frombuffer(whole.translate(_TO_BLANK), dtype=np.uint8)
    blank = signs == ord(" ")
    goes = blank.copy()  # all but the first of neighbours, and what a text begins with; what it ends with is cut off below
    goes[1:] &= blank[:-1] | (signs[:-1] == 0)
    return [text.rstrip(b" ") for text in signs[~goes].tobytes().split(b"\0")]


def _folded(text: bytes) -> bytes:
    return " ".join(text.decode().split()).encode()


def _as_bytes(contents: pa.StringArray) -> list[bytes]:
    if not len(contents):
        return []
    offsets = np.frombuffer(contents.buffers()[1], dtype=np.int32)[contents.offset : contents.offset + len(contents) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = contents.buffers()[2]
    raw = data[first:last].to_pybytes() if data is not None else b""
    return [raw[start:end] for start, end in pairwise((offsets - first).tolist())]
