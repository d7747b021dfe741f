"""A contributor's own exports: send one, see what was found in it, choose from it, erase it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.errors import ConsentNeeded, NotFound, Refused
from sharelm.ingest.exports.choose import Chosen, give_chosen
from sharelm.ingest.exports.problems import sentence
from sharelm.ingest.merge import shown_path
from sharelm.ingest.payload import Choice
from sharelm.ingest.payload import read as read_payload
from sharelm.keys import user_digest
from sharelm.store import contributor as contributors
from sharelm.store import export_candidate as candidates
from sharelm.store import own_export as own_exports
from sharelm.store.candidate_json import load_conversation
from sharelm.store.engine import read, write
from sharelm.store.types import to_micros
from sharelm.web import received_file
from sharelm.web.api.caller import NOBODY, bearer, check_upload_rate, contributor_id
from sharelm.web.body import read_json_body
from sharelm.web.current import now, server
from sharelm.web.cursor import read_limit, read_place, sign_place
from sharelm.web.disk import check_room

if TYPE_CHECKING:
    from sharelm import ShareLM

PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
ORDER = "export"
MOST_CHARACTERS = 5_000_000  # in one answer, but for a single conversation that is longer
NO_SUCH = "There is no such export under this user ID."

blueprint = Blueprint("exports", __name__)


def prepare(app: ShareLM) -> None:
    received_file.prepare(app)


@blueprint.post("/api/v1/exports")
def send() -> ResponseReturnValue:
    user_id = bearer()
    check_upload_rate(user_id)
    owner = contributor_id()
    if owner == NOBODY:
        raise ConsentNeeded(version=server().consent.version, address=f"{server().config.public_url}/terms")
    return jsonify(export_id=received_file.receive(owner)), 202


@blueprint.get("/api/v1/exports/<export_id>")
def show(export_id: str) -> ResponseReturnValue:
    owner, limit = contributor_id(), read_limit(request.args.get("limit"))
    after = read_place(request.args.get("cursor"), ORDER)
    with read(server().engine) as connection:
        export = find(connection, export_id, owner)
        state = own_exports.state_of(export)
        found, following = page(connection, export, after, limit) if state == "ready" else ([], None)
    return jsonify(
        state=state,
        problem=sentence(export.problem) if export.problem else None,
        conversations=found,
        skipped=own_exports.skipped_in(export),
        next=url_for("exports.show", export_id=export_id, limit=limit, cursor=following) if following else None,
    )


@blueprint.post("/api/v1/exports/<export_id>/choose")
def choose(export_id: str) -> ResponseReturnValue:
    user_id = bearer()
    check_room()
    check_upload_rate(user_id)
    wanted = list(dict.fromkeys(read_payload(Choice, read_json_body()).conversation_ids))
    with read(server().engine) as connection:
        giver = contributors.select_contributor(connection, user_digest(server().keys, user_id))
        owner = contributor_id() if giver is None else giver.id
        if giver is not None and giver.consent_ended_at is not None:  # what they sent is gone; that is not why it is refused
            received_file.check_current_consent(giver)
        export = find(connection, export_id, owner)
        received_file.check_current_consent(contributors.select_by_id(connection, owner))
        row_ids = find_rows(connection, export, wanted)
    chosen = give_chosen(server().engine, server().own_door, row_ids, contributor_id=owner, clock=now)
    return jsonify(items=answers(wanted, chosen))


@blueprint.delete("/api/v1/exports/<export_id>")
def erase(export_id: str) -> ResponseReturnValue:
    """Hidden at once; a job erases it within seconds."""
    owner = contributor_id()
    with write(server().engine) as connection:
        find(connection, export_id, owner)
        own_exports.discard(connection, export_id, contributor_id=owner, now=now())
    return jsonify(export_id=export_id, erased=True)


def find(connection: Connection, export_id: str, owner: int) -> Row[Any]:
    """Raises NotFound where there is none, and just so where it is somebody else's."""
    found = PUBLIC_ID.fullmatch(export_id) and own_exports.select_own(connection, export_id, contributor_id=owner, now=now())
    if not found:
        raise NotFound(NO_SUCH)
    return found


def find_rows(connection: Connection, export: Row[Any], wanted: Sequence[str]) -> list[int]:
    """Raises Refused while it is being read or cannot be, NotFound for an id that is not in it."""
    if own_exports.state_of(export) != "ready":
        detail = "There is nothing to choose from: the export is still being read, or could not be."
        raise Refused(detail, status=409, title="Not ready")
    found = candidates.select_ids(connection, export.id, wanted)
    if len(found) < len(wanted):
        raise NotFound("There is no such conversation in this export; nothing was stored.")
    return [found[one] for one in wanted]


def page(connection: Connection, export: Row[Any], after: tuple[int, int] | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Conversations in a page of at most `limit`, fewer where they are long, and where the next page begins."""
    rows = candidates.select_sizes(connection, export.id, after=after, limit=limit + 1)
    shown = within(rows[:limit])
    texts = candidates.select_texts(connection, [row.id for row in shown])
    last = shown[-1] if shown else None
    following = sign_place(ORDER, (to_micros(last.at), last.id)) if last is not None and len(shown) < len(rows) else None
    return [facts(row, texts[row.id]) for row in shown if row.id in texts], following


def within(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    total = 0
    shown: list[Row[Any]] = []
    for row in rows:
        total += row.character_count
        if shown and total > MOST_CHARACTERS:
            break
        shown.append(row)
    return shown


def facts(row: Row[Any], whole: Row[Any]) -> dict[str, Any]:
    conversation = load_conversation(whole, row.conversation_id)
    path = [conversation.messages[place] for place in shown_path(conversation.messages)]
    messages = [{"role": message.role, "content": message.content} for message in path]
    return {"id": row.conversation_id, "model": row.model, "messages": messages, "chosen": bool(row.is_chosen)}


def answers(wanted: Sequence[str], chosen: Sequence[Chosen]) -> list[dict[str, Any]]:
    by_id = {one.conversation_id: one for one in chosen}
    return [answer(by_id[own_id]) for own_id in wanted if own_id in by_id]


def answer(one: Chosen) -> dict[str, Any]:
    refused = {"status": one.problem.status, "reason": one.problem.message} if one.problem else {}
    return {"conversation_id": one.conversation_id, "result": one.outcome, **refused}
