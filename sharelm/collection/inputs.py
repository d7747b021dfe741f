"""The files of a source: which there are, what they are by their first bytes, and their rows one after the other, never all at once."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from sharelm.collection.json_array import read_array
from sharelm.errors import ShareLMError

GZIP, ZSTANDARD, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
COMPRESSED = (".gz", ".zst")
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
ENDINGS = (".parquet", ".json", ".jsonl", ".ndjson", ".txt")
SNIFFED = 1_000_000  # bytes in which the first sign of a file must come


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are named and those in the folders that are, each once, in the order of their names. Raises ShareLMError."""
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise ShareLMError("One of the paths is not there; a dataset of the Hub is named as OWNER/NAME.")
        if path.name.lower().endswith(ARCHIVES):
            raise ShareLMError(f"{path.name} is an archive: unpack it first, and name the folder.")
        inside = sorted(file for file in path.rglob("*") if file.is_file() and _may_be_data(file, path)) if path.is_dir() else [path]
        for file in inside:  # by the name it has here: the cache of the Hub links to files that have none
            found.setdefault(file.resolve(), file.absolute())
    if not found:
        raise ShareLMError("There is no file to read: .parquet, .json, .jsonl, .txt, or one of the last three with .gz or .zst.")
    return list(found.values())


def _may_be_data(file: Path, folder: Path) -> bool:
    is_hidden = any(part.startswith((".", "__")) for part in file.relative_to(folder).parts)
    return not is_hidden and _name_inside(file).endswith(ENDINGS)


def _name_inside(file: Path) -> str:
    """What the file is called without the ending of its compression."""
    name = file.name.lower()
    return next((name.removesuffix(ending) for ending in COMPRESSED if name.endswith(ending)), name)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(PARQUET)) == PARQUET


def read_rows(path: Path) -> Iterator[Any]:
    """The values of a JSON array or of JSON Lines. What is none is given as the exception that says so."""
    try:
        with open_bytes(path) as file:
            yield from _values(file, is_lines=_name_inside(path).endswith((".jsonl", ".ndjson", ".txt")))
    except DAMAGED as error:
        yield error


def _values(file: io.BufferedReader, *, is_lines: bool) -> Iterator[Any]:
    first = _first_sign(file)
    if first == b"[":
        yield from read_array(file)
    elif first == b"{" and not is_lines:
        yield from _object_or_lines(file)
    else:
        yield from _lines(file)


def read_text(path: Path) -> Iterator[str]:
    """The lines of a text, without their ends, whichever they are."""
    with open_bytes(path) as file:
        for line in io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=None):
            yield line.rstrip("\n")


@contextmanager
def open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    """The file as it was before it was compressed."""
    with _uncompressed(path) as file, io.BufferedReader(cast(io.RawIOBase, file), 1 << 20) as reader:
        yield cast("io.BufferedReader", reader)


def _uncompressed(path: Path) -> IO[bytes]:
    with path.open("rb") as raw:
        start = raw.peek(4)
    if start.startswith(GZIP):
        return cast(IO[bytes], gzip.open(path, "rb"))
    if start.startswith(ZSTANDARD):
        return cast(IO[bytes], _Zstandard(path))
    return path.open("rb")


class _Zstandard(io.RawIOBase):
    """What a file that is compressed so holds; one that was cut off ends as one of gzip does."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._stream = pa.input_stream(str(path), compression="zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._stream.read(len(buffer))
        except OSError:
            raise EOFError from None
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _first_sign(file: io.BufferedReader) -> bytes:
    """The first byte that is not white space; the file stands where it stood."""
    start = file.peek(SNIFFED)[:SNIFFED]
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]


def _lines(file: Iterable[bytes]) -> Iterator[Any]:
    for line in file:
        if line.strip():
            yield _parsed(line)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return error


def _object_or_lines(file: io.BufferedReader) -> Iterator[Any]:
    """`.json` with an object in front: JSON Lines under another name, one row, or an object with the rows in its only list."""
    first = file.readline()
    parsed = _parsed(first)
    if not isinstance(parsed, Exception):
        yield from _rows_within(parsed)
        yield from _lines(file)
    else:
        yield from _rows_within(_parsed(first + file.read()))


def _rows_within(value: Any) -> Iterable[Any]:
    lists = [inside for inside in value.values() if isinstance(inside, list)] if isinstance(value, dict) and len(value) == 1 else []
    is_rows = bool(lists and lists[0]) and all(isinstance(row, dict) and "from" not in row for row in lists[0])
    return lists[0] if is_rows else [value]
