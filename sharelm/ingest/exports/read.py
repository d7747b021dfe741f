"""Read an export: conversations one after the other, and how many were skipped for which reason. No text of it enters a message or a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, cast

from sharelm.ingest.exports import format_of, gemini
from sharelm.ingest.exports.archive import is_list_of_conversations, is_zip, members, open_zip
from sharelm.ingest.exports.draft import Draft, Format, Json, NotAnExport, Unreadable
from sharelm.ingest.exports.elements import Budget, depth_within, elements
from sharelm.ingest.exports.first_words import FirstWords
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
        found, first_words = 0, FirstWords(self.digest)
        for draft in self._drafts(_contents(file, size), size):
            try:
                conversation = conversation_of(draft, self._of, digest=self.digest, first_words=first_words)
            except Unreadable as problem:
                self.skipped[problem.reason] += 1
                continue
            found += 1
            yield conversation
        if self.format is None:
            raise NotAnExport("unknown")
        if not found and self.skipped["other-language"]:
            raise NotAnExport("other-language")

    @property
    def _of(self) -> Format:
        return cast(Format, self.format)

    def _drafts(self, contents: Contents, size: int) -> Iterator[Draft]:
        budget = Budget(size, lambda read: self.tell(read, contents.total))
        drafts = (draft for part in contents.parts for draft in self._read_all(elements(part, budget), is_sure=contents.is_sure))
        # Only a log has to be put together; everything else goes on as it comes.
        first = next(drafts, None)
        if first is None:
            return
        rest = _chain(first, drafts)
        yield from gemini.gather(rest) if self._of.NAME == gemini.NAME else rest

    def _read_all(self, found: Iterator[tuple[Any, int]], *, is_sure: bool) -> Iterator[Draft]:
        """The first element that has a known shape says what the export is. A file without a single one is something else, and not counted."""
        strange, is_ours = 0, is_sure
        for element, depth in found:
            self.format = self.format or (format_of(element) if isinstance(element, dict) else None)
            if self.format is None or not isinstance(element, dict) or not self._of.fits(element):
                strange += 1
                continue
            is_ours = True
            try:
                yield from self._read(element, depth)
            except Unreadable as problem:
                self.skipped[problem.reason] += 1
        if is_ours and strange:
            self.skipped["unreadable"] += strange

    def _read(self, element: Json, depth: int) -> Iterator[Draft]:
        if depth > self._of.MAX_DEPTH and not depth_within(element, self._of.MAX_DEPTH):
            raise Unreadable("too-deep")
        return self._of.read(element)


@dataclass(frozen=True, slots=True)
class Contents:
    """How to open each file that may hold conversations, and how many bytes they have together; `is_sure` where none can be something else."""

    parts: list[Opener]
    total: int
    is_sure: bool


def _contents(file: IO[bytes], size: int) -> Contents:
    if not is_zip(file):

        def rewind() -> IO[bytes]:
            file.seek(0)
            return file

        return Contents([rewind], size, is_sure=True)
    archive = open_zip(file, size)
    found = members(archive)
    is_sure = any(is_list_of_conversations(entry) for entry in found)
    return Contents([partial(archive.open, entry) for entry in found], sum(entry.file_size for entry in found), is_sure)


def _chain(first: Draft, rest: Iterator[Draft]) -> Iterator[Draft]:
    yield first
    yield from rest
