"""The search index: the same on both databases, and nothing left in it of what is gone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sharelm import ShareLM
from sharelm.store import search
from sharelm.store.conversation import conversation
from sharelm.store.engine import forget_deleted_text, is_sqlite, read, write
from sharelm.store.search import MEMBERS, search_block, search_part
from sharelm.store.words import terms_of
from sharelm.vocabulary import Message, Role

Upload = Callable[..., TestResponse]
Run = Callable[[str], object]
Find = Callable[[str], set[str]]
SENTINEL = "zanzibarium"
ANYTHING = (
    '"',
    "'",
    "*",
    "a*",
    "(",
    ")",
    "^a",
    "NEAR(a b)",
    "a AND",
    "NOT",
    "-a",
    "a:b",
    "\\",
    "%",
    "_",
    "\x00",
    "\ud800",
    "'; --",
    "{a}",
    "a\tb\nc",
    "&|!",
)


def own_id(app: ShareLM) -> int:
    with read(app.server.engine) as connection:
        return connection.execute(select(conversation.c.contributor_id).order_by(conversation.c.id).limit(1)).scalar_one()


@pytest.fixture
def find(app: ShareLM) -> Find:
    """What the first contributor finds: the client's ids."""

    def ask(query: str) -> set[str]:
        with read(app.server.engine) as connection:
            row_ids = search.find(connection, terms_of(query), contributor_id=own_id(app))
            assert len(row_ids) == len(set(row_ids))
            return set(connection.execute(select(conversation.c.client_id).where(conversation.c.id.in_(row_ids))).scalars())

    return ask


def stored(app: ShareLM) -> str:
    """Every row of the index, and on SQLite the files as they lie on the disk."""
    forget_deleted_text(app.server.engine)
    with read(app.server.engine) as connection:
        rows = [str(row) for table in (search_block, search_part) for row in connection.execute(select(table))]
    folder = Path(app.server.config.instance)
    files = [path for path in folder.glob("sharelm.sqlite3*") if path.is_file()] if is_sqlite(app.server.engine) else []
    return "".join(rows) + "".join(path.read_bytes().decode("latin-1") for path in files)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bread", {"bread"}),
        ("BREAD café", {"bread"}),
        ("cafe", {"bread", "tea"}),
        ("caf", {"bread", "tea"}),
        ('"caf"', set()),
        ('"café"', {"bread", "tea"}),
        ("bread tea", set()),
        ("苹果", {"tree"}),
        ("果", {"tree"}),
        ("树", {"tree"}),
        ("苹树", set()),
        ("кофе", {"tea"}),
        ("email address", {"tea"}),
        ("anna", set()),
        ("nothing", set()),
    ],
)
def test_it_finds_by_words(upload: Upload, run_job: Run, find: Find, alice: str, bob: str, query: str, expected: set[str]) -> None:
    upload(alice, "bread", user=["Why does my bread not rise?"], bot=["The CAFÉ is too cold."])
    upload(alice, "tea", user=["Cafe or tea? Или кофе! anna@example.org"], bot=["Tea."])
    upload(alice, "tree", user=["怎么修剪苹果树"], bot=["冬天。"])
    upload(bob, "bob", user=["bread cafe tea 苹果 nothing"], bot=["Yes."])
    run_job("anonymise")
    assert find(query) == expected


@pytest.mark.parametrize("query", ANYTHING)
def test_it_takes_any_query(upload: Upload, run_job: Run, find: Find, alice: str, query: str) -> None:
    upload(alice, "c-1", user=["a b c"], bot=["d"])
    run_job("anonymise")
    assert find(query) <= {"c-1"}


def test_it_does_not_find_text_as_given(upload: Upload, find: Find, alice: str) -> None:
    upload(alice, user=["bread"])
    assert find("bread") == set()


def test_it_follows_every_change_of_the_text(app: ShareLM, upload: Upload, run_job: Run, find: Find, alice: str) -> None:
    upload(alice, "c-1", user=["bread"], bot=["Yes"])
    run_job("anonymise")
    upload(alice, "c-1", user=["bread", "butter"], bot=["Yes", "No"])
    assert (find("bread"), find("butter")) == ({"c-1"}, set())
    run_job("anonymise")
    assert (find("bread butter"), find("bread")) == ({"c-1"}, {"c-1"})
    with write(app.server.engine) as connection:
        row_id = connection.execute(select(conversation.c.id)).scalar_one()
        search.index_conversation(connection, row_id, [Message(Role.USER, "[HIDDEN_1] butter")])
    assert (find("bread"), find("butter"), find("hidden")) == (set(), {"c-1"}, {"c-1"})
    assert "bread" not in stored_index(app)


def stored_index(app: ShareLM) -> str:
    with read(app.server.engine) as connection:
        return "".join(connection.execute(select(search_part.c.lines)).scalars())


def test_it_agrees_with_looking_at_every_text(app: ShareLM, upload: Upload, run_job: Run, find: Find, alice: str) -> None:
    chance = random.Random(5)
    letters = ["a", "ab", "abc", "b", "ba", "c", "ca", "cab", "é", "树", "果树", "苹果树"]
    texts = {f"c-{number}": " ".join(chance.choices(letters, k=chance.randint(1, 4))) for number in range(3 * MEMBERS)}
    for name, text in texts.items():
        upload(alice, name, user=[text], bot=["ok"])
    run_job("anonymise")
    gone = chance.sample(sorted(texts), MEMBERS)
    with write(app.server.engine) as connection:
        rows = connection.execute(select(conversation.c.id).where(conversation.c.client_id.in_(gone))).scalars().all()
        search.forget_conversations(connection, rows)
    left = {name: text for name, text in texts.items() if name not in gone}
    for word in ("a", "ab", "abc", "b", "c", "ca", "zz"):
        assert find(word) == {name for name, text in left.items() if any(part.startswith(word) for part in text.split())}
        assert find(f'"{word}"') == {name for name, text in left.items() if word in text.split()}
    for word in ("树", "果树", "苹果", "苹"):
        assert find(word) == {name for name, text in left.items() if word in text}


def test_it_gives_freed_places_away_again(app: ShareLM, upload: Upload, run_job: Run, find: Find, alice: str) -> None:
    for number in range(MEMBERS):
        upload(alice, f"c-{number}", user=[f"old {number}"])
    run_job("anonymise")
    with write(app.server.engine) as connection:
        row_ids = connection.execute(select(conversation.c.id)).scalars().all()
        search.forget_conversations(connection, row_ids[1:3])
        search.forget_conversations(connection, row_ids[1:3])
    upload(alice, "new", user=["new"])
    run_job("anonymise")
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(search_block.c.id)).all()) == 1
    assert find("new") == {"new"}
    assert len(find("old")) == MEMBERS - 2


def test_a_huge_conversation_has_a_block_of_its_own(app: ShareLM, upload: Upload, run_job: Run, find: Find, alice: str) -> None:
    upload(alice, "huge", user=[" ".join(f"w{number}" for number in range(search.ROOMY))])
    run_job("anonymise")
    upload(alice, "small", user=["w1"])
    run_job("anonymise")
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(search_block.c.id)).all()) == 2
    assert find('"w1"') == {"huge", "small"}


def test_nothing_is_left_of_what_was_withdrawn(app: ShareLM, client: object, upload: Upload, run_job: Run, find: Find, alice: str, bob: str) -> None:
    chance = random.Random(3)
    for number in range(120):  # enough for pages to fill, split and be joined again
        text = " ".join(
            [SENTINEL, f"{SENTINEL}{number}"] * (number % 3 == 0) + [f"w{chance.randrange(9999)}" for _ in range(chance.randint(20, 600))]
        )
        upload(alice if number % 2 else bob, f"c-{number}", user=[text])
        if number % 30 == 29:
            run_job("anonymise")
    assert SENTINEL in stored(app)
    for number in range(0, 120, 3):
        name = alice if number % 2 else bob
        client.delete(f"/api/v1/conversations/c-{number}", headers={"Authorization": f"Bearer {name}"})  # type: ignore[attr-defined]
    run_job("purge")
    assert find(SENTINEL) == set()
    assert SENTINEL not in stored(app)
    with read(app.server.engine) as connection:
        members = ",".join(connection.execute(select(search_block.c.members)).scalars())
    assert len([member for member in members.split(",") if member != "0"]) == 80


def test_nothing_is_left_when_everything_is_withdrawn(app: ShareLM, client: object, upload: Upload, run_job: Run, alice: str) -> None:
    for number in range(10):
        upload(alice, f"c-{number}", user=[SENTINEL])
    run_job("anonymise")
    client.delete("/api/v1/me", headers={"Authorization": f"Bearer {alice}"})  # type: ignore[attr-defined]
    run_job("purge")
    with read(app.server.engine) as connection:
        assert connection.execute(select(search_block)).all() == connection.execute(select(search_part)).all() == []
    assert SENTINEL not in stored(app)


def test_a_migration_indexes_what_is_anonymised_already(app: ShareLM, upload: Upload, run_job: Run, find: Find, alice: str, bob: str) -> None:
    for number in range(MEMBERS + 1):
        upload(alice, f"c-{number}", user=[f"bread {number}"])
    upload(bob, "gone", user=["bread"])
    run_job("anonymise")
    upload(alice, "given", user=["bread as given"])
    with write(app.server.engine) as connection:
        connection.execute(update(conversation).where(conversation.c.client_id == "gone").values(withdrawn_at=conversation.c.received_at))
    with app.app_context():
        downgrade(revision="0004")
        upgrade()
    assert find("bread") == {f"c-{number}" for number in range(MEMBERS + 1)}
    with read(app.server.engine) as connection:
        assert len(connection.execute(select(search_block)).all()) == 2


def test_the_tables_are_as_the_migrations_make_them(app: ShareLM) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from sharelm.store import db

    with read(app.server.engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
    ours = [change for change in differences if re.search("search_|conversation|near_duplicate|candidate", str(change))]
    assert ours == []


def test_those_who_index_at_once_do_not_lose_each_others_words(app: ShareLM, upload: Upload, run_job: Run, find: Find, alice: str, bob: str) -> None:
    for number in range(24):
        upload(alice if number % 2 else bob, f"c-{number}", user=["nothing"])
    run_job("anonymise")
    with read(app.server.engine) as connection:
        rows = connection.execute(select(conversation.c.id, conversation.c.client_id)).all()

    def index(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(5):
            some = chance.sample(rows, len(rows) // 2)
            with write(app.server.engine) as connection:
                search.index_conversations(connection, {row.id: {"bread", row.client_id.replace("-", "")} for row in some})

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(index, seed) for seed in range(4)]:
            done.result()
    index_all = {row.id: {"bread", row.client_id.replace("-", "")} for row in rows}
    with write(app.server.engine) as connection:
        search.index_conversations(connection, index_all)
    with read(app.server.engine) as connection:
        members = [int(member) for text in connection.execute(select(search_block.c.members)).scalars() for member in text.split(",")]
    assert sorted(member for member in members if member) == sorted(index_all)
    assert find("nothing") == set()
    assert len(find("bread")) == 12
