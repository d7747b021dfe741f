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
    parts = [role + text for role, text in zip(roles, folded, strict=True)]
    borders = starts.tolist()
    sha256 = hashlib.sha256
    digests = [sha256(b"\0".join([*parts[start:end], b""])).hexdigest() for start, end in pairwise(borders)]
    blanks = np.concatenate([[0], np.cumsum(np.fromiter((not text for text in folded), dtype=bool, count=len(folded)))])
    return digests, blanks[starts[1:]] > blanks[starts[:-1]]


def fold_all(contents: pa.StringArray) -> list[bytes]:
    """Each text in UTF-8 with its white space folded as `" ".join(text.split())` does."""
    if not len(contents):
        return []
    offsets = np.frombuffer(contents.buffers()[1], dtype=np.int32)[contents.offset : contents.offset + len(contents) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = contents.buffers()[2]
    raw = data[first:last].to_pybytes() if data is not None else b""
    blank, borders = raw.translate(_TO_BLANK), (offsets - first).tolist()
    return [_folded(blank[start:end]) for start, end in pairwise(borders)]


def _folded(text: bytes) -> bytes:
    if not text.isascii():
        return " ".join(text.decode().split()).encode()
    # Most texts of one paragraph are as they should be: that is seen ten times faster than done.
    return b" ".join(text.split()) if b"  " in text or text[:1] == b" " or text[-1:] == b" " else text
