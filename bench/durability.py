"""kill -9 under load, again and again: every acknowledged upload must be there afterwards, exactly once.

The whole server (gunicorn's master and workers) is killed in the middle of uploads and started again, on SQLite and on Postgres. The load is a mix of
new conversations, the same ones sent again, and the same ones grown by a turn. What is there is read through the API as each contributor. An upload
that was cut off before its answer may be there or not; nothing may be there twice. The exit code is 1 if anything acknowledged is missing or doubled.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _conversations import user_ids, warm_up_bodies
from _postgres import Postgres, postgres
from _servers import Running, ours

CONTRIBUTORS = 24
CLIENTS = 8
MOST_UPLOADS = 20_000  # of one client between two kills
DATABASES = ("sqlite", "postgres")


@dataclass
class Sender:
    """One client. It uploads for contributors of its own, so that every conversation has one writer, and remembers what it was promised.

    Of ten uploads six are new, two repeat an earlier one as it was, two are an earlier one that has grown by a turn: also those that
    were cut off by a kill and never answered, as a real client tries again.
    """

    number: int
    count: int = 0
    sent: list[tuple[str, str]] = field(default_factory=list)
    promised: dict[tuple[str, str], int] = field(default_factory=dict)  # messages by (user ID, conversation ID)
    answers: int = 0
    refused: int = 0

    def next(self) -> tuple[tuple[str, str], int]:
        """Which conversation comes now, and with how many turns."""
        self.count += 1
        kind = self.count % 10
        if kind >= 6 and self.sent:
            key = self.sent[-1 - (self.count * 7) % min(len(self.sent), 200)]
            return key, self.promised.get(key, 2) // 2 + (kind >= 8)
        mine = user_ids(CONTRIBUTORS)[self.number :: CLIENTS]
        key = mine[self.count % len(mine)], f"durable-{self.number}-{self.count}"
        self.sent.append(key)
        return key, 1 + self.count % 3

    def note(self, status: int, key: tuple[str, str], turns: int) -> None:
        """The answer is here, all of it."""
        if status == 200:
            self.answers += 1
            self.promised[key] = max(2 * turns, self.promised.get(key, 0))
        else:
            self.refused += 1


@dataclass(frozen=True)
class Verdict:
    """One database's row of the table. `shorter`: there, but with fewer messages than were acknowledged."""

    database: str
    answers: int
    conversations: int
    missing: int
    twice: int
    shorter: int
    restarts: int
    refused: int

    @property
    def is_good(self) -> bool:
        return not (self.missing or self.twice or self.shorter) and self.conversations > 0


def main() -> int:
    options = parse_options()
    folder = Path(tempfile.mkdtemp(prefix="sldur", dir=options.data))
    try:
        verdicts = [measure(database, folder, options) for database in options.only]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_table(verdicts)
    return 0 if all(verdict.is_good for verdict in verdicts) else 1


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=6, help="how often each server is killed (default 6, at most 50)")
    parser.add_argument("--seconds", type=float, default=2, help="load before each kill (default 2, at most 30)")
    parser.add_argument("--only", choices=DATABASES, action="append", help="one database instead of both")
    parser.add_argument("--kill-postgres", action="store_true", help="crash the embedded Postgres together with the server (immediate shutdown)")
    parser.add_argument("--data", type=Path, default=None, help="folder for the data (default: the temporary folder)")
    options = parser.parse_args()
    if not 1 <= options.kills <= 50 or not 0.2 <= options.seconds <= 30:
        parser.error("--kills 1 to 50, --seconds 0.2 to 30")
    options.only = options.only or list(DATABASES)
    return options


def measure(database: str, folder: Path, options: argparse.Namespace) -> Verdict:
    with database_address(database) as (address, server):
        command = ours(database, folder, database_url=address)
        senders = [Sender(number) for number in range(CLIENTS)]
        running = command.start()
        try:
            for number in range(options.kills):
                kill_under_load(running, senders, seconds=options.seconds * (0.6 + 0.8 * number / options.kills))
                if options.kill_postgres and server is not None:
                    crash(server)
                running = command.start()
            return compare(database, running.port, senders, restarts=options.kills)
        finally:
            running.kill()


@contextmanager
def database_address(database: str) -> Iterator[tuple[str, Postgres | None]]:
    """Nothing to start for SQLite."""
    if database == "sqlite":
        yield "", None
        return
    name = "sharelm_bench_durability"
    with postgres() as server:
        yield server.make_database(name), server
        server.drop_database(name)


def crash(server: Postgres) -> None:
    """As a power cut for Postgres: no checkpoint, recovery from its log at the next start."""
    if server.embedded is None:
        raise SystemExit("--kill-postgres works on the embedded Postgres only, not on the one at TEST_DATABASE_URL")
    server.restart_after_crash()


def kill_under_load(running: Running, senders: list[Sender], *, seconds: float) -> None:
    """Ends when the server is dead and every client has noticed."""
    stop = threading.Event()
    clients = [threading.Thread(target=upload_until, args=(stop, running.port, sender), daemon=True) for sender in senders]
    for client in clients:
        client.start()
    time.sleep(seconds)
    running.kill()
    stop.set()
    for client in clients:
        client.join(30)


def body_of(user_id: str, conversation_id: str, *, turns: int) -> bytes:
    """The published plugin's form; the text of a turn is always the same, so that a longer copy continues a shorter one."""
    payload: dict[str, Any] = json.loads(warm_up_bodies([user_id])[0])
    payload |= {
        "conversation_id": conversation_id,
        "user_msgs": [f"Question {turn} of {conversation_id}: how long does bread keep?" for turn in range(turns)],
        "bot_msgs": [f"Answer {turn}: about three days. " + "It depends on the flour and the weather. " * 40 for turn in range(turns)],
    }
    return json.dumps(payload, ensure_ascii=False).encode()


def upload_until(stop: threading.Event, port: int, sender: Sender) -> None:
    """Until told to stop or the server is dead."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(MOST_UPLOADS):
        if stop.is_set():
            return
        key, turns = sender.next()
        try:
            link.request("POST", "/api/endpoint", body_of(*key, turns=turns), {"Content-Type": "application/json"})
            answer = link.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return
        sender.note(answer.status, key, turns)


def compare(database: str, port: int, senders: list[Sender], *, restarts: int) -> Verdict:
    wanted = {key: messages for sender in senders for key, messages in sender.promised.items()}
    found = [((owner, item["conversation_id"]), item["message_count"]) for owner in user_ids(CONTRIBUTORS) for item in list_own(port, owner)]
    times, counts = Counter(key for key, _ in found), dict(found)
    return Verdict(
        database=database,
        answers=sum(sender.answers for sender in senders),
        conversations=len(wanted),
        missing=sum(key not in times for key in wanted),
        twice=sum(count > 1 for count in times.values()),
        shorter=sum(counts.get(key, messages) < messages for key, messages in wanted.items()),
        restarts=restarts,
        refused=sum(sender.refused for sender in senders),
    )


def list_own(port: int, user_id: str) -> Iterator[dict[str, Any]]:
    """Everything that is kept for a contributor, as the API tells it, page by page."""
    path: str | None = "/api/v1/conversations?limit=200"
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while path is not None:
        link.request("GET", path, headers={"Authorization": f"Bearer {user_id}"})
        answer = link.getresponse()
        page = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"the list was answered with {answer.status}")
        yield from page["items"]
        path = page["next"]


def print_table(verdicts: list[Verdict]) -> None:
    columns = ("acknowledged", "conversations", "missing", "twice", "shorter", "restarts", "refused")
    print(f"{'':9}" + "".join(f"{column:>15}" for column in columns))
    for each in verdicts:
        values = (each.answers, each.conversations, each.missing, each.twice, each.shorter, each.restarts, each.refused)
        print(f"{each.database:9}" + "".join(f"{value:15}" for value in values) + ("" if each.is_good else "   NOT GOOD"))


if __name__ == "__main__":
    sys.exit(main())
