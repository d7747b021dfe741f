"""One conversation of an export as it would be kept: the anonymiser runs for this page only, and nothing of what it makes is stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from sharelm.errors import NotFound
from sharelm.ingest.merge import shown_path
from sharelm.keys import content_digest
from sharelm.store import export_candidate as candidates
from sharelm.store.candidate_json import load_conversation
from sharelm.store.engine import read
from sharelm.vocabulary import Message
from sharelm.web.current import server
from sharelm.web.limits import TokenBuckets, too_many
from sharelm.web.pages import shown
from sharelm.web.pages.history import NO_SUCH, blueprint, find, line, read_number
from sharelm.web.pages.markup import Renderer
from sharelm.web.pages.one_conversation import copy_icon
from sharelm.web.pages.visitor import contributor_id

if TYPE_CHECKING:
    from sharelm import ShareLM

PREVIEWS_PER_MINUTE = 60
MOST_CHARACTERS = 100_000  # that are anonymised while somebody waits
MOST_MESSAGES = 200
LIMIT = "sharelm.previews"


def prepare(app: ShareLM) -> None:
    app.extensions[LIMIT] = TokenBuckets(PREVIEWS_PER_MINUTE)


@blueprint.get("/your-data/history/<public_id>/<candidate>")
def preview(public_id: str, candidate: str) -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        export = find(connection, public_id, owner)
        row = candidates.select_by_id(connection, export.id, read_number(candidate))
    if row is None:
        raise NotFound(NO_SUCH)
    wait = current_app.extensions[LIMIT].take(str(owner).encode())
    if wait:
        raise too_many(wait)
    conversation = load_conversation(row, row.conversation_id)
    path = [conversation.messages[place] for place in shown_path(conversation.messages)]
    return render_template("history/preview.html", export=export, line=line(row), beside=len(conversation.messages) - len(path), **seen(path))


def seen(path: Sequence[Message]) -> dict[str, Any]:
    """The first messages with labels in place of what was found, as far as a page goes."""
    from sharelm.anonymise.engine import anonymise_texts  # a second to load, and only this page needs it

    begun = beginning(path)
    salt = secrets.token_hex(16)
    found = anonymise_texts(
        [message.content for message in begun],
        digest=lambda text: content_digest(server().keys, salt, text),
        roles=[message.role for message in begun],
        names=server().names_run,
    )
    forms = zip(begun, found.texts, found.redactions, strict=True)
    messages = [replace(message, content=text, redactions=count, digest=salt) for message, text, count in forms]
    renderer = Renderer(shown.label_words, copy_icon=copy_icon())
    said = [replace(shown.spoken(message, key="", model=None, reason="", renderer=renderer), is_answer=False) for message in messages]
    is_cut = len(begun) < len(path) or any(len(short.content) < len(whole.content) for short, whole in zip(begun, path, strict=False))
    title = shown.first_words(messages[0].content if messages else None)
    return {"title": title, "messages": said, "legend": shown.legend(messages), "is_cut": is_cut, "total": len(path)}


def beginning(path: Sequence[Message]) -> list[Message]:
    """So that a page takes about the same time and memory, however long the conversation is."""
    left, begun = MOST_CHARACTERS, []
    for message in path[:MOST_MESSAGES]:
        begun.append(replace(message, content=message.content[:left]))
        left -= len(message.content)
        if left <= 0:
            break
    return begun
