"""What a file holds, looked at before anything of it is unpacked: one JSON file, or a ZIP whose list of files is harmless.

Names of files inside are compared, never used as paths. Every check raises NotAnExport with the word of a sentence.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO

from sharelm.ingest.exports.draft import NotAnExport

MAX_BYTES = 250_000_000  # as sent, and again expanded
MAX_RATIO = 100
SMALL_ENOUGH = 1_000_000  # expanded to no more than this, no ratio does any harm
MAX_FILES = 20_000
MAX_LIST_BYTES = 4_000_000
END, END_SIZE = b"PK\x05\x06", 22
END_64, LOCATOR_64, LOCATOR_SIZE = b"PK\x06\x06", b"PK\x06\x07", 20
ARCHIVES = {".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".jar", ".lz4", ".br"}
# Beside the conversations: who one is, settings, projects, memories, ratings.
PRIVATE = {
    "user.json", "users.json", "user_settings.json", "projects.json", "memories.json", "message_feedback.json", "export_manifest.json",
    "shared_conversations.json", "model_comparisons.json", "group_chats.json", "account.json",
}  # fmt: skip
LISTS_OF_CONVERSATIONS = re.compile(r"conversations[-_ ()0-9]*\.json", re.IGNORECASE)
BOM = b"\xef\xbb\xbf"


def check_file(file: IO[bytes], size: int) -> None:
    """What can be told at once, while the sender waits."""
    if size > MAX_BYTES:
        raise NotAnExport("too-large")
    if is_zip(file):
        open_zip(file, size)
    else:
        _check_beginning(file)


def is_zip(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(4) in {b"PK\x03\x04", END}


def open_zip(file: IO[bytes], size: int) -> zipfile.ZipFile:
    """The ZIP, once its list of files is found harmless."""
    _check_end(file, size)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, EOFError, UnicodeDecodeError):
        raise NotAnExport("damaged") from None
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise NotAnExport("too-many-files")
    for entry in entries:
        _check_entry(entry)
    _check_sizes(entries, size)
    return archive


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files that may hold conversations, in the order of their names."""
    listed = [entry for entry in archive.infolist() if _may_hold_conversations(entry)]
    sure = [entry for entry in listed if is_list_of_conversations(entry)]
    found = sorted(sure or listed, key=lambda entry: entry.filename)
    if not found:
        pages = any(_name(entry).endswith((".html", ".htm")) for entry in archive.infolist())
        raise NotAnExport("html" if pages else "unknown")
    return found


def is_list_of_conversations(entry: zipfile.ZipInfo) -> bool:
    """By its name; what is in it decides."""
    return LISTS_OF_CONVERSATIONS.fullmatch(_name(entry)) is not None


def _check_beginning(file: IO[bytes]) -> None:
    file.seek(0)
    beginning = file.read(4096).removeprefix(BOM).lstrip()
    if not beginning:
        raise NotAnExport("empty-file")
    if beginning[:1] == b"<":
        raise NotAnExport("html")
    if beginning[:1] not in b"[{":
        raise NotAnExport("unknown")


def _check_end(file: IO[bytes], size: int) -> None:
    """The list of files as its end announces it, before it is read into memory: a million names are half a gigabyte there."""
    file.seek(max(0, size - END_SIZE - 0xFFFF))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        raise NotAnExport("damaged")
    count, list_bytes = struct.unpack("<10xHL6x", tail[at : at + END_SIZE])
    locator = tail[max(0, at - LOCATOR_SIZE) : at]
    if locator.startswith(LOCATOR_64) and len(locator) == LOCATOR_SIZE:
        (place,) = struct.unpack("<8xQ4x", locator)
        file.seek(min(place, size))
        record = file.read(56)
        if len(record) == 56 and record.startswith(END_64):
            count, list_bytes = struct.unpack("<32xQQ8x", record)
    if count > MAX_FILES or list_bytes > MAX_LIST_BYTES:
        raise NotAnExport("too-many-files")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    path = PurePosixPath(name)
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if is_link or path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        raise NotAnExport("odd-names")
    if path.suffix.lower() in ARCHIVES and not entry.is_dir():
        raise NotAnExport("nested")
    if entry.flag_bits & 0x1:
        raise NotAnExport("locked")
    # Others are unpacked by Python without a limit.
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise NotAnExport("packed-oddly")


def _check_sizes(entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    everything = sum(entry.file_size for entry in entries)
    if everything > SMALL_ENOUGH and everything > MAX_RATIO * size:
        raise NotAnExport("bomb")
    if sum(entry.file_size for entry in entries if _may_hold_conversations(entry)) > MAX_BYTES:
        raise NotAnExport("too-large")


def _may_hold_conversations(entry: zipfile.ZipInfo) -> bool:
    name = _name(entry)
    is_ours = not entry.is_dir() and entry.file_size > 0 and not name.startswith(".") and "__macosx" not in entry.filename.lower().split("/")
    return is_ours and name.endswith((".json", ".jsonl")) and name not in PRIVATE


def _name(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename.replace("\\", "/")).name.lower()
