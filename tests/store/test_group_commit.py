"""Threads that write at the same time share a transaction: nobody is told before the commit, nobody pays for another's error."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sharelm.store.group_commit import GroupCommit, Statement
from tests.waiting import wait_for


class Ledger:
    """A database that remembers what was committed, and can be held before a commit or fail at one."""

    def __init__(self):
        self.committed, self.commits = [], 0
        self.may_commit = threading.Event()
        self.may_commit.set()
        self.fails = False

    def write_all(self, statements):
        numbers = [statement.parameters for statement in statements]
        if any(number < 0 for number in numbers):
            raise ValueError(min(numbers))
        self.may_commit.wait()
        if self.fails:
            raise OSError("disk full")
        self.committed += numbers
        self.commits += 1
        return [number % 2 for number in numbers]


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def group(ledger):
    return GroupCommit(ledger.write_all)


def put(number):
    return Statement("INSERT", number)


def test_it_returns_what_the_statement_returned(group, ledger):
    assert [group.run(put(number)) for number in range(4)] == [0, 1, 0, 1]
    assert ledger.committed == [0, 1, 2, 3]


def test_those_who_wait_together_share_a_commit(group, ledger):
    ledger.may_commit.clear()
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(group.run, put(0))
        wait_for(lambda: group._is_led and not group._waiting)
        others = [threads.submit(group.run, put(number)) for number in range(1, 9)]
        wait_for(lambda: len(group._waiting) == 8)
        assert not any(run.done() for run in [first, *others])
        ledger.may_commit.set()
        assert [run.result(timeout=30) for run in [first, *others]] == [number % 2 for number in range(9)]
    assert (sorted(ledger.committed), ledger.commits) == (list(range(9)), 2)


def test_a_bad_statement_spoils_nobody_elses(group, ledger):
    ledger.may_commit.clear()
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(group.run, put(0))
        wait_for(lambda: group._is_led and not group._waiting)
        good, bad = threads.submit(group.run, put(2)), threads.submit(group.run, put(-1))
        wait_for(lambda: len(group._waiting) == 2)
        ledger.may_commit.set()
        assert first.result(timeout=30) == good.result(timeout=30) == 0
        with pytest.raises(ValueError, match="-1"):
            bad.result(timeout=30)
    assert sorted(ledger.committed) == [0, 2]


def test_a_failed_commit_is_told_to_everybody_and_the_next_one_works(group, ledger):
    ledger.fails = True
    with pytest.raises(OSError, match="disk full"):
        group.run(put(2))
    ledger.fails = False
    assert group.run(put(4)) == 0
    assert ledger.committed == [4]


def test_many_threads_lose_nothing_and_double_nothing(group, ledger):
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(group.run, map(put, range(2_000))))
    assert sorted(ledger.committed) == list(range(2_000))
