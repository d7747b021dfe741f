"""What waits for a reviewer: a list, the riskiest first or a sample, and beside it the conversation that is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.anonymise.risk import Level
from sharelm.errors import English, NotFound
from sharelm.review.decide import Sample, find_sample
from sharelm.store import audit
from sharelm.store import review_queue as waiting
from sharelm.store.engine import read
from sharelm.store.message_json import load_messages
from sharelm.store.review_queue import Queue
from sharelm.vocabulary import Message, Rejection
from sharelm.web.current import now, server
from sharelm.web.pages import shown
from sharelm.web.pages.figures import language_name, platform_name
from sharelm.web.pages.markup import Renderer
from sharelm.web.pages.one_conversation import PUBLIC_ID, copy_icon
from sharelm.web.review.visitor import current_reviewer

if TYPE_CHECKING:
    from sharelm import ShareLM

PAGE = 25
MOST_PAGES = 100_000  # beyond, a database cannot count
MOST_MESSAGES = 400
RISKS = {Level.HIGH: English("High risk"), Level.RAISED: English("Raised risk"), Level.LOW: English("Low risk")}
RISK_WORDS = {str(int(level)): words for level, words in RISKS.items()}
REASONS = {
    "grave": English("number or address of one person"),
    "many-kinds": English("many kinds of data"),
    "many-places": English("many places replaced"),
    "many-persons": English("many names"),
    "employer": English("employer"),
    "town": English("town"),
    "occupation": English("occupation"),
    "age": English("age"),
    "family": English("family"),
    "health": English("health"),
    "school": English("school"),
    "long-numbers": English("long numbers left"),
    "combination": English("fits few people"),
    "without-names": English("names were not looked for"),
}
FLAGS = {
    "empty": English("empty"),
    "one-sided": English("one-sided"),
    "provider-error": English("error of the chat site"),
}
MARKS = {
    waiting.TOXIC: English("toxic"),
    waiting.NEAR_DUPLICATE: English("nearly the same as another"),
    "flood": English("one of very many from one contributor"),
    "not-in-turn": English("roles not in turn"),
    "few-turns": English("few turns"),
}
MOST_FELLOWS = 5
REJECTIONS = {
    Rejection.PRIVATE: English("It says too much about somebody"),
    Rejection.HARMFUL: English("It is dangerous or illegal"),
    Rejection.COPYRIGHT: English("It holds somebody else’s work"),
    Rejection.SPAM: English("It is spam, or made to fill the dataset"),
    Rejection.NO_CONVERSATION: English("It is no conversation"),
    Rejection.OTHER: English("Something else"),
}
CONTRIBUTOR = English("Contributor")
NO_SUCH_HERE = English("There is no such conversation to look at: it was withdrawn, or it is not anonymised yet.")

blueprint = Blueprint("review", __name__)


def prepare(app: ShareLM) -> None:
    app.jinja_env.globals.update(risk_words=RISK_WORDS, risk_reasons=REASONS, flag_words=FLAGS, mark_words=MARKS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, as words; `order` is `sample` or `risk` where there is a sample to draw."""

    risk: str | None = None
    reason: str | None = None
    flag: str | None = None
    mark: str | None = None
    order: str | None = None

    def query(self, **changed: str | None) -> dict[str, str]:
        pairs = {name: getattr(self, name) for name in self.__slots__} | changed
        return {name: value for name, value in pairs.items() if value}

    def queue(self) -> Queue:
        return Queue(
            risk=int(self.risk) if self.risk else None,
            reason=self.reason,
            flag=self.flag,
            mark=self.mark,
            is_sample=self.order == "sample",
        )


def read_asked(given: Mapping[str, str]) -> Asked:
    """What is none of ours is not asked for."""
    is_sampling = server().config.review == "sample"
    return Asked(
        risk=given.get("risk") if given.get("risk") in RISK_WORDS else None,
        reason=given.get("reason") if given.get("reason") in REASONS else None,
        flag=given.get("flag") if given.get("flag") in FLAGS else None,
        mark=given.get("mark") if given.get("mark") in MARKS else None,
        order="sample" if is_sampling and given.get("order", "sample") == "sample" else "risk" if is_sampling else None,
    )


@blueprint.get("/review")
def index() -> ResponseReturnValue:
    current_reviewer()
    asked = read_asked(request.args)
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    with read(server().engine) as connection:
        rows = waiting.select_queue(connection, asked.queue(), limit=PAGE + 1, after=(page - 1) * PAGE)
        opened = find_opened(connection, rows[:PAGE])
        fellows = waiting.select_fellows(connection, opened.id, limit=MOST_FELLOWS) if opened is not None else []
        facts = queue_facts(connection, asked)
    lines = [line(row) for row in rows[:PAGE]]
    back = asked.query(page=str(page) if page > 1 else None)
    shown_facts = conversation_facts(opened, back=back, fellows=fellows) if opened is not None else {"row": None}
    return render_template(
        "review/index.html",
        asked=asked,
        lines=lines,
        page=page,
        has_more=len(rows) > PAGE,
        next_id=next_of(lines, opened),
        **facts,
        **shown_facts,
    )


@blueprint.get("/review/conversations/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """One conversation at whatever stage: what a report is about."""
    current_reviewer()
    with read(server().engine) as connection:
        row = find_reviewed(connection, public_id)
        entries = audit.select_entries(connection, limit=20, public_id=public_id)
        fellows = waiting.select_fellows(connection, row.id, limit=MOST_FELLOWS)
    return render_template("review/show.html", entries=entries, **conversation_facts(row, back={}, fellows=fellows))


def find_opened(connection: Connection, rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """The one that the address names, else the first of the page."""
    named = request.args.get("open", "")
    if PUBLIC_ID.fullmatch(named):
        return waiting.select_for_review(connection, named)
    return waiting.select_for_review(connection, rows[0].public_id) if rows else None


def next_of(lines: Sequence[Mapping[str, Any]], opened: Row[Any] | None) -> str | None:
    """The one below the opened one."""
    ids = [line["public_id"] for line in lines]
    place = ids.index(opened.public_id) + 1 if opened is not None and opened.public_id in ids else 0
    return ids[place] if place < len(ids) else None


def find_reviewed(connection: Connection, public_id: str, *, for_change: bool = False) -> Row[Any]:
    """Raises NotFound where nothing may be looked at: not there, withdrawn, or not yet anonymised."""
    row = waiting.select_for_review(connection, public_id, for_change=for_change) if PUBLIC_ID.fullmatch(public_id) else None
    if row is None:
        raise NotFound(NO_SUCH_HERE)
    return row


def queue_facts(connection: Connection, asked: Asked) -> dict[str, Any]:
    counts = waiting.count_by_risk(connection)
    oldest = waiting.select_oldest(connection)
    sample: Sample | None = find_sample(connection, size=server().config.review_sample) if server().config.review == "sample" else None
    return {
        "total": sum(counts.values()),
        "found": waiting.count_queue(connection, asked.queue()),
        "counts": {str(int(level)): counts.get(level, 0) for level in RISKS},
        "age": age_of(oldest),
        "sample": sample,
    }


def age_of(oldest: datetime | None) -> int | None:
    """Whole days that the oldest one waits."""
    return (now() - oldest).days if oldest is not None else None


def line(row: Row[Any]) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "title": shown.first_words(shown.opening_text(None, row.kept_opening)),
        "message_count": row.message_count,
        "risk": row.risk or 0,
        "reasons": (row.risk_reasons or "").split(),
        "flags": row.flags.split(),
        "marks": marks_of(row, has_fellows=row.has_fellows),
        "is_again": row.rejection is not None,
    }


def marks_of(row: Row[Any], *, has_fellows: bool) -> list[str]:
    is_toxic = row.toxic_found if row.toxic is None else row.toxic
    found = {waiting.TOXIC: is_toxic, waiting.NEAR_DUPLICATE: has_fellows} | dict.fromkeys((row.marks or "").split(), True)
    return [mark for mark in MARKS if found.get(mark)]


def conversation_facts(row: Row[Any], *, back: Mapping[str, str], fellows: Sequence[str] = ()) -> dict[str, Any]:
    """Of the anonymised form alone: what still waits for the anonymiser is nobody's to see."""
    messages = load_messages(row.messages)
    renderer = Renderer(shown.label_words, copy_icon=copy_icon())
    return {
        "row": row,
        "title": shown.first_words(messages[0].content if messages else None),
        "messages": [spoken(message, row, renderer) for message in messages[:MOST_MESSAGES]],
        "more": max(len(messages) - MOST_MESSAGES, 0),
        "legend": shown.legend(messages),
        "reasons": (row.risk_reasons or "").split(),
        "flags": row.flags.split(),
        "marks": marks_of(row, has_fellows=bool(fellows)),
        "fellows": fellows,
        "rejections": REJECTIONS,
        "rejection": (row.rejection or "").partition("\n"),
        "language": language_name(row.language) if row.language else None,
        "platform": platform_name(row.platform) if row.platform else None,
        "back": back,
    }


def spoken(message: Message, row: Row[Any], renderer: Renderer) -> shown.Spoken:
    said = shown.spoken(message, key="", model=row.model, reason="", renderer=renderer)
    return replace(said, speaker=CONTRIBUTOR) if said.is_user else said
