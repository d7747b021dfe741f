"""The list of one's own conversations: search, filters, order, page by page; and what is done with the selected ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from sharelm.errors import English
from sharelm.store import listing, search
from sharelm.store.engine import read
from sharelm.store.listing import Wanted
from sharelm.store.words import terms_of
from sharelm.web.current import now, server
from sharelm.web.cursor import read_place, sign_place
from sharelm.web.htmx import is_htmx
from sharelm.web.own_text import hide_in
from sharelm.web.pages import shown
from sharelm.web.pages.asked import CHOICES, STAGES, Asked, read_asked
from sharelm.web.pages.conversations import blueprint
from sharelm.web.pages.figures import language_name, platform_name
from sharelm.web.pages.visitor import contributor_id
from sharelm.web.pages.withdrawals import find_act
from sharelm.web.recent import Recent
from sharelm.withdraw.withdrawal import receipt_tokens

if TYPE_CHECKING:
    from sharelm import ShareLM

PAGE = 50
KINDS_SEEN = "sharelm.kinds-seen"
MOST_SELECTED = 200  # conversations at once
WORDS = {"platform": English("Platform"), "model": English("Model"), "language": English("Language")}
LABELS: dict[str, Callable[[str], str]] = {"platform": platform_name, "model": str, "language": language_name}
ALWAYS_SHOWN = {"received", "anonymised", "approved", "released", "withdrawn"}


def prepare(app: ShareLM) -> None:
    app.extensions[KINDS_SEEN] = Recent[dict[str, list[str]]]()


@blueprint.get("/conversations")
def index() -> ResponseReturnValue:
    owner, asked = contributor_id(), read_asked(request.args)
    cursor = request.args.get("cursor") or None
    if not is_htmx() and any(not value for value in request.args.values()):
        return redirect(asked.address(), 303)  # a form sends its empty fields, too: an address to share has none
    if is_htmx() and cursor:
        # Whoever opens a row and comes back begins where they were.
        here = url_for("conversations.index", cursor=cursor, **asked.query())  # type: ignore[arg-type]
        return render_template("conversations/_rows.html", is_more=True, **rows_facts(owner, asked, cursor)), {"HX-Replace-Url": here}
    if is_htmx():
        return region(owner, asked, has_changed=True), {"HX-Push-Url": asked.address()}
    act = find_act(owner, request.args.get("withdrawal"))
    return render_template("conversations/index.html", act=act, **list_facts(owner, asked, cursor))


def region(owner: int, asked: Asked, **facts: Any) -> str:
    """The list with what stands around it, for htmx."""
    return render_template("conversations/_list.html", **facts, **list_facts(owner, asked, None))


def list_facts(owner: int, asked: Asked, cursor: str | None) -> dict[str, Any]:
    """A page of rows, and what the form, the tabs and the chips need."""
    with read(server().engine) as connection:
        stages = listing.count_stages(connection, contributor_id=owner)
        kinds = known_kinds(connection, owner, stages)
        rows = page_facts(connection, owner, asked, cursor)
        found = count_found(connection, owner, rows["wanted"], stages)
    return {
        **rows,
        "found": found,
        "is_first_page": cursor is None,
        "total": sum(stages.values()),
        "tabs": [(name, word, stages[name]) for name, word in STAGES.items() if name in ALWAYS_SHOWN or stages[name] or name == asked.stage],
        "choices": CHOICES,
        "kinds": [choice(name, asked, kinds[name]) for name in listing.KINDS],
        "most_selected": MOST_SELECTED,
    }


def known_kinds(connection: Connection, owner: int, stages: Mapping[str, int]) -> dict[str, list[str]]:
    """What the form offers. Found anew where a count has changed, or after a minute: looking costs as much as all else of a page."""
    recent: Recent[dict[str, list[str]]] = current_app.extensions[KINDS_SEEN]
    key = (owner, *sorted(stages.items()))
    return recent.get(key) or recent.put(key, listing.select_kinds(connection, contributor_id=owner))


def count_found(connection: Connection, owner: int, wanted: Wanted, stages: Mapping[str, int]) -> int:
    if wanted == Wanted(stage=wanted.stage):
        return stages[wanted.stage] if wanted.stage else sum(stages.values())
    return listing.count_listed(connection, wanted, contributor_id=owner)


def rows_facts(owner: int, asked: Asked, cursor: str) -> dict[str, Any]:
    with read(server().engine) as connection:
        return page_facts(connection, owner, asked, cursor)


def page_facts(connection: Connection, owner: int, asked: Asked, cursor: str | None) -> dict[str, Any]:
    after = read_place(cursor, asked.order)
    found = search.find(connection, terms_of(asked.q), contributor_id=owner) if asked.q else None
    wanted = asked.wanted(row_ids=found)
    rows = listing.select_listed(connection, wanted, contributor_id=owner, order=asked.order, after=after, limit=PAGE + 1)
    tokens = receipt_tokens(connection, server().keys, [row.id for row in rows if row.withdrawn_at is not None])
    at, hide = now(), partial(hide_in, server().keys)
    return {
        "asked": asked,
        "wanted": wanted,
        "lines": [shown.line(row, now=at, hide=hide, receipt=tokens.get(row.id)) for row in rows[:PAGE]],
        "cursor": sign_place(asked.order, listing.position(rows[PAGE - 1], asked.order)) if len(rows) > PAGE else None,
    }


def choice(name: str, asked: Asked, values: Sequence[str]) -> dict[str, Any]:
    """A field of the form with what there is to choose; what is asked for is among it in any case."""
    label, chosen = LABELS[name], getattr(asked, name)
    every = {*values, chosen} if chosen else set(values)
    return {
        "name": name,
        "word": WORDS[name],
        "chosen": chosen,
        "options": sorted(((value, label(value)) for value in every), key=lambda option: option[1].casefold()),
    }
