"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from sharelm.store import conversation as conversations
from sharelm.store import job_run
from sharelm.store.engine import read
from sharelm.web.current import now, server
from sharelm.web.disk import free_bytes, has_room

blueprint = Blueprint("health", __name__)
SILENCE = timedelta(seconds=60)  # a scheduler that says nothing for longer is dead


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    facts = database_facts(now())
    facts |= {"names": "on" if server().names_run else "off"}
    facts |= {"disk": "ok" if has_room() else "below the floor", "disk_free_bytes": free_bytes(server().config.instance)}
    is_ready = facts["database"] == "ok" and facts["disk"] == "ok" and facts["scheduler"] in {"ok", "off"}
    return jsonify(status="ok" if is_ready else "not ready", **facts), 200 if is_ready else 503


def database_facts(at: datetime) -> dict[str, Any]:
    """Without an answer of the database nothing is known of the jobs."""
    is_off = server().config.jobs == "off"
    try:
        with read(server().engine) as connection:
            heartbeat = job_run.select_heartbeat(connection, job_run.SCHEDULER)
            oldest = conversations.select_oldest_received(connection)
            quarantined = conversations.count_quarantined(connection)
            awaiting = conversations.count_awaiting_purge(connection, now=at)
    except SQLAlchemyError:
        return {"database": "no answer", "scheduler": "off" if is_off else "unknown"}
    beats = heartbeat is not None and at - heartbeat < SILENCE
    return {
        "database": "ok",
        "scheduler": "ok" if beats else "off" if is_off else "silent",
        "oldest_unanonymised_seconds": max(0, round((at - oldest).total_seconds())) if oldest else None,
        "quarantined": quarantined,
        "awaiting_purge": awaiting,
    }
