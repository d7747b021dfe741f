"""Copies of one conversation: the row as it will be released, and files with what its contributor gave, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.download.rows import whole_facts
from sharelm.errors import English, NotFound
from sharelm.ingest.merge import shown_path
from sharelm.keys import pseudonym, user_digest
from sharelm.release.licences import licence_by_model
from sharelm.release.one import publish_one
from sharelm.store import contributor as contributors
from sharelm.store import release as releases
from sharelm.store.engine import read
from sharelm.vocabulary import Message, PiiSpan, Role
from sharelm.web.current import now, server
from sharelm.web.limits import TokenBuckets, too_many
from sharelm.web.own_text import messages_of, path_of, reasons_of
from sharelm.web.pages import shown
from sharelm.web.pages.one_conversation import find_standing, keys_of
from sharelm.web.pages.visitor import contributor_id

if TYPE_CHECKING:
    from sharelm import ShareLM

DOWNLOADS_PER_MINUTE = 60
LIMITS = "sharelm.copy_limits"
RATINGS = {1: "good", -1: "poor"}

blueprint = Blueprint("copies", __name__)


def prepare(app: ShareLM) -> None:
    app.extensions[LIMITS] = TokenBuckets(DOWNLOADS_PER_MINUTE)


@blueprint.get("/conversations/<public_id>/json")
def row(public_id: str) -> ResponseReturnValue:
    """The row as it will be released, to look at."""
    kept = find(public_id)
    text = released_row(kept)
    return render_template("conversations/json.html", row=kept, title=title_of(kept), text=text, state=row_state(kept))


@blueprint.get("/conversations/<public_id>/row.json")
def row_file(public_id: str) -> ResponseReturnValue:
    """The same as a file."""
    kept = find(public_id)
    count_download(kept)
    text = released_row(kept)
    if text is None:
        raise NotFound(English("There is nothing to release of this conversation yet."))
    return as_file(text, kept, "row.json", "application/json")


@blueprint.get("/conversations/<public_id>/conversation.json")
def json_file(public_id: str) -> ResponseReturnValue:
    """Everything that is kept of it for its contributor: other versions, ratings and reasons too."""
    kept = find(public_id)
    count_download(kept)
    return as_file(dumped(everything_of(kept)), kept, "json", "application/json")


@blueprint.get("/conversations/<public_id>/conversation.md")
def markdown_file(public_id: str) -> ResponseReturnValue:
    """The messages that are shown, to read."""
    kept = find(public_id)
    count_download(kept)
    text = "\n\n".join(block for message in path_of(server().keys, kept) for block in markdown_blocks(message, model=kept.model))
    return as_file(text + "\n", kept, "md", "text/markdown; charset=utf-8")


def find(public_id: str) -> Row[Any]:
    owner = contributor_id()
    with read(server().engine) as connection:
        return find_standing(connection, owner, public_id)


def everything_of(kept: Row[Any]) -> dict[str, Any]:
    """For its owner alone: what waits for the anonymiser is there as it was given."""
    keys = server().keys
    messages = messages_of(keys, kept)
    return whole_facts(kept, messages, keys=keys_of(kept, messages), shown=set(shown_path(messages)), reasons=reasons_of(keys, kept))


def count_download(kept: Row[Any]) -> None:
    """Raises 429 with the time to wait."""
    wait = current_app.extensions[LIMITS].take(str(kept.contributor_id).encode())
    if wait:
        raise too_many(wait)


def released_row(kept: Row[Any]) -> str | None:
    config = server().config
    with read(server().engine) as connection:
        versions = [one.version for one in releases.select_releases(connection)]
        giver = contributors.select_by_id(connection, kept.contributor_id)
    row = publish_one(
        kept,
        giver,
        pseudonym=lambda contributor: pseudonym(server().keys, contributor),
        licence=licence_by_model(config.licence, config.instance),
        words=words_of_releases,
        releases=versions,
        now=now(),
    )
    return dumped(row) if row is not None else None


def words_of_releases() -> Callable[[str | None], str | None]:
    # Imported here because Arrow and the detectors take a moment to load, and few pages need them.
    from sharelm.release.public_words import public_words

    return public_words(server().engine, find_spans=find_watched, user_digest=lambda word: user_digest(server().keys, word))


def find_watched(word: str) -> Sequence[PiiSpan]:
    from sharelm.anonymise import watched

    return watched.find_watched(word)


def row_state(kept: Row[Any]) -> str:
    """Why the row looks as it does: a sentence of the template."""
    if kept.pending is not None:
        return "newer-form-coming" if kept.published is not None else "not-anonymised"
    if kept.stage == "rejected" or (kept.stage == "anonymised" and kept.flags):
        return "in-no-release"
    return "next-release"


def title_of(kept: Row[Any]) -> str:
    path = path_of(server().keys, kept)
    return shown.first_words(path[0].content if path else None)


def markdown_blocks(message: Message, *, model: str | None) -> Iterator[str]:
    """In English, as all files are."""
    speaker = (message.model or model if message.role is Role.ASSISTANT else None) or shown.SPEAKERS[message.role]
    facts = [f"{message.sent_at.day} {message.sent_at:%b %Y, %H:%M} UTC"] if message.sent_at else []
    facts += [f"rated {RATINGS[message.rating]}"] if message.rating else []
    yield f"## {speaker}"
    if facts:
        yield f"*{', '.join(facts)}*"
    yield message.content


def dumped(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2, default=_as_text) + "\n"


def as_file(text: str, kept: Row[Any], ending: str, content_type: str) -> Response:
    """Its name says nothing of what is in it."""
    name = f"sharelm-{kept.public_id[:8]}.{ending}"
    return Response(text, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _as_text(value: object) -> str:
    assert isinstance(value, datetime)
    return f"{value:%Y-%m-%dT%H:%M:%SZ}"
