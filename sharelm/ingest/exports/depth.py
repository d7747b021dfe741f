"""How deeply a stream of JSON is nested, told from its bytes before a parser keeps the path to every level: that grows with the square."""

from __future__ import annotations

from itertools import accumulate

from sharelm.ingest.exports.draft import NotAnExport

MAX_DEPTH = 5_000  # of the whole file; formats have smaller ones for each conversation
SIGNS = b'"[]{}'
OTHERS = bytes(set(range(256)) - set(SIGNS))
STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class DepthGuard:
    """Looks at block after block; what stands in strings does not count."""

    def __init__(self) -> None:
        self._depth = 0
        self._is_in_string = False
        self._escape = b""  # at the end of a block, cut off from what it escapes

    def look(self, block: bytes) -> int:
        """How deep it goes. Raises NotAnExport."""
        text = self._escape + block
        self._escape = b"\\" if (len(text) - len(text.rstrip(b"\\"))) % 2 else b""
        signs = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, OTHERS)
        pieces = signs.split(b'"')
        brackets = b"".join(pieces[self._is_in_string :: 2])
        self._is_in_string ^= len(pieces) % 2 == 0
        depths = [*accumulate((STEPS[sign] for sign in brackets), initial=self._depth)]
        self._depth = depths[-1]
        deepest = max(depths)
        if deepest > MAX_DEPTH:
            raise NotAnExport("too-deep")
        return deepest
