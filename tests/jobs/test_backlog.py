"""A backlog and two worker processes: everything is anonymised, nothing twice, whoever gets the work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from sqlalchemy import select

from sharelm.anonymise import advance
from sharelm.config import CHECKOUT
from sharelm.jobs import clock
from sharelm.store.conversation import conversation
from sharelm.store.engine import read, write

CONVERSATIONS = 120


@pytest.fixture
def backlog(upload, alice, bob):
    for number in range(CONVERSATIONS):
        upload((alice, bob)[number % 2], conversation_id=f"c-{number}", user=[f"I am user{number}@example.org"], bot=["Hello"])


def test_two_processes_anonymise_everything_once(app, environment, backlog):
    command = [sys.executable, "-m", "flask", "--app", "app", "job", "run", "anonymise"]
    processes = [
        subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=150) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sum(int(number) for out, _ in outputs for number in re.findall(r"(\d+) anonymised", out)) == CONVERSATIONS
    with read(app.server.engine) as connection:
        rows = connection.execute(select(conversation.c.redactions, conversation.c.messages, conversation.c.pending)).all()
    assert [json.loads(row.redactions) for row in rows] == [{"EMAIL_ADDRESS": 1}] * CONVERSATIONS
    assert all("[EMAIL_ADDRESS_1]" in row.messages and row.pending is None for row in rows)


def test_what_one_has_claimed_the_other_does_not_get(app, backlog):
    with write(app.server.engine) as first:
        mine = {row.id for row in advance.claim(first, now=clock())}
    with write(app.server.engine) as second:
        theirs = {row.id for row in advance.claim(second, now=clock())}
    assert len(mine) == CONVERSATIONS
    assert not theirs
