"""One conversation as its page shows it, and what the forms on that page answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection, Row

from sharelm.errors import English, NotFound
from sharelm.ingest.accept import message_digest
from sharelm.ingest.merge import beside_path, shown_path, without_last_turn
from sharelm.release.licences import licence_by_model
from sharelm.store import conversation as conversations
from sharelm.store.engine import read
from sharelm.store.identity import message_keys
from sharelm.vocabulary import Message, Role
from sharelm.web.current import now, server
from sharelm.web.htmx import is_htmx
from sharelm.web.own_text import messages_of, reasons_of
from sharelm.web.pages import shown
from sharelm.web.pages.markup import Renderer
from sharelm.withdraw.withdrawal import receipt_tokens

PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
NO_SUCH = English("There is no such conversation among yours.")
PART = 200  # messages on a page
DONE = {"hidden": English("Hidden"), "deleted": English("Deleted"), "reason": English("Saved")}
"""What the address may say was done, and the word that the page begins with."""


def find_own(connection: Connection, owner: int, public_id: str, *, for_change: bool = False) -> Row[Any]:
    """Raises NotFound where there is none, and just so where it is somebody else's."""
    found = PUBLIC_ID.fullmatch(public_id) and conversations.select_own(connection, contributor_id=owner, public_id=public_id, for_change=for_change)
    if not found:
        raise NotFound(NO_SUCH)
    return found


def find_standing(connection: Connection, owner: int, public_id: str, *, for_change: bool = False) -> Row[Any]:
    """As `find_own`, where a withdrawn one has nothing more to show or to change."""
    row = find_own(connection, owner, public_id, for_change=for_change)
    if row.withdrawn_at is not None:
        raise NotFound(NO_SUCH)
    return row


def answer(owner: int, public_id: str, *, done: str | None = None) -> ResponseReturnValue:
    """After a change: the region that changed, announced and with the focus; for plain forms the page again."""
    if is_htmx():
        return render_template(
            "conversations/_region.html", has_changed=True, done=DONE.get(done or ""), is_deleted=done == "deleted", **facts(owner, public_id)
        )
    return redirect(url_for("conversations.show", public_id=public_id, done=done, part=asked_part(), _anchor="correct" if done else None), 303)


def asked_part() -> int | None:
    """Which part of a long conversation the address asks for; None for the first, which no address names."""
    part = request.args.get("part", 1, type=int)
    return part if part > 1 else None


def facts(owner: int, public_id: str) -> dict[str, Any]:
    with read(server().engine) as connection:
        row = find_own(connection, owner, public_id)
        if row.withdrawn_at is not None:
            tokens = receipt_tokens(connection, server().keys, [row.id])
            return {"line": shown.withdrawn_line(row, now=now(), receipt=tokens.get(row.id))}
    messages = messages_of(server().keys, row)
    path = shown_path(messages)
    part = part_of(path, asked_part())
    config = server().config
    return {
        "row": row,
        "title": shown.first_words(messages[path[0]].content if path else None),
        "messages": spoken_messages(row, messages, path, part),
        "part": part,
        "reason": reasons_of(server().keys, row).get("", ""),
        "legend": shown.legend(messages[place] for place in path),
        "path": shown.path(row, now=now(), is_automatic=config.review == "auto"),
        "licence": licence_by_model(config.licence, config.instance)(row.model or ""),
        **turn_facts(row, messages, path),
    }


@dataclass(frozen=True, slots=True)
class Part:
    """The messages `start` to `end` of `total`, which a page shows; parts are numbered from 1."""

    start: int
    end: int
    total: int

    @property
    def number(self) -> int:
        return self.start // PART + 1


def part_of(path: Sequence[int], asked: int | None) -> Part:
    """The part that is asked for, or the last one where there are fewer."""
    last = max(len(path) - 1, 0) // PART
    start = min((asked or 1) - 1, last) * PART
    return Part(start, min(start + PART, len(path)), len(path))


def spoken_messages(row: Row[Any], messages: Sequence[Message], path: Sequence[int], part: Part) -> list[shown.Spoken]:
    """A part of the path, each message with the other versions that stand beside it."""
    keys, reasons = keys_of(row, messages), reasons_of(server().keys, row)
    renderer = Renderer(shown.label_words, copy_icon=copy_icon())

    def speak(place: int, versions: tuple[tuple[shown.Spoken, ...], ...] = ()) -> shown.Spoken:
        key = keys[place]
        said = shown.spoken(messages[place], key=key, model=row.model, reason=reasons.get(key, ""), renderer=renderer)
        return replace(said, versions=versions)

    beside = beside_path(messages, path) if path else {}
    return [
        speak(place, tuple(tuple(speak(other) for other in version) for version in beside.get(place, ()))) for place in path[part.start : part.end]
    ]


def turn_facts(row: Row[Any], messages: Sequence[Message], path: Sequence[int]) -> dict[str, Any]:
    """The last turn: what deleting it would delete, and the name of the last message as it is seen now."""
    cut = without_last_turn(messages)
    if cut is None:
        return {"turn": None}
    asked = next(place for place in reversed(path) if messages[place].role is Role.USER)
    turn = {"count": len(cut[1]), "title": shown.first_words(messages[asked].content), "last": keys_of(row, messages)[path[-1]]}
    return {"turn": turn}


def keys_of(row: Row[Any], messages: Sequence[Message]) -> list[str]:
    return message_keys(messages, message_digest(server().keys, row.public_id))


def copy_icon() -> Markup:
    macros: Any = current_app.jinja_env.get_template("macros.html").module
    return Markup(macros.icon("copy"))
