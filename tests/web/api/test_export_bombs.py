"""Files that are meant to break something: each is refused with a sentence or fails with one, and never costs more than it may."""

from __future__ import annotations

import io
import json
import random
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from sharelm.ingest.exports.problems import PROBLEMS
from tests.web.api.exports import PATH, Sender, claude, claude_chat

Run = Callable[[str], Any]
GOOD = claude(claude_chat("c-1", "Why?", "Because."))
pytestmark = [pytest.mark.one_database, pytest.mark.settings(SHARELM_UPLOADS_PER_MINUTE="100000")]


@pytest.fixture
def hers(client: FlaskClient, run_job: Run, alice: str) -> Sender:
    return Sender(client, alice, run_job)


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def a_link() -> bytes:
    entry = zipfile.ZipInfo("conversations.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((entry, b"/etc/passwd"))


def locked() -> bytes:
    return packed(("conversations.json", GOOD)).replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")


def wrong_checksum() -> bytes:
    content = packed(("conversations.json", GOOD), method=zipfile.ZIP_STORED)
    return content.replace(struct.pack("<L", zlib.crc32(GOOD)), b"\1\2\3\4")


def understated() -> bytes:
    """The list of files says ten bytes; there are three million."""
    content = bytearray(packed(("conversations.json", b"[" + b" " * 3_000_000 + b"]")))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", 10)
    return bytes(content)


def million_entries(announced: int) -> bytes:
    """A million names in the list of files, and what its end says of it."""
    name = b"a"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    listed = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, announced, announced, len(listed), 4, 0)
    return b"PK\x03\x04" + listed + end


def quine() -> bytes:
    """As near to one as matters here: an archive within itself is only found where archives are opened."""
    return packed(("r/r.zip", packed(("r/r.zip", b"PK\x05\x06" + b"\0" * 18))))


def noise(count: int) -> bytes:
    return random.Random(1).randbytes(count)


REFUSED = {
    "bomb": (lambda: packed(("conversations.json", b"[" + b" " * 30_000_000 + b"]")), 413, "bomb"),
    "bomb-that-is-not-read": (lambda: packed(("conversations.json", GOOD), ("x.bin", b"\0" * 30_000_000)), 413, "bomb"),
    "million-entries": (lambda: million_entries(0xFFFF), 413, "too-many-files"),
    "million-entries-denied": (lambda: million_entries(1), 413, "too-many-files"),
    "nested": (lambda: packed(("conversations-000.zip", packed(("conversations.json", GOOD)))), 422, "nested"),
    "quine": (quine, 422, "nested"),
    "way-out": (lambda: packed(("../conversations.json", GOOD)), 422, "odd-names"),
    "windows-way-out": (lambda: packed(("..\\conversations.json", GOOD)), 422, "odd-names"),
    "from-the-root": (lambda: packed(("/etc/conversations.json", GOOD)), 422, "odd-names"),
    "from-a-drive": (lambda: packed(("C:/conversations.json", GOOD)), 422, "odd-names"),
    "link": (a_link, 422, "odd-names"),
    "locked": (locked, 422, "locked"),
    "bzip2": (lambda: packed(("conversations.json", GOOD), method=zipfile.ZIP_BZIP2), 422, "packed-oddly"),
    "lzma": (lambda: packed(("conversations.json", GOOD), method=zipfile.ZIP_LZMA), 422, "packed-oddly"),
    "truncated": (lambda: packed(("conversations.json", noise(10_000)))[:5_000], 422, "damaged"),
    "only-an-end": (lambda: b"PK\x03\x04", 422, "damaged"),
    "empty": (lambda: b"", 422, "empty-file"),
    "blank": (lambda: b" \n\t" * 3_000, 422, "empty-file"),
    "page": (lambda: b"<!doctype html><p>My Activity", 422, "html"),
    "noise": (lambda: noise(100_000), 422, "unknown"),
    "utf-16": (lambda: GOOD.decode().encode("utf-16"), 422, "unknown"),
    "gzip": (lambda: zlib.compress(GOOD, wbits=31), 422, "unknown"),
}
FAILED = {
    "wrong-checksum": (wrong_checksum, "damaged"),
    "understated": (understated, "damaged"),
    "no-files": (packed, "unknown"),
    "only-who-one-is": (lambda: packed(("user.json", GOOD), ("users.json", GOOD)), "unknown"),
    "only-a-page": (lambda: packed(("Takeout/My Activity/Gemini Apps/MyActivity.html", b"<p>")), "html"),
    "nested-lists": (lambda: b"[" * 100_000, "too-deep"),
    "nested-lists-that-close": (lambda: b"[" * 100_000 + b"]" * 100_000, "too-deep"),
    "nested-objects": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
    "nested-within": (lambda: b'[{"uuid":"x","chat_messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "too-deep"),
    "cut-off": (lambda: GOOD[:-20], "damaged"),
    "cut-off-in-a-sign": (lambda: json.dumps([claude_chat("c-1", "è" * 9, "x")], ensure_ascii=False).encode()[:190], "damaged"),
    "not-utf-8": (lambda: GOOD.replace(b"Why?", b"\xff\xfe"), "damaged"),
    "no-json": (lambda: b"[nothing]", "damaged"),
    "infinity": (lambda: b'[{"uuid": NaN, "chat_messages": []}]', "damaged"),
    "more-behind-it": (lambda: GOOD + b"x", "damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_at_once(hers: Sender, name: str) -> None:
    make, status, word = REFUSED[name]
    answer = hers.send(make())
    assert (answer.status_code, answer.json.get("detail")) == (status, PROBLEMS[word])


@pytest.mark.parametrize("name", FAILED)
def test_it_fails_with_a_sentence_and_leaves_nothing(hers: Sender, name: str) -> None:
    make, word = FAILED[name]
    found = hers.get(hers.bring(make()))
    assert (found["state"], found["problem"], found["conversations"], found["next"]) == ("failed", PROBLEMS[word], [], None)


def test_a_list_of_a_million_files_is_not_read_into_memory(hers: Sender) -> None:
    content = million_entries(1)
    tracemalloc.start()
    begun = time.monotonic()
    assert hers.send(content).status_code == 413
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert time.monotonic() - begun < 10


def test_what_is_larger_than_the_limit_is_cut_off(hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.web.large_files.MAX_BODY_BYTES", 1_000)
    assert hers.send(b"[" + b" " * 2_000 + b"]").status_code == 413


def test_what_expands_to_more_than_the_limit_is_refused(hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.ingest.exports.archive.MAX_BYTES", 1_000)
    answer = hers.send(packed(("conversations.json", claude(claude_chat("c-1", "x" * 2_000, "y")))))
    assert (answer.status_code, answer.json["detail"]) == (413, PROBLEMS["too-large"])


def test_other_addresses_take_no_more_than_before(hers: Sender) -> None:
    answer = hers.client.post("/api/v1/conversations", data=b" " * 5_000_001, content_type="application/json", headers=hers.headers)
    assert answer.status_code == 413


def test_an_element_that_does_not_end_is_not_held(hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.ingest.exports.elements.MAX_ELEMENT_BYTES", 600_000)
    found = hers.get(hers.bring(b'[{"uuid": "' + b"x" * 2_000_000 + b'"}]'))
    assert (found["state"], found["problem"]) == ("failed", PROBLEMS["too-large"])


def test_who_has_sent_too_much_must_choose_first(hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.web.received_file.MOST_KEPT_BYTES", len(GOOD) + 10)
    export_id = hers.bring(GOOD)
    assert hers.send(GOOD).status_code == 409
    hers.client.delete(f"{PATH}/{export_id}", headers=hers.headers)
    assert hers.send(GOOD).status_code == 202


def test_more_conversations_than_are_listed_are_counted(hers: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.ingest.exports.listing.MOST_CONVERSATIONS", 2)
    found = hers.get(hers.bring(claude(*(claude_chat(f"c-{n}", "Why?", "Because.") for n in range(5)))))
    assert (len(found["conversations"]), found["skipped"]) == (2, {"too-many": 3})


def test_a_conversation_that_is_there_twice_counts_once_in_its_fuller_form(hers: Sender) -> None:
    short, full = claude_chat("c-1", "Why?", "Because."), claude_chat("c-1", "Why?", "Because.", "And?", "So.")
    for chats in ([short, full], [full, short]):
        found = hers.get(hers.bring(claude(*chats)))
        assert [len(one["messages"]) for one in found["conversations"]] == [4]
        assert found["skipped"] == {"duplicate": 1}


def test_nothing_of_a_file_gets_into_logs_or_answers(hers: Sender, caplog: pytest.LogCaptureFixture) -> None:
    canary = "canary-in-an-export"
    answers = [hers.send(packed((f"../{canary}.json", canary.encode()))).text]
    for content in (f'[{{"{canary}": "{canary}"}}, {canary}'.encode(), json.dumps([{"chat_messages": 7, "uuid": canary}]).encode()):
        export_id = hers.bring(content)
        answers.append(json.dumps(hers.get(export_id)))
    assert all(canary not in text for text in (*answers, caplog.text))
