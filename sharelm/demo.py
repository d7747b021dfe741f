"""Invented conversations of three contributors, given through the same door as everybody's, so that every page has something to show.

Doing it twice adds nothing: the user IDs are derived from the instance's secret.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sharelm.ingest.accept import accept_contribution
from sharelm.ingest.payload import PluginUpload, plugin_conversation, read
from sharelm.jobs import clock, job_named, run_job
from sharelm.keys import derive_key
from sharelm.server import Server
from sharelm.store.engine import write
from sharelm.vocabulary import UserId

CONVERSATIONS = Path(__file__).parent / "demo.json"


def fill(server: Server) -> Iterator[str]:
    """Give everything but the newest conversation of each contributor days ago, anonymise, build a release, give the newest. Yields what to tell."""
    given = json.loads(CONVERSATIONS.read_text(encoding="utf-8"))
    for person, conversations in given.items():
        for number, conversation in enumerate(conversations[1:]):
            _give(server, person, conversation, days_ago=8 + number)
    for name in ("anonymise", "release"):
        run_job(server, job_named(name))
    for person, conversations in given.items():
        _give(server, person, conversations[0], days_ago=0)
    yield f"{sum(len(conversations) for conversations in given.values())} conversations of {len(given)} contributors are here."
    yield "Look at them with one of these user IDs, at /login:"
    yield from (f"  {person:8} {_user_id(server, person)}" for person in given)


def _give(server: Server, person: str, conversation: dict[str, Any], *, days_ago: int) -> None:
    at = clock() - timedelta(days=days_ago)
    payload = {
        "conversation_id": f"demo-{conversation['name']}",
        "user_id": _user_id(server, person),
        "user_msgs": conversation["user"],
        "bot_msgs": conversation["bot"],
        "page_url": conversation["page"],
        "timestamp": at.isoformat(),
        "conversation_metadata": conversation.get("thumbs", {}),
    }
    upload = read(PluginUpload, json.dumps(payload).encode())
    with write(server.engine) as connection:
        accept_contribution(connection, server.plugin_door, UserId(upload.user_id), plugin_conversation(upload), now=at)


def _user_id(server: Server, person: str) -> UserId:
    """256 bits that nobody can guess who has not read the instance's secret."""
    return UserId(base64.urlsafe_b64encode(derive_key(server.keys.session, f"demo {person}")).decode().rstrip("="))
