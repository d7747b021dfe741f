"""What the jobs did: one row per run, and one that the scheduler keeps fresh."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, Table, Text, delete, func, select, update

from sharelm.store import db
from sharelm.store.types import BigId, Instant

SCHEDULER = "scheduler"

job_run = Table(
    "job_run",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("job", String(32), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("heartbeat_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("counts", Text, nullable=False),  # JSON, name to number
    Column("error_type", String(128)),
    Index("job_run_by_job", "job", "started_at"),
)


def insert_run(connection: Connection, job: str, *, now: datetime) -> int:
    values = {"job": job, "started_at": now, "heartbeat_at": now, "counts": "{}"}
    return int(connection.execute(job_run.insert().values(**values).returning(job_run.c.id)).scalar_one())


def update_run(
    connection: Connection, run_id: int, *, now: datetime, counts: Mapping[str, int], finished: bool = False, error_type: str | None = None
) -> None:
    values: dict[str, Any] = {"heartbeat_at": now, "counts": json.dumps(dict(counts), sort_keys=True), "error_type": error_type}
    if finished:
        values["finished_at"] = now
    connection.execute(update(job_run).where(job_run.c.id == run_id).values(**values))


def select_heartbeat(connection: Connection, job: str) -> datetime | None:
    """The last sign of life of a job that has not finished."""
    query = select(func.max(job_run.c.heartbeat_at)).where(job_run.c.job == job, job_run.c.finished_at.is_(None))
    return connection.execute(query).scalar()


def select_last_runs(connection: Connection) -> dict[str, Row[Any]]:
    """The latest run of every job that ever ran."""
    newest = select(func.max(job_run.c.id)).group_by(job_run.c.job)
    return {row.job: row for row in connection.execute(select(job_run).where(job_run.c.id.in_(newest)))}


def select_runs(connection: Connection, job: str, *, limit: int) -> Sequence[Row[Any]]:
    """The newest runs of a job first."""
    return connection.execute(select(job_run).where(job_run.c.job == job).order_by(job_run.c.id.desc()).limit(limit)).all()


def delete_old_runs(connection: Connection, *, before: datetime) -> int:
    return connection.execute(delete(job_run).where(job_run.c.started_at < before, job_run.c.finished_at.is_not(None))).rowcount
