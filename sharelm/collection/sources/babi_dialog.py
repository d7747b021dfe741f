"""Dialog bAbI: restaurant bookings as text, simulated but for task 6. A row is one dialog.

`<SILENCE>` is no message: what the bot says around it is one. Lines without a tab are what the bot's API call found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from sharelm.collection.found import Found, Item, Said
from sharelm.collection.source import Row, Source
from sharelm.collection.turns import joined
from sharelm.vocabulary import Role

NAME = "babi-dialog"
LICENCE = "LicenseRef-uncertain"
SILENCE = "<SILENCE>"
FILE = re.compile(r"task[-_]?(\d)", re.IGNORECASE)
SPLIT = re.compile(r"(?:^|[-_.])(trn|dev|tst)(-OOV)?(?=[-_.]|$)", re.IGNORECASE)
REAL_TASK = "6"  # people of the second Dialog State Tracking Challenge


def dialogs(lines: Iterable[str]) -> Iterator[list[str]]:
    """Blank lines part dialogs, and so does a number that is not higher than the one before."""
    dialog: list[str] = []
    last = 0
    for line in lines:
        number = _number(line)
        if dialog and (not line.strip() or (number is not None and number <= last)):
            yield dialog
            dialog, last = [], 0
        if line.strip():
            dialog.append(line)
            last = number or last
    if dialog:
        yield dialog


def read_row(row: Row) -> Iterator[Item]:
    task, split = _task(row.file), _split(row.file)
    said = joined(message for line in row.value for message in _messages(line))
    extra = {"simulated": task != REAL_TASK, "task": int(task) if task else None}
    yield Found(f"babi:t{task}:{split}:{row.number}", said, extra=extra)


def _messages(line: str) -> list[Said]:
    number, _, rest = line.strip(" \r\n").partition(" ")
    int(number)
    user, tab, bot = rest.partition("\t")
    if not tab:
        return [(Role.TOOL, rest.strip())]
    said = (Role.USER, user.strip()), (Role.ASSISTANT, bot.strip())
    return [(role, text) for role, text in said if not (role is Role.USER and text == SILENCE)]


def _number(line: str) -> int | None:
    first = line.strip().partition(" ")[0]
    return int(first) if first.isascii() and first.isdigit() else None


def _task(file: PurePath) -> str:
    found = FILE.search(file.name)
    return found[1] if found else ""


def _split(file: PurePath) -> str:
    found = SPLIT.search(file.name)
    return found[1].lower() + (found[2] or "").upper() if found else "trn"


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="1,000 dialogs for each task and split",
    how="dialog_babi.tar.gz of ParlAI (parl.ai/downloads/dialog_babi), unpacked; dialog-babi-task*.txt",
    is_redistributable=False,
    rows=dialogs,
)
