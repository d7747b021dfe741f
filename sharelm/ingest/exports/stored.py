"""A file that lies in the database in parts: stored as it is received, and read as a file, with one part in memory at a time."""

from __future__ import annotations

import io
import os
from datetime import datetime
from typing import IO

from sqlalchemy import Engine

from sharelm.store import own_export as own_exports
from sharelm.store.engine import read, write

PART_BYTES = 2_097_152


class Discarded(Exception):
    """Its owner erased the export, or withdrew everything: it is not wanted any more."""


def store_file(engine: Engine, file: IO[bytes], *, public_id: str, contributor_id: int, size: int, now: datetime) -> None:
    """In small transactions: uploads of others take their turns in between. It counts once it is whole. Raises Discarded."""
    with write(engine) as connection:
        export_id = own_exports.insert_export(connection, public_id=public_id, contributor_id=contributor_id, byte_count=size, now=now)
    file.seek(0)
    count = 0
    while content := file.read(PART_BYTES):
        with write(engine) as connection:
            if not own_exports.insert_part(connection, export_id, count, content):
                raise Discarded
        count += 1
    with write(engine) as connection:
        if not own_exports.mark_arrived(connection, export_id, part_count=count, now=now):
            raise Discarded


class StoredFile(io.RawIOBase):
    """Raises Discarded where the parts are gone."""

    def __init__(self, engine: Engine, export_id: int, size: int) -> None:
        super().__init__()
        self._engine, self._export_id, self._size = engine, export_id, size
        self._place = 0
        self._number, self._part = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._place >= self._size:
            return 0
        number, within = divmod(self._place, PART_BYTES)
        piece = self._part_of(number)[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _part_of(self, number: int) -> bytes:
        if number != self._number:
            with read(self._engine) as connection:
                part = own_exports.select_part(connection, self._export_id, number)
            if part is None:
                raise Discarded
            self._number, self._part = number, part
        return self._part


def open_stored(engine: Engine, export_id: int, size: int) -> IO[bytes]:
    return io.BufferedReader(StoredFile(engine, export_id, size))
