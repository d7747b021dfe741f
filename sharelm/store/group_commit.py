"""Group commit: threads that write at the same time share one transaction, so one sync of the disk serves them all.

Whoever comes first leads: it runs the statements of all who wait, commits, and wakes them. Nobody returns before the commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with places in the driver's own form (`?`, `$1`), and what stands there."""

    sql: str
    parameters: Sequence[str | bytes | int | None]


WriteAll = Callable[[Sequence[Statement]], list[int]]
"""Runs statements in one transaction; the row counts once it is durable. If it raises, nothing was written."""


@dataclass
class Ticket:
    """One waiting write; its gate opens when it is done or when it is its turn to lead."""

    statement: Statement
    gate: threading.Lock = field(default_factory=threading.Lock)
    row_count: int = 0
    error: Exception | None = None
    is_done: bool = False


class GroupCommit:
    """One queue per database and process."""

    def __init__(self, write_all: WriteAll) -> None:
        self._write_all = write_all
        self._guard = threading.Lock()
        self._waiting: list[Ticket] = []
        self._is_led = False

    def run(self, statement: Statement) -> int:
        """The number of rows that it wrote, durably; raises what it or the commit raised."""
        ticket = Ticket(statement)
        ticket.gate.acquire()
        with self._guard:
            self._waiting.append(ticket)
            must_wait, self._is_led = self._is_led, True
        if must_wait:
            ticket.gate.acquire()
        if not ticket.is_done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.row_count

    def _lead(self) -> None:
        with self._guard:
            group, self._waiting = self._waiting, []
        try:
            self._write(group)
        finally:
            for ticket in group:
                ticket.is_done = True
            with self._guard:
                following = self._waiting[0] if self._waiting else None
                self._is_led = following is not None
            for woken in [*group, *([following] if following else [])]:
                woken.gate.release()

    def _write(self, group: list[Ticket]) -> None:
        """All in one transaction, or else each in its own.

        Some errors (a full disk) make SQLite roll back by itself, so after any error nothing of the group counts as written.
        """
        try:
            row_counts = self._write_all([ticket.statement for ticket in group])
        except Exception as error:  # belongs to the callers, who raise it
            if len(group) > 1:
                for ticket in group:
                    self._write([ticket])
            else:
                group[0].error = error
            return
        for ticket, row_count in zip(group, row_counts, strict=True):
            ticket.row_count = row_count
