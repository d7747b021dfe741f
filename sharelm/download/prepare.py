"""Prepare the download that waits longest: read in pieces, packed as it is read, stored in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import Engine, Row

from sharelm.download.contents import File, Owner, download_files
from sharelm.keys import Keys, receipt_token
from sharelm.store import belongings
from sharelm.store import download as downloads
from sharelm.store.engine import read, write

PART_BYTES = 262_144
FOLDER = "sharelm-data"
# With some room: beyond it the ZIP needs its 64-bit form, which not every program reads.
MOST_CHARACTERS = 200_000_000


class Discarded(Exception):
    """Its owner withdrew or corrected something, or asked anew: this one is not wanted any more."""


@dataclass
class Parts:
    """A file that is only written, and cut into parts that are stored at once. It has no place to go back to."""

    keep: Callable[[int, bytes], None]
    count: int = 0
    size: int = 0
    _waiting: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) >= PART_BYTES:
            self._keep(PART_BYTES)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back that could be stored already; the rest goes with `close`."""

    def close(self) -> None:
        if self._waiting:
            self._keep(len(self._waiting))

    def _keep(self, length: int) -> None:
        part = bytes(self._waiting[:length])
        del self._waiting[:length]
        self.keep(self.count, part)
        self.count, self.size = self.count + 1, self.size + length


def prepare_next(engine: Engine, keys: Keys, *, address: str, now: datetime) -> str | None:
    """What became of the one that waits longest: `prepared` or `discarded`; None if none waits."""
    with write(engine) as connection:
        row = downloads.begin_next(connection, now=now)
    if row is None:
        return None
    try:
        return _prepare(engine, keys, row, address=address, now=now)
    except Discarded:
        return "discarded"


def _prepare(engine: Engine, keys: Keys, row: Row[Any], *, address: str, now: datetime) -> str:
    with read(engine) as connection:
        sizes = belongings.select_sizes(connection, row.contributor_id)
    owner = Owner(engine, row.contributor_id, sizes, address, lambda seed: f"{address}/receipts/{receipt_token(keys, seed)}")
    parts = Parts(lambda number, content: _keep(engine, row.id, number, content))
    write_archive(parts, download_files(owner, now=now), is_large=sum(size for _, size in sizes) > MOST_CHARACTERS, now=now)
    parts.close()
    with write(engine) as connection:
        if not downloads.mark_ready(connection, row.id, parts=parts.count, size=parts.size, conversations=len(sizes), now=now):
            raise Discarded
    return "prepared"


def _keep(engine: Engine, download_id: int, number: int, content: bytes) -> None:
    with write(engine) as connection:
        if not downloads.insert_part(connection, download_id, number, content):
            raise Discarded


def write_archive(out: Parts, files: Iterable[File], *, is_large: bool, now: datetime) -> None:
    with ZipFile(cast(IO[bytes], out), "w", ZIP_DEFLATED) as archive:
        for name, texts in files:
            entry = ZipInfo(f"{FOLDER}/{name}", now.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=is_large) as file:
                for text in texts:
                    file.write(text.encode())
