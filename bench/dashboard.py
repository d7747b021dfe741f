"""How long a contributor with 10,000 conversations waits for a page, with millions of others' in the database, on SQLite and on Postgres.

A scratch database is filled in bulk and erased afterwards: 6 GB of free disk for each of the two at 2.3 million. The server is started as in
production (`gunicorn app:app`, SHARELM_JOBS=off); every page is asked for over HTTP, one after the other, and timed from the request to the
last byte. The measured contributor's conversations have about 10 kB each and lie evenly among the others', whose texts are short. The search
index holds the measured contributor's words only: a search never looks at anybody else's.
"""

from __future__ import annotations

import argparse
import http.client
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from _many import OWN_ID, Size, Vocabulary, fill_postgres, fill_sqlite
from _postgres import postgres
from _servers import Command, ours

from sharelm import create_app
from sharelm.config import Config
from sharelm.keys import Keys
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write
from sharelm.store.message_json import load_messages
from sharelm.store.search import index_conversations
from sharelm.store.words import words_of

CURSOR = re.compile(r'href="(/conversations\?[^"]*cursor=[^"]+)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """An address to measure and its aim in milliseconds; None where none is set."""

    name: str
    path: str
    aim_ms: float | None


def main() -> None:
    options = parse_options()
    size = Size(options.conversations, options.own, options.others)
    folder = Path(tempfile.mkdtemp(prefix="sldash", dir=options.data))
    print(
        f"{size.total:,} conversations, {size.own:,} of them of the one who is measured, {size.others:,} other contributors; {options.rounds} rounds"
    )
    try:
        for name in options.databases.split(","):
            with database(name, folder) as command:
                fill(name, command, size)
                print_table(name, measure(command, rounds=options.rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=200_000, help="in the whole database (default 200,000; the aims are for 2,300,000)")
    parser.add_argument("--own", type=int, default=10_000, help="of the contributor who is measured (default 10,000)")
    parser.add_argument("--others", type=int, default=3_000, help="other contributors (default 3,000)")
    parser.add_argument("--rounds", type=int, default=30, help="requests for each page (default 30)")
    parser.add_argument("--databases", default="sqlite,postgres", help="default sqlite,postgres")
    parser.add_argument("--data", type=Path, default=None, help="folder for the data, on the disk to measure (default: the temporary folder)")
    options = parser.parse_args()
    if not 100 <= options.own < options.conversations or options.others < 1 or options.rounds < 3:
        parser.error("--own at least 100 and fewer than --conversations, --others at least 1, --rounds at least 3")
    return options


@contextmanager
def database(name: str, folder: Path) -> Iterator[Command]:
    """The server on an empty database with its tables."""
    with ExitStack() as stack:
        address = stack.enter_context(postgres()).make_database("dashboard") if name == "postgres" else ""
        command = ours(name, folder, database_url=address)
        app = create_app(Config.from_environment(command.environ))
        app.open()
        app.server.engine.dispose()
        yield command


def fill(name: str, command: Command, size: Size) -> None:
    began = time.perf_counter()
    keys = Keys.from_secret(command.environ["SHARELM_SECRET"])
    if name == "postgres":
        fill_postgres(command.environ["DATABASE_URL"], keys, size)
    else:
        fill_sqlite(str(Path(command.environ["SHARELM_INSTANCE"]) / "sharelm.sqlite3"), keys, size)
    filled = time.perf_counter()
    index(command)
    print(f"{name}: filled in {filled - began:.0f} s, {size.own:,} conversations indexed in {time.perf_counter() - filled:.0f} s", flush=True)


def index(command: Command) -> None:
    """As the anonymiser does it: fifty at a time."""
    app = create_app(Config.from_environment(command.environ))
    app.open()
    c = conversation.c
    with read(app.server.engine) as connection:
        rows = connection.execute(conversation.select().with_only_columns(c.id, c.messages).where(c.contributor_id == 1).order_by(c.id)).all()
    for start in range(0, len(rows), 50):
        with write(app.server.engine) as connection:
            index_conversations(connection, {row.id: words_of(load_messages(row.messages)) for row in rows[start : start + 50]})
    app.server.engine.dispose()


def measure(command: Command, *, rounds: int) -> list[tuple[Page, list[float]]]:
    server = command.start()
    try:
        browser = Browser(command.port)
        browser.log_in()
        measured = pages(browser)
        for page in measured:
            browser.get(page.path)
        taken: dict[str, list[float]] = {page.name: [] for page in measured}
        for _ in range(rounds):
            for page in measured:
                taken[page.name].append(timed(lambda path=page.path: browser.get(path)))  # type: ignore[misc]
        return [(page, taken[page.name]) for page in measured]
    finally:
        server.stop()


def pages(browser: Browser) -> list[Page]:
    vocabulary = Vocabulary()
    common, rare = vocabulary.words[1], vocabulary.words[20_000]
    following = CURSOR.search(browser.get("/conversations"))
    assert following

    def asked(**query: str) -> str:
        return f"/conversations?{urlencode(query)}"

    return [
        Page("list, first page", "/conversations", 20),
        Page("list, next page", following[1].replace("&amp;", "&"), 20),
        Page("filter: model", asked(model="quartz-1.5"), 20),
        Page("filter: model, language, poor", asked(model="quartz-1.5", language="zh", rating="poor"), 20),
        Page("filter: stage, dates", asked(stage="anonymised", since="2026-01-01", until="2026-06-30"), 20),
        Page("filter that fits none", asked(model="no such model"), 20),
        Page("order: longest", asked(order="longest"), 20),
        Page("search: a word in all", asked(q=common), 100),
        Page("search: a rare word", asked(q=rare), 100),
        Page("search: one letter", asked(q=rare[0]), 100),
        Page("search: four words", asked(q=" ".join(vocabulary.words[1_000:1_004])), 100),
        Page("search and filter", asked(q=common, model="quartz-1.5"), 100),
        Page("overview", "/overview", None),
    ]


class Browser:
    """One connection, one session cookie."""

    def __init__(self, port: int) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port)
        self._cookie = ""

    def log_in(self) -> None:
        token = TOKEN.search(self.get("/login"))
        assert token
        self._ask("POST", "/login", urlencode({"csrf_token": token[1], "user_id": OWN_ID}), expected=303)

    def get(self, path: str) -> str:
        return self._ask("GET", path, None, expected=200)

    def _ask(self, method: str, path: str, body: str | None, *, expected: int) -> str:
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self._link.request(method, path, body, headers)
        answer = self._link.getresponse()
        text = answer.read().decode()
        assert answer.status == expected, (path, answer.status)
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.split(";")[0]
        return text


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def print_table(name: str, results: Sequence[tuple[Page, list[float]]]) -> None:
    print(f"\n{name:32} {'p50 ms':>8} {'p95 ms':>8} {'best':>8}   aim")
    for page, taken in results:
        p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
        verdict = "" if page.aim_ms is None else f"≤ {page.aim_ms:g}  {'met' if p50 <= page.aim_ms else 'MISSED'}"
        print(f"{page.name:32} {p50:8.1f} {p95:8.1f} {min(taken):8.1f}   {verdict}")
    print(flush=True)


if __name__ == "__main__":
    main()
