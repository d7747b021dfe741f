"""Work in two places at once: the next piece is made in another thread while one is used."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

Piece = TypeVar("Piece")


def ahead(pieces: Generator[Piece, None, None]) -> Iterator[Piece]:
    """The same pieces in the same order, of which one more is in memory. What they raise, this raises; it ends them when it is ended."""
    with closing(pieces), ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(next, pieces, None)
        while (piece := waiting.result()) is not None:
            waiting = thread.submit(next, pieces, None)
            yield piece
