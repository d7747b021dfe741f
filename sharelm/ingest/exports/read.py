"""Read an export: conversations one after the other, and how many were skipped for which reason. No text of it enters a message or a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, cast

from sharelm.ingest.exports import format_of, gemini
from sharelm.ingest.exports.archive import is_zip, members, open_zip
from sharelm.ingest.exports.draft import Draft, Format, NotAnExport, Unreadable
from sharelm.ingest.exports.elements import Budget, depth_within, elements
from sharelm.ingest.exports.tree import Digest, conversation_of
from sharelm.vocabulary import Conversation

Opener = Callable[[], IO[bytes]]


@dataclass
class Reading:
    """One export while it is read. `skipped` is complete, and `format` known, when `conversations` has ended."""

    digest: Digest
    tell: Callable[[int, int], None] = lambda *_: None
    skipped: Counter[str] = field(default_factory=Counter)
    format: Format | None = None

    def conversations(self, file: IO[bytes], size: int) -> Iterator[Conversation]:
        """Raises NotAnExport, in the middle too; what came before it is to be forgotten."""
        for draft in self._drafts(*_parts(file, size), size=size):
            try:
                yield conversation_of(draft, name=self._of.NAME, platform=self._of.PLATFORM, digest=self.digest)
            except Unreadable as problem:
                self.skipped[problem.reason] += 1
        if self.format is None:
            raise NotAnExport("unknown")

    @property
    def _of(self) -> Format:
        return cast(Format, self.format)

    def _drafts(self, parts: list[Opener], total: int, *, size: int) -> Iterator[Draft]:
        budget = Budget(size, lambda read: self.tell(read, total))
        drafts = (draft for part in parts for draft in self._read_all(elements(part, budget)))
        # Only a log has to be put together; everything else goes on as it comes.
        first = next(drafts, None)
        if first is None:
            return
        rest = _chain(first, drafts)
        yield from gemini.gather(rest) if self._of.NAME == gemini.NAME else rest

    def _read_all(self, found: Iterator[tuple[Any, int]]) -> Iterator[Draft]:
        """The first element that has a known shape says what the export is; before it nothing counts, after it nothing else does."""
        strange = 0
        for element, depth in found:
            self.format = self.format or (format_of(element) if isinstance(element, dict) else None)
            if self.format is None:
                strange += 1
                continue
            try:
                yield from self._read(element, depth)
            except Unreadable as problem:
                self.skipped[problem.reason] += 1
        if self.format is not None and strange:
            self.skipped["unreadable"] += strange

    def _read(self, element: Any, depth: int) -> Iterator[Draft]:
        if not isinstance(element, dict) or not self._of.fits(element):
            raise Unreadable
        if depth > self._of.MAX_DEPTH and not depth_within(element, self._of.MAX_DEPTH):
            raise Unreadable("too-deep")
        return self._of.read(element)


def _parts(file: IO[bytes], size: int) -> tuple[list[Opener], int]:
    """How to open each file that may hold conversations, and how many bytes they have together."""
    if not is_zip(file):

        def rewind() -> IO[bytes]:
            file.seek(0)
            return file

        return [rewind], size
    archive = open_zip(file, size)
    found = members(archive)
    return [partial(archive.open, entry) for entry in found], sum(entry.file_size for entry in found)


def _chain(first: Draft, rest: Iterator[Draft]) -> Iterator[Draft]:
    yield first
    yield from rest
