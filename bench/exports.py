"""How long a contributor waits until a large export of their own is listed for choice, what memory it takes, and how pages answer meanwhile.

Invented exports in the shapes of ChatGPT and Claude are sent to a server that is started as in production (`gunicorn app:app`, its jobs in the
same process, SQLite); the clock runs from the first byte sent until `GET /api/v1/exports/<id>` says `ready`. While the file is read, pages are asked
for one after the other. Memory is the worker's: what it has before, its peak, and the difference.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import statistics
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from _conversations import upload_bodies
from _servers import Command, Running, ours

USER_ID = "bench-contributor-of-exports-0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {USER_ID}"}
BOUNDARY = "bench-of-exports"
BLOCK = 1_048_576
MESSAGES = 8
LONGEST = 1_050  # of a message of ChatGPT's; Claude's exports hold every text twice
LONGEST_OF_CLAUDE = 520
AIM_SECONDS, AIM_MB = 20, 300


@dataclass
class Result:
    """Seconds from the first byte on; megabytes of the worker; page times in milliseconds."""

    sent: float
    listed: float
    conversations: int
    before_mb: float
    peak_mb: float
    pages: list[float] = field(default_factory=list)


def main() -> None:
    options = parse_options()
    folder = Path(tempfile.mkdtemp(prefix="slexports", dir=options.data))
    try:
        print(f"{options.conversations:,} conversations; aims: {AIM_SECONDS} s, {AIM_MB} MB more than before\n")
        print("| export | file MB | sent s | listed s | memory before MB | peak MB | more MB | pages median ms | pages slowest ms |")
        print("| --- |" + " ---: |" * 8)
        for name, make in EXPORTS.items():
            path = folder / name
            make(path, options.conversations)
            show(name, path, measure(folder, path))
            path.unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--data", type=Path, help="folder for scratch files; default: the system's")
    return parser.parse_args()


def show(name: str, path: Path, result: Result) -> None:
    numbers = [path.stat().st_size / 1e6, result.sent, result.listed, result.before_mb, result.peak_mb, result.peak_mb - result.before_mb]
    numbers += [statistics.median(result.pages), max(result.pages)]
    print(f"| {name}, {result.conversations:,} listed | " + " | ".join(f"{number:.1f}" for number in numbers) + " |", flush=True)


def measure(folder: Path, path: Path) -> Result:
    command = ours(f"server-{path.name}", folder)
    command.environ["SHARELM_JOBS"] = "on"
    running = command.start()
    try:
        agree(command)
        warm_up(command)
        return bring(command, running, path)
    finally:
        running.stop()


def bring(command: Command, running: Running, path: Path) -> Result:
    before, pages = resident(running)[0], Pages(command)
    watch = threading.Thread(target=pages.ask)
    begun = time.monotonic()
    watch.start()
    export_id = send(command, path)
    sent = time.monotonic() - begun
    while (answer := ask(command, "GET", f"/api/v1/exports/{export_id}?limit=1"))["state"] == "reading":
        time.sleep(0.1)
    listed = time.monotonic() - begun
    pages.is_over = True
    watch.join()
    assert answer["state"] == "ready", answer["problem"]
    return Result(sent, listed, count(command, export_id), before, resident(running)[1], pages.times)


@dataclass
class Pages:
    """Somebody else's visits, one after the other."""

    command: Command
    times: list[float] = field(default_factory=list)
    is_over: bool = False

    def ask(self) -> None:
        while not self.is_over:
            begun = time.monotonic()
            request(self.command, "GET", "/releases")
            self.times.append(1000 * (time.monotonic() - begun))
            time.sleep(0.05)


def resident(running: Running) -> tuple[float, float]:
    """Megabytes of the largest process of the server: now, and at its peak."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, KeyError, ValueError):
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            if int(lines["NSsid"].split()[0]) == running.process.pid:
                found.append(tuple(int(lines[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM")))
    return max(found)  # type: ignore[return-value]


def agree(command: Command) -> None:
    version = ask(command, "GET", "/api/v1/consent")["version"]
    ask(command, "POST", "/api/v1/consent", json.dumps({"version": version, "language": "en", "adult": True}).encode())


def warm_up(command: Command) -> None:
    """What every server has done after its first minutes: a page, and an upload that the anonymiser has read, with its model in memory."""
    request(command, "GET", "/releases")
    messages = [{"id": "1", "role": "user", "content": "My name is Alice Example."}, {"id": "2", "role": "assistant", "content": "Hello."}]
    ask(command, "POST", "/api/v1/conversations", json.dumps({"conversation_id": "c-1", "messages": messages}).encode())
    while ask(command, "GET", "/api/v1/conversations")["items"][0]["stage"] == "received":
        time.sleep(0.2)


def count(command: Command, export_id: str) -> int:
    total, address = 0, f"/api/v1/exports/{export_id}?limit=200"
    while address:
        answer = ask(command, "GET", address)
        total, address = total + len(answer["conversations"]), answer["next"]
    return total


def send(command: Command, path: Path) -> str:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="export"\r\n\r\n'.encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = HEADERS | {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
    }
    link = http.client.HTTPConnection("127.0.0.1", command.port, timeout=300)
    link.request("POST", "/api/v1/exports", pieces(head, path, tail), headers)
    answer = link.getresponse()
    body = answer.read()
    assert answer.status == 202, body
    return str(json.loads(body)["export_id"])


def pieces(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
    yield tail


def ask(command: Command, method: str, path: str, body: bytes | None = None) -> Any:
    return json.loads(request(command, method, path, body))


def request(command: Command, method: str, path: str, body: bytes | None = None) -> bytes:
    link = http.client.HTTPConnection("127.0.0.1", command.port, timeout=300)
    link.request(method, path, body, HEADERS | ({"Content-Type": "application/json"} if body else {}))
    answer = link.getresponse()
    content = answer.read()
    assert answer.status < 400, (path, answer.status)
    link.close()
    return content


def chatgpt_chat(number: int, draw: random.Random) -> dict[str, Any]:
    ids = [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(MESSAGES + 1)]
    mapping: dict[str, Any] = {ids[0]: {"id": ids[0], "message": None, "parent": None, "children": [ids[1]]}}
    for place, text in enumerate(said(draw, LONGEST), 1):
        role = "user" if place % 2 else "assistant"
        message = {
            "id": ids[place], "author": {"role": role, "name": None, "metadata": {}}, "create_time": 1_756_000_000.0 + 100 * number + place,
            "update_time": None, "content": {"content_type": "text", "parts": [text]}, "status": "finished_successfully",
            "end_turn": True, "weight": 1.0,
            "metadata": {"model_slug": "gpt-5", "citations": [], "request_id": ids[place], "timestamp_": "absolute", "message_type": None},
            "recipient": "all", "channel": None,
        }  # fmt: skip
        children = ids[place + 1 : place + 2]
        mapping[ids[place]] = {"id": ids[place], "message": message, "parent": ids[place - 1], "children": children}
    facts = {"title": "Invented", "create_time": 1_756_000_000.1 + number, "update_time": 1_756_000_400.6 + number, "default_model_slug": "gpt-5"}
    return {**facts, "mapping": mapping, "current_node": ids[-1], "conversation_id": ids[0], "id": ids[0], "is_archived": False}


def claude_chat(number: int, draw: random.Random) -> dict[str, Any]:
    own_id, parent, messages = str(uuid.UUID(int=draw.getrandbits(128), version=4)), "00000000-0000-4000-8000-000000000000", []
    for place, text in enumerate(said(draw, LONGEST_OF_CLAUDE)):
        key, at = str(uuid.UUID(int=draw.getrandbits(128), version=4)), f"2026-03-{1 + number % 28:02}T07:{place:02}:35.552627Z"
        content = [{"start_timestamp": at, "stop_timestamp": at, "type": "text", "text": text, "citations": []}]
        messages.append(
            {
                "uuid": key, "text": text, "content": content, "sender": "assistant" if place % 2 else "human", "created_at": at, "updated_at": at,
                "attachments": [], "files": [], "parent_message_uuid": parent,
            }
        )  # fmt: skip
        parent = key
    dates = {"created_at": messages[0]["created_at"], "updated_at": messages[-1]["updated_at"]}
    return {"uuid": own_id, "name": "Invented", "summary": "", **dates, "account": {"uuid": own_id}, "chat_messages": messages}


@cache
def pool() -> tuple[list[str], list[str]]:
    """What people and models say."""
    bodies = [json.loads(body) for body in upload_bodies(["nobody"], count=400)]
    return [text for body in bodies for text in body["user_msgs"]], [text for body in bodies for text in body["bot_msgs"]]


def said(draw: random.Random, longest: int) -> Iterator[str]:
    for place in range(MESSAGES):
        yield draw.choice(pool()[place % 2])[:longest]


def write_list(path: Path, count: int, make: Callable[[int, random.Random], dict[str, Any]]) -> None:
    draw = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write("," if number else "[")
            file.write(json.dumps(make(number, draw)))
        file.write("]")


def write_chatgpt(path: Path, count: int) -> None:
    write_list(path, count, chatgpt_chat)


def write_claude(path: Path, count: int) -> None:
    write_list(path, count, claude_chat)


def write_chatgpt_shards(path: Path, count: int) -> None:
    """As it comes: packed, a hundred conversations in each file."""
    draw = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for shard, start in enumerate(range(0, count, 100)):
            chats = [chatgpt_chat(number, draw) for number in range(start, min(start + 100, count))]
            archive.writestr(f"conversations-{shard:03}.json", json.dumps(chats))


EXPORTS = {"chatgpt.json": write_chatgpt, "chatgpt-shards.zip": write_chatgpt_shards, "claude.json": write_claude}

if __name__ == "__main__":
    main()
