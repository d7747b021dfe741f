"""Bring your history: send an export of one's own from another service, watch it being read, choose what to give, erase the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.consent.record import record_consent_of
from sharelm.consent.texts import current_text
from sharelm.errors import ConsentNeeded, English, InvalidPayload, NotFound, ShareLMError
from sharelm.ingest.exports.choose import give_chosen
from sharelm.ingest.exports.problems import SKIPPED, sentence
from sharelm.store import contributor as contributors
from sharelm.store import export_candidate as candidates
from sharelm.store import own_export as own_exports
from sharelm.store.candidate_json import TEXTS_BETWEEN
from sharelm.store.engine import read, write
from sharelm.store.types import EPOCH, to_micros
from sharelm.vocabulary import Outcome
from sharelm.web.current import now, server
from sharelm.web.cursor import read_place, sign_place
from sharelm.web.htmx import is_htmx, vary
from sharelm.web.language import gettext, locale, translated
from sharelm.web.pages import shown
from sharelm.web.pages.figures import platform_name
from sharelm.web.pages.one_conversation import PUBLIC_ID
from sharelm.web.pages.texts import render_markdown
from sharelm.web.pages.visitor import contributor_id
from sharelm.web.pages.wording import number
from sharelm.web.received_file import receive

PAGE = 50
ORDER = "history"
LONGEST_QUERY = 200
MOST_DIGITS = 18
NO_SUCH = English("There is no such export among yours. It is erased after a day, and as soon as you say so; send it anew.")
NOTHING_CHOSEN = English("Nothing was selected, and nothing was given. Tick the conversations first.")

WHERE = (
    ("ChatGPT", English("Settings, Data controls, Export data. A link to a ZIP comes by e-mail.")),
    ("Claude", English("Settings, Privacy, Export data. Large exports come as several ZIP files: send each.")),
    (
        "Gemini",
        English("Google Takeout, My Activity, only Gemini Apps, and JSON under “Multiple formats”. Your Google account has to be in English."),
    ),
    ("Open WebUI", English("Settings, Chats, Export chats.")),
    ("LibreChat", English("In a conversation: Share, Export, format JSON.")),
    ("Chatbot UI", English("Export data, at the foot of the list of chats.")),
    (English("Others"), English("ShareGPT files, and OpenAI’s JSON Lines for fine-tuning.")),
)

blueprint = Blueprint("history", __name__)
blueprint.after_request(vary)


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation to choose. `number` names it in addresses, which say nothing of what is in it."""

    number: int
    title: str
    model: str | None
    message_count: int
    at: datetime | None
    is_chosen: bool


@blueprint.get("/your-data/history")
def index() -> ResponseReturnValue:
    return page(contributor_id())


@blueprint.post("/your-data/history")
def send() -> ResponseReturnValue:
    owner = contributor_id()
    try:
        public_id = receive(owner)
    except ConsentNeeded:
        return redirect(url_for("history.index"), 303)
    except ShareLMError as problem:
        if problem.status in {429, 503}:
            raise
        return page(owner, problem=problem.message), problem.status
    return redirect(url_for("history.show", public_id=public_id), 303)


@blueprint.post("/your-data/history/agree")
def agree() -> ResponseReturnValue:
    """The agreement that one gives on this page: to the text that stands on it, by somebody of 18 or older."""
    owner = contributor_id()
    text = current_text(server().consent_facts, request.form.get("language", ""))
    if request.form.get("version") != text.version or not request.form.get("is_agreed"):
        return page(owner, is_agreement_missing=True), 422
    with write(server().engine) as connection:
        record_consent_of(connection, owner, text, now=now())
    return redirect(url_for("history.index"), 303)


@blueprint.get("/your-data/history/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """For the page that asks again and again only the region that changes."""
    owner = contributor_id()
    with read(server().engine) as connection:
        facts = export_facts(connection, find(connection, public_id, owner))
    template = "history/_region.html" if is_htmx() else "history/show.html"
    return render_template(template, is_asked_again=is_htmx(), **facts)


@blueprint.post("/your-data/history/<public_id>/choose")
def choose(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    with read(server().engine) as connection:
        export = find(connection, public_id, owner)
        row_ids = read_chosen(connection, export)
    try:
        given = give_chosen(server().engine, server().own_door, row_ids, contributor_id=owner, clock=now)
    except ConsentNeeded:
        return redirect(url_for("history.index"), 303)
    refused = sum(one.outcome is Outcome.REFUSED for one in given)
    kept: dict[str, Any] = {name: request.args.get(name) for name in ("q", "cursor")}
    return redirect(url_for("history.show", public_id=public_id, given=len(given) - refused, refused=refused or None, **kept), 303)


@blueprint.post("/your-data/history/<public_id>/erase")
def erase(public_id: str) -> ResponseReturnValue:
    owner = contributor_id()
    with write(server().engine) as connection:
        find(connection, public_id, owner)
        own_exports.discard(connection, public_id, contributor_id=owner, now=now())
    return redirect(url_for("history.index", done="erased"), 303)


def find(connection: Connection, public_id: str, owner: int) -> Row[Any]:
    """Raises NotFound where there is none, and just so where it is somebody else's."""
    found = PUBLIC_ID.fullmatch(public_id) and own_exports.select_own(connection, public_id, contributor_id=owner, now=now())
    if not found:
        raise NotFound(NO_SUCH)
    return found


def page(owner: int, *, problem: str | None = None, is_agreement_missing: bool = False) -> str:
    with read(server().engine) as connection:
        giver = contributors.select_by_id(connection, owner)
        exports = own_exports.select_all_own(connection, contributor_id=owner, now=now())
    consent = current_text(server().consent_facts, locale().language)
    has_agreed = giver.consent_ended_at is None and giver.consent_version == consent.version
    return render_template(
        "history/index.html",
        exports=[(row, own_exports.state_of(row), name_of(row)) for row in exports],
        problem=problem,
        where=WHERE,
        has_agreed=has_agreed,
        consent=consent,
        terms=None if has_agreed else render_markdown(consent.text)[0],
        is_agreement_missing=is_agreement_missing,
        done=request.args.get("done"),
    )


def export_facts(connection: Connection, export: Row[Any]) -> dict[str, Any]:
    state = own_exports.state_of(export)
    facts: dict[str, Any] = {"export": export, "state": state, "name": name_of(export), "skipped": skipped_words(export)}
    if state == "failed":
        return facts | {"problem": sentence(export.problem)}
    if state == "reading":
        return facts
    words, after = read_query(), read_place(request.args.get("cursor"), ORDER)
    rows = candidates.select_sizes(connection, export.id, words=words, after=after, limit=PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return facts | {
        "lines": [line(row) for row in rows[:PAGE]],
        "following": sign_place(ORDER, (to_micros(last.at), last.id)) if last is not None else None,
        "is_first_page": after is None,
        "q": request.args.get("q", "").strip(),
        "cursor": request.args.get("cursor"),
        "found": candidates.count_candidates(connection, export.id, words=words) if words else export.found,
        "chosen": candidates.count_chosen(connection, export.id),
        "given": count_in_address("given"),
        "refused": count_in_address("refused"),
    }


def read_query() -> list[str]:
    """Every word that is looked for. Raises InvalidPayload for what cannot stand in a text."""
    asked = request.args.get("q", "")
    if len(asked) > LONGEST_QUERY or "\x00" in asked:
        raise InvalidPayload(English("%(name)s must be a text of at most %(most)s characters.", name="q", most=LONGEST_QUERY))
    return asked.split()


def read_chosen(connection: Connection, export: Row[Any]) -> list[int]:
    """The conversations that were ticked. Raises InvalidPayload for none, NotFound for what is not in this export."""
    ticked = list(dict.fromkeys(request.form.getlist("id")))
    if not ticked:
        raise InvalidPayload(NOTHING_CHOSEN)
    row_ids = [read_number(one) for one in ticked[: PAGE + 1]]
    if len(ticked) > PAGE or len(candidates.select_conversation_ids(connection, export.id, row_ids)) != len(ticked):
        raise NotFound(NO_SUCH)
    return row_ids


def read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise NotFound(NO_SUCH)
    return int(text)


def count_in_address(name: str) -> int:
    """For the note above the list: it says only how many."""
    return min(max(request.args.get(name, 0, type=int), 0), PAGE)


def line(row: Row[Any]) -> Line:
    title = shown.first_words(row.opening.partition(TEXTS_BETWEEN)[0])
    return Line(row.id, title, row.model, row.message_count, row.at if row.at > EPOCH else None, bool(row.is_chosen))


def name_of(export: Row[Any]) -> str:
    return gettext("Export from %(platform)s", platform=platform_name(export.platform)) if export.platform else gettext("Export")


def skipped_words(export: Row[Any]) -> Sequence[str]:
    """How many were left out for which reason, as in `3 without an answer`."""
    counts = own_exports.skipped_in(export)
    return [f"{number(count)} {translated(SKIPPED.get(reason, SKIPPED['unreadable']))}" for reason, count in sorted(counts.items())]
